using System.Diagnostics;
using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Streams.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;

namespace Churn.Benchmarks;

/// <summary>Times the way of facts to numbers through a server that runs by itself: import, reads meanwhile, one fact more, memory.</summary>
internal static class LiveBenchmark
{
    private const int ImportedCustomers = 40_000;
    private const int Many = 1_000_000;
    private const int Few = 1_000;
    private const int Rate = 1_000;
    private const int WatchedSeconds = 20;
    private const int Paced = 50_000;
    private const int Warm = 200;
    private const int ImportedRows = 200_000;

    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static async Task<int> RunAsync(int runs)
    {
        var folder = Directory.CreateTempSubdirectory("churn-live-").FullName;
        try
        {
            Whole.InTurn(0, () => { }, Whole.Command("./churn", "version"), Whole.Command("./churn", "serve", "--help"));
            await ImportAsync(folder, runs);
            await WatchAsync(Path.Combine(folder, "watch"));
            await OneMoreAsync(folder);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The file goes through the command line, as a user's does; the limit beside it is SQLite alone with the same facts as rows.
    private static async Task ImportAsync(string folder, int runs)
    {
        var file = Path.Combine(folder, "facts.ndjson");
        Whole.InTurn(0, () => { }, Whole.Command("./churn", "generate", "--customers", Text(ImportedCustomers), "--start", "2022-01", "--out", file));
        var facts = File.ReadLines(file).Count();
        await ImportAsync(folder, runs, "NDJSON", file, facts, rate: null);
        await ImportAsync(folder, runs, "NDJSON", file, facts, Paced);
        var limits = Enumerable.Range(0, runs).Select(run => facts / SqliteAlone.Insert(file, Path.Combine(folder, $"limit{run}.db"))).ToList();
        Show("SQLite alone, the same facts as rows with their identities", $"median {Whole.Median(limits):N0} rows/s");
        var rows = Path.Combine(folder, "rows.csv");
        Whole.InTurn(0, () => { }, Whole.Command("./churn", "generate", "--intervals", "--rows", Text(ImportedRows), "--start", "2022-01", "--out", rows));
        await ImportAsync(folder, runs, "CSV", rows, facts: null, rate: null);
    }

    private static async Task ImportAsync(string folder, int runs, string kind, string file, int? facts, int? rate)
    {
        var (rates, reads, empty) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run < runs; run++)
        {
            var data = Path.Combine(folder, $"{kind}{rate}{run}");
            using var server = new LiveServer(data);
            using var ending = new CancellationTokenSource();
            await ReadRollingAsync(server, Warm, CancellationToken.None);
            var reading = ReadRollingAsync(server, int.MaxValue, ending.Token);
            string[] paced = rate is null ? [] : ["--rate", Text(rate.Value)];
            var began = Stopwatch.GetTimestamp();
            Whole.InTurn(0, () => { }, Whole.Command("./churn", ["import", file, "--address", server.Address, .. paced]));
            var taken = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await ending.CancelAsync();
            var latencies = await reading;
            var recorded = facts ?? await CountAsync(server);
            rates.Add(recorded / taken);
            reads.AddRange(latencies.Select(l => l.Rolling));
            empty.AddRange(latencies.Select(l => l.Empty));
            facts ??= (int)recorded;
        }

        var how = rate is null ? "as fast as it goes" : $"at most {rate} facts/s";
        Show($"import of {facts} facts, {kind}, {how}, durable, until the numbers answer", $"median {Whole.Median(rates):N0} facts/s of {runs} runs, fastest {rates.Max():N0}");
        Show("  GetRollingMetrics meanwhile", Latencies(reads));
        Show("  an empty call (health) meanwhile", Latencies(empty));
    }

    private static async Task<long> CountAsync(LiveServer server)
    {
        var heads = await server.Streams.ListHeadsAsync(new ListHeadsRequest { Stream = "facts" });
        return heads.Heads.Sum(head => head.Offset);
    }

    // In turn with a call that does nothing: what both share is the machine's.
    private static async Task<List<(double Rolling, double Empty)>> ReadRollingAsync(LiveServer server, int most, CancellationToken cancellationToken)
    {
        var latencies = new List<(double, double)>();
        while (!cancellationToken.IsCancellationRequested && latencies.Count < most)
        {
            var began = Stopwatch.GetTimestamp();
            await server.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest(), cancellationToken: CancellationToken.None);
            var rolling = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            await Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System, CancellationToken.None);
            began = Stopwatch.GetTimestamp();
            await server.Health.CheckAsync(new HealthCheckRequest { Service = "liveness" }, cancellationToken: CancellationToken.None);
            latencies.Add((rolling, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
            await Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System, CancellationToken.None);
        }

        return latencies;
    }

    // Every fact is a new customer: when the watch shows k more, the k-th fact has arrived.
    private static async Task WatchAsync(string folder)
    {
        using var server = new LiveServer(folder);
        await FillAsync(server, Few, per: 2);
        var sent = new long[Rate * WatchedSeconds];
        var latencies = new List<double>(sent.Length);
        using var watch = server.Metrics.WatchMetrics(new WatchMetricsRequest { Windows = { Window._30Days } });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        var before = watch.ResponseStream.Current.Figures[0].Bridge.ClosingCustomers;
        var watching = Task.Run(async () =>
        {
            while (latencies.Count < sent.Length && await watch.ResponseStream.MoveNext(CancellationToken.None))
            {
                var now = Stopwatch.GetTimestamp();
                var shown = watch.ResponseStream.Current.Figures[0].Bridge.ClosingCustomers - before;
                while (latencies.Count < shown)
                {
                    latencies.Add(Stopwatch.GetElapsedTime(sent[latencies.Count], now).TotalMilliseconds);
                }
            }
        });
        var calls = new List<Task>(sent.Length);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < sent.Length; i++)
        {
            // An open loop: a server that is late does not slow the next fact down.
            var due = began + (long)(i * (double)Stopwatch.Frequency / Rate);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }

            sent[i] = Stopwatch.GetTimestamp();
            calls.Add(server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Started(Many + i, 0, DateTime.UnixEpoch.AddDays(19_900)) } }).ResponseAsync);
        }

        await Task.WhenAll(calls);
        await watching;
        Show($"one fact to a changed WatchMetrics value, {Rate} facts/s for {WatchedSeconds} s", Latencies(latencies));
    }

    private static async Task OneMoreAsync(string folder)
    {
        using var few = new LiveServer(Path.Combine(folder, "few"));
        await FillAsync(few, Few, per: 2);
        var manyFolder = Path.Combine(folder, "many");
        using (var filled = new LiveServer(manyFolder))
        {
            var began = Stopwatch.GetTimestamp();
            await FillAsync(filled, Many, per: 2);
            var taken = Stopwatch.GetElapsedTime(began).TotalSeconds;
            Show($"{2 * Many} facts of {Many} customers over StreamFacts", string.Create(CultureInfo.InvariantCulture, $"{2 * Many / taken:N0} facts/s"));
            Show($"memory with {Many} customers, after the import", string.Create(CultureInfo.InvariantCulture, $"{filled.ResidentMebibytes:N0} MiB"));
        }

        var start = Stopwatch.GetTimestamp();
        using var many = new LiveServer(manyFolder);
        Show($"start with {Many} customers, to the first answer", string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {many.ResidentMebibytes:N0} MiB"));
        const int warm = 300, counted = 2_000;
        var (ofFew, ofMany, ratios) = (new List<double>(), new List<double>(), new List<double>());
        var chance = new Random(1);
        for (var i = 0; i < warm + counted; i++)
        {
            var a = await OneAsync(few, chance.Next(Few), i);
            var b = await OneAsync(many, chance.Next(Many), i);
            if (i >= warm)
            {
                ofFew.Add(a);
                ofMany.Add(b);
                ratios.Add(b / a);
            }
        }

        Show($"one more fact into {Few} customers, durable, until the number answers", Latencies(ofFew));
        Show($"one more fact into {Many} customers", Latencies(ofMany));
        Show("the second over the first", string.Create(CultureInfo.InvariantCulture, $"medians {Whole.Median(ofMany) / Whole.Median(ofFew):0.00}, median of pairs {Whole.Median(ratios):0.00}"));
    }

    private static async Task<double> OneAsync(LiveServer server, int customer, int number)
    {
        var began = Stopwatch.GetTimestamp();
        var recorded = await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Started(customer, 10 + number, Start.AddDays(900)) } });
        await server.Metrics.GetRollingMetricsAsync(
            new GetRollingMetricsRequest { Windows = { Window._30Days }, Read = new ReadOptions { ConsistencyToken = recorded.ConsistencyToken } });
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task FillAsync(LiveServer server, int customers, int per)
    {
        using var call = server.Ingestion.StreamFacts();
        var token = "";
        var reading = Task.Run(async () =>
        {
            await foreach (var response in call.ResponseStream.ReadAllAsync())
            {
                token = response.ConsistencyToken;
            }
        });
        var batch = new StreamFactsRequest();
        for (var customer = 0; customer < customers; customer++)
        {
            for (var number = 0; number < per; number++)
            {
                batch.Facts.Add(Started(customer, number, Start.AddDays((customer % 600) + number)));
            }

            if (batch.Facts.Count >= 1_000 || customer == customers - 1)
            {
                await call.RequestStream.WriteAsync(batch);
                batch = new StreamFactsRequest();
            }
        }

        await call.RequestStream.CompleteAsync();
        await reading;
        await server.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Read = new ReadOptions { ConsistencyToken = token } });
    }

    private static Fact Started(int customer, int number, DateTime at) => new()
    {
        Source = "benchmark",
        EventId = string.Create(CultureInfo.InvariantCulture, $"evt_{customer:D7}-{number:D5}"),
        CustomerId = string.Create(CultureInfo.InvariantCulture, $"cus_{customer:D7}"),
        OccurTime = Timestamp.FromDateTime(at),
        SubscriptionStarted = new SubscriptionStarted
        {
            SubscriptionId = "main",
            Plan = "pro",
            Price = new Price { Currency = "USD", MrrMicros = 10_000_000 + (number * 1_000_000L) },
        },
    };

    internal static string Latencies(List<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"median {sorted[sorted.Length / 2]:0.00} ms, p99 {sorted[sorted.Length * 99 / 100]:0.00} ms, slowest {sorted[^1]:0.0} ms of {sorted.Length}");
    }

    private static void Show(string what, string figures) => Console.WriteLine($"{what}: {figures}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
