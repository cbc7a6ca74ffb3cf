using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Suite.Demo;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Churn.Suite.Tests.Demo;

public sealed partial class DemoCommandTests
{
    [Fact]
    public async Task Demo_WithoutKeep_ShowsFiguresThatMoveAndLeavesNothing()
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        var status = await RunAsync(["--customers", "800"], output, error, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (status, error.ToString()));
        var text = Encoding.UTF8.GetString(output.ToArray());
        var words = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches("^Serving from [^ ]+: gRPC on http://127\\.0\\.0\\.1:[0-9]+, ready after [0-9.]+ s Recorded [0-9,]+ facts about 800 customers over gRPC, durable and in the figures after", words);
        Assert.Contains("\nChurn metrics: http://127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains("= closing, exactly, in all 36 months: OK", words, StringComparison.Ordinal);

        var scenes = text.Split("Now facts come in")[1].Split("\n\n")[1..];
        Assert.StartsWith("Somebody new: cus_aurora starts on Team, 12 seats\n  the figures of the last 30 days, ", scenes[0], StringComparison.Ordinal);
        Assert.Matches("\n    MRR +[0-9,.]+  ->  +[0-9,.]+  \\+348.00\n    customers +[0-9,]+  ->  +[0-9,]+ +\\+1\n    new MRR", scenes[0]);
        Assert.StartsWith("An upgrade: cus_", scenes[1], StringComparison.Ordinal);
        Assert.Matches("\n    expansion MRR +[0-9,.]+  ->  +[0-9,.]+  \\+[0-9,.]+", scenes[1]);
        Assert.StartsWith("A loss: cus_", scenes[2], StringComparison.Ordinal);
        Assert.Matches("\n    customers +[0-9,]+  ->  +[0-9,]+ +-1\n", scenes[2]);
        Assert.Matches("\n    churned customers +[0-9,]+  ->  +[0-9,]+ +\\+1\n", scenes[2]);

        var loop = text.Split("And what is done about it")[1];
        Assert.Contains("\nApplied, not yet started: failed-payment and payment-method-expiring, with 3", loop, StringComparison.Ordinal);
        Assert.Matches("times? a customer would have entered: [0-9]+ treated, [0-9]+ held out\\.\n", loop);
        Assert.Matches("its run had begun [0-9]+ ms after the fact was sent", loop);
        Assert.Matches("\n    To +ana@cus-[0-9]{7}\\.example\\.com\n    Date .* UTC, [0-9]+ ms after it was asked for\n    Subject +Your payment for invoice INV-[0-9]{7} did not go through\n", loop);
        Assert.Matches("its run ended [0-9]+ ms after the fact was sent", loop);
        Assert.Contains("goal reached: payment_succeeded", loop, StringComparison.Ordinal);
        Assert.Contains("the message payment-failed by email of playbook failed-payment was sent", string.Join(' ', loop.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("\nWhat came of it so far, as churn playbooks results failed-payment shows it:\n", loop, StringComparison.Ordinal);
        Assert.Contains("\nThat was all, and nothing of it stays.", loop, StringComparison.Ordinal);
        Assert.False(Directory.Exists(FolderOf(text)));
    }

    [Fact]
    public async Task Demo_Keep_ServesUntilItIsToldToEndAndItsLinesWork()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new Screen();
        using var error = new StringWriter();
        var running = RunAsync(["--keep", "--customers", "500"], output, error, end.Token);
        var text = await output.WaitForAsync("Ctrl-C ends it, and nothing of it stays.\n").WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(Directory.Exists(FolderOf(text)));
        var lines = text.Split('\n').Where(l => l.StartsWith("  churn ", StringComparison.Ordinal) || l.StartsWith("  grpcurl ", StringComparison.Ordinal)).Select(l => l.Trim()).ToArray();
        Assert.Equal(9, lines.Length);

        // The first one watches; what the last one records is what it sees.
        var watching = Metrics.MetricsServer.RunAsync([.. lines[0].Split(' ')[2..], "--changes", "1"]);
        foreach (var line in lines[1..])
        {
            await TryAsync(line);
        }

        var watched = await watching;
        Assert.Equal((0, ""), (watched.Status, watched.Error));
        Assert.Contains("(+49.00)", watched.Output, StringComparison.Ordinal);
        await end.CancelAsync();
        Assert.Equal(0, await running);
        Assert.Equal("", error.ToString());
        Assert.False(Directory.Exists(FolderOf(text)));
    }

    [Theory]
    [InlineData("499")]
    [InlineData("100001")]
    [InlineData("many")]
    public void Demo_BadNumberOfCustomers_SaysWhatIsTaken(string customers) => Assert.Equal(
        $"--customers takes a whole number, 500 to 100,000, not '{customers}'.", Assert.Single(DemoCommand.Create().Parse(["--customers", customers]).Errors).Message);

    [Fact]
    public void Help_Demo_IsTheGoldenOne()
    {
        using var help = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, ChurnCommand.Read(ChurnCommand.Create(DemoCommand.Create()), ["demo", "--help"]).Invoke(new InvocationConfiguration { Output = help }));
        Golden.Matches("help-demo", help.ToString());
    }

    private static Task<int> RunAsync(string[] arguments, Stream output, TextWriter error, CancellationToken stop) =>
        DemoCommand.Create(new ReportStreams(() => Stream.Null, output, error, _ => null, Width: null)).Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = error, Error = error }, stop);

    private static string FolderOf(string text) => Served().Match(text).Groups["folder"].Value;

    // A line of churn runs as it is; of grpcurl, what it would call is called, with the same JSON.
    private static async Task TryAsync(string line)
    {
        if (line.StartsWith("churn ", StringComparison.Ordinal))
        {
            var asked = line.StartsWith("churn metrics ", StringComparison.Ordinal)
                ? await Metrics.MetricsServer.RunAsync(line.Split(' ')[2..])
                : await CommandServer.RunAsync(line.Split(' ')[1..], time: TimeProvider.System);
            Assert.Equal((0, ""), (asked.Status, asked.Error));
            return;
        }

        var call = Grpcurl().Match(line);
        Assert.True(call.Success, line);
        if (call.Groups["method"].Value == "list")
        {
            return;
        }

        using var channel = GrpcChannel.ForAddress("http://" + call.Groups["address"].Value);
        var (service, method) = (call.Groups["method"].Value.Split('/')[0], call.Groups["method"].Value.Split('/')[1]);
        var descriptor = new[] { Churn.Metrics.V1.MetricsReflection.Descriptor, Ingestion.V1.IngestionReflection.Descriptor }
            .SelectMany(f => f.Services).Single(s => s.FullName == service).FindMethodByName(method);
        var marshaller = Marshallers.Create<IMessage>(m => m.ToByteArray(), bytes => descriptor.OutputType.Parser.ParseFrom(bytes));
        var answer = await channel.CreateCallInvoker().AsyncUnaryCall(
            new Method<IMessage, IMessage>(MethodType.Unary, service, method, marshaller, marshaller), null, new CallOptions(),
            JsonParser.Default.Parse(call.Groups["json"].Value, descriptor.InputType));
        Assert.Contains(answer.ToString()!, a => a == '[');
        Assert.DoesNotContain("rejects", answer.ToString(), StringComparison.Ordinal);
    }

    [GeneratedRegex("Serving from (?<folder>[^ ]+):", RegexOptions.ExplicitCapture)]
    private static partial Regex Served();

    [GeneratedRegex("^grpcurl -plaintext (-d '(?<json>[^']+)' )?(?<address>127\\.0\\.0\\.1:[0-9]+) (?<method>[^ ]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Grpcurl();

    /// <summary>Is a stream whose reader waits for what is written.</summary>
    private sealed class Screen : MemoryStream
    {
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string? _sought;

        public Task<string> WaitForAsync(string text)
        {
            lock (_lock)
            {
                _sought = text;
                Look();
            }

            return _found.Task;
        }

        // Of a stream that is derived from this one, writing a span is writing an array.
        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (_lock)
            {
                base.Write(buffer, offset, count);
                Look();
            }
        }

        private void Look()
        {
            if (_sought is not null && Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length) is var text && text.Contains(_sought, StringComparison.Ordinal))
            {
                _found.TrySetResult(text);
            }
        }
    }
}
