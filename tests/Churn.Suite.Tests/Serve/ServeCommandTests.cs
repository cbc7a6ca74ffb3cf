using System.CommandLine;
using Churn.Cli;
using Churn.Suite.Serve;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Churn.Suite.Tests.Serve;

public sealed class ServeCommandTests
{
    [Theory]
    [InlineData("8080x")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("example.org:80")]
    [InlineData(":")]
    public void Listen_NoAddress_SaysWhatIsTaken(string listen) => Assert.Equal(
        $"--listen takes an address of this machine with a port, such as 127.0.0.1:8080, not '{listen}'.",
        Assert.Single(ServeCommand.Create().Parse(["--listen", listen]).Errors).Message);

    [Theory]
    [InlineData("8081")]
    [InlineData("localhost:8081")]
    [InlineData(":8081")]
    [InlineData("[::1]:8081")]
    [InlineData("0.0.0.0:8081")]
    public void Listen_PortOrAddress_IsTaken(string listen) => Assert.Empty(ServeCommand.Create().Parse(["--listen", listen]).Errors);

    [Theory]
    [InlineData("--http", "x", "--http takes an address of this machine with a port, such as 127.0.0.1:8081, not 'x'.")]
    [InlineData("--global-holdout", "51%", "--global-holdout takes a share such as 5%, 0% to 50%, not '51%'.")]
    [InlineData("--global-holdout", "0.1", "--global-holdout takes a share such as 5%, 0% to 50%, not '0.1'.")]
    [InlineData("--public-url", "mail.example.com", "--public-url takes an address such as https://mail.example.com, not 'mail.example.com'.")]
    [InlineData("--smtp", "user:secret@host", "--smtp takes the address of a mail server such as smtp://user:password@mail.example.com:587; what it was given is none.")]
    public void Option_BadValue_SaysWhatIsTaken(string option, string value, string message) =>
        Assert.Equal(message, Assert.Single(ServeCommand.Create().Parse([option, value]).Errors).Message);

    [Fact]
    public async Task Serve_UntilItIsToldToEnd_SaysWhereEverythingIsAndAnswersHealthByName()
    {
        var folder = Directory.CreateTempSubdirectory("churn-serve-");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new FirstLine();
        using var error = new StringWriter();
        var running = ServeCommand.Create().Parse(["--data", folder.FullName, "--listen", "0"])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, end.Token);
        var line = await output.Line.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Matches("^churn serve: ready in [0-9]+\\.[0-9] s: gRPC on http://127\\.0\\.0\\.1:[0-9]+, HTTP on http://127\\.0\\.0\\.1:[0-9]+, data in " + folder.FullName + ", Ctrl-C ends it$", line);
        using (var channel = GrpcChannel.ForAddress(line.Split(" on ")[1].Split(',')[0]))
        {
            var health = new Health.HealthClient(channel);
            foreach (var service in new[] { "", "churn.ingestion.v1.IngestionService", "churn.metrics.v1.MetricsService", "churn.playbooks.v1.PlaybooksService", "churn.notifications.v1.NotificationsService" })
            {
                var answer = await health.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: TestContext.Current.CancellationToken);
                Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
            }
        }

        using (var http = new HttpClient { BaseAddress = new Uri(line.Split(" on ")[2].Split(',')[0]) })
        {
            foreach (var probe in new[] { "/healthz", "/readyz", "/startupz" })
            {
                Assert.Equal("ok\n", await http.GetStringAsync(new Uri(probe, UriKind.Relative), TestContext.Current.CancellationToken));
            }
        }

        await end.CancelAsync();
        Assert.Equal(0, await running);
        Assert.Equal("", error.ToString());
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Help_Serve_IsTheGoldenOne()
    {
        using var help = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, ChurnCommand.Read(ChurnCommand.Create(ServeCommand.Create()), ["serve", "--help"]).Invoke(new InvocationConfiguration { Output = help }));
        Golden.Matches("help-serve", help.ToString());
    }

    /// <summary>Hands out the first line that is written.</summary>
    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }
    }
}
