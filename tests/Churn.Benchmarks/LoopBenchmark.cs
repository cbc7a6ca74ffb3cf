using System.Diagnostics;
using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Google.Protobuf.WellKnownTypes;
using Task = System.Threading.Tasks.Task;

namespace Churn.Benchmarks;

/// <summary>Times the way from a fact to a message: with few runs stored, and with a million runs that each have a timer.</summary>
internal static class LoopBenchmark
{
    private const int Rate = 500;
    private const int Seconds = 20;
    private const int TimerRuns = 500;
    private const int FillCustomers = 100_000;
    private const int FillPlaybooks = 10;

    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private const string Template =
        """
        kind: template
        name: bench
        class: transactional
        category: bench
        default_locale: en
        locales:
          en:
            subject: A message
            title: A message
            text: Nothing to read.
        """;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("churn-loop-").FullName;
        try
        {
            Whole.InTurn(0, () => { }, Whole.Command("./churn", "serve", "--help"));
            using var server = new LiveServer(Path.Combine(folder, "data"));
            await ApplyAsync(server, Playbook("instant", "instant", "- notify: { channel: in_app, template: bench, to: customer }"), Template);
            await ApplyAsync(server, Playbook("due", "due", "- wait: 1m\n  - notify: { channel: in_app, template: bench, to: customer }"));
            await ReactAsync(server, "warm", seconds: 4);
            Show($"fact acknowledged to request taken by notifications, {Rate} facts/s for {Seconds} s", Latencies(await ReactAsync(server, "few", Seconds)));
            Show("memory then", Memory(server));
            var few = await LatenessAsync(server, "few");
            Show($"a due timer, {TimerRuns} of them: due to request taken", Latencies(few));
            await FillAsync(server);
            Show("memory then", Memory(server));
            var many = await LatenessAsync(server, "many");
            Show($"a due timer with {FillCustomers * FillPlaybooks:N0} runs and timers stored", Latencies(many));
            Show("the second over the first", string.Create(CultureInfo.InvariantCulture, $"medians {Whole.Median(many) / Whole.Median(few):0.00}"));
            Show($"fact acknowledged to request taken, {Rate} facts/s, with these stored", Latencies(await ReactAsync(server, "full", Seconds)));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Playbook(string name, string code, string steps) =>
        $$"""
        kind: playbook
        name: {{name}}
        title: {{name}}
        trigger: { fact: { kind: payment_failed, where: { decline_code: { in: [{{code}}] } } } }
        entry: { again: always }
        holdout: none
        steps:
          {{steps}}
        """;

    private static async Task ApplyAsync(LiveServer server, params string[] documents)
    {
        var request = new ApplyPlaybooksRequest { Start = true };
        request.Documents.AddRange(documents.Select(text => new Document { File = "bench.yaml", Text = text }));
        await server.Playbooks.ApplyPlaybooksAsync(request);
    }

    // An open loop: a server that is late does not slow the next fact down. Every fact is about a customer of its own.
    private static async Task<List<double>> ReactAsync(LiveServer server, string prefix, int seconds)
    {
        var acknowledged = new DateTime[Rate * seconds];
        var calls = new List<Task>(acknowledged.Length);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < acknowledged.Length; i++)
        {
            var due = began + (long)(i * (double)Stopwatch.Frequency / Rate);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }

            calls.Add(SendAsync(i));
        }

        await Task.WhenAll(calls);
        var taken = await MessagesAsync(server, "instant", prefix, acknowledged.Length);
        return [.. acknowledged.Select((at, i) => (taken[Customer(prefix, i)] - at).TotalMilliseconds)];

        async Task SendAsync(int i)
        {
            await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Failed(prefix, i, "instant") } });
            acknowledged[i] = TimeProvider.System.GetUtcNow().UtcDateTime;
        }
    }

    // How long after it was due each timer's message is taken.
    private static async Task<List<double>> LatenessAsync(LiveServer server, string prefix)
    {
        var due = "due" + prefix;
        for (var i = 0; i < TimerRuns; i++)
        {
            await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Failed(due, i, "due") } });
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        var taken = await MessagesAsync(server, "due", due, TimerRuns);
        var entered = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        await foreach (var run in RunsAsync(server, "due"))
        {
            entered[run.CustomerId] = run.EnterTime.ToDateTime();
        }

        return [.. Enumerable.Range(0, TimerRuns).Select(i => (taken[Customer(due, i)] - entered[Customer(due, i)] - Wait).TotalMilliseconds)];
    }

    private static async Task FillAsync(LiveServer server)
    {
        for (var i = 0; i < FillPlaybooks; i++)
        {
            await ApplyAsync(server, Playbook($"fill-{i}", "fill", "- wait: 30d\n  - notify: { channel: in_app, template: bench, to: customer }"));
        }

        var began = Stopwatch.GetTimestamp();
        foreach (var batch in Enumerable.Range(0, FillCustomers).Chunk(1_000))
        {
            var request = new RecordFactsRequest();
            request.Facts.AddRange(batch.Select(i => Failed("fill", i, "fill")));
            await server.Ingestion.RecordFactsAsync(request);
        }

        while ((await server.Playbooks.ListPlaybooksAsync(new ListPlaybooksRequest())).Playbooks.Sum(p => p.Name.StartsWith("fill-", StringComparison.Ordinal) ? p.RunningCount : 0)
            < FillCustomers * FillPlaybooks)
        {
            Check(began, "the runs do not all start");
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Show($"{FillCustomers * FillPlaybooks:N0} runs started by {FillCustomers:N0} facts", string.Create(CultureInfo.InvariantCulture, $"{FillCustomers * FillPlaybooks / seconds:N0} runs/s"));
    }

    private static async Task<Dictionary<string, DateTime>> MessagesAsync(LiveServer server, string playbook, string prefix, int count)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var taken = new Dictionary<string, DateTime>(StringComparer.Ordinal);
            var request = new ListMessagesRequest { Playbook = playbook, PageSize = 1_000 };
            do
            {
                var page = await server.Notifications.ListMessagesAsync(request);
                foreach (var message in page.Messages.Where(m => m.Recipient.CustomerId.StartsWith(prefix + "-", StringComparison.Ordinal)))
                {
                    taken[message.Recipient.CustomerId] = message.CreateTime.ToDateTime();
                }

                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            if (taken.Count == count)
            {
                return taken;
            }

            Check(began, $"{taken.Count} of {count} messages came");
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    private static async IAsyncEnumerable<Run> RunsAsync(LiveServer server, string playbook)
    {
        var request = new ListRunsRequest { Playbook = playbook, PageSize = 1_000 };
        do
        {
            var page = await server.Playbooks.ListRunsAsync(request);
            foreach (var run in page.Runs)
            {
                yield return run;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    private static Fact Failed(string prefix, int number, string code) => new()
    {
        Source = "benchmark",
        EventId = $"{code}-{Customer(prefix, number)}",
        CustomerId = Customer(prefix, number),
        OccurTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
        PaymentFailed = new PaymentFailed { InvoiceId = "i1", DeclineCode = code },
    };

    private static string Customer(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number:D6}");

    private static void Check(long began, string what)
    {
        if (Stopwatch.GetElapsedTime(began) > Patience)
        {
            throw new InvalidOperationException(what);
        }
    }

    private static string Memory(LiveServer server) => string.Create(CultureInfo.InvariantCulture, $"{server.ResidentMebibytes:N0} MiB");

    private static string Latencies(List<double> milliseconds) => LiveBenchmark.Latencies(milliseconds);

    private static void Show(string what, string figures) => Console.WriteLine($"{what}: {figures}");
}
