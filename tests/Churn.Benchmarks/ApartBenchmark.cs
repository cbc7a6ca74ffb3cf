using System.Diagnostics;
using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.TestServers;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;

namespace Churn.Benchmarks;

/// <summary>Times services that run apart: one ingestion and two metrics on PostgreSQL, RabbitMQ and Redis, all on this machine with the load.</summary>
internal static class ApartBenchmark
{
    private const int Customers = 200_000;
    private const int Batch = 500;
    private const int LatencyRate = 1_000;
    private const int LatencySeconds = 20;
    private const int Reads = 4_000;
    private const int Warm = 500;

    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Runs all of it.</summary>
    /// <param name="rate">Facts a second of the long load.</param>
    /// <param name="seconds">How long it lasts.</param>
    public static async Task<int> RunAsync(int rate, int seconds)
    {
        var stop = CancellationToken.None;
        await using var postgres = await PostgresServer.StartAsync(stop, "shared_buffers=1GB", "max_wal_size=4GB");
        await using var rabbit = await RabbitMqServer.StartAsync(stop);
        await using var redis = await RedisServer.StartAsync(stop);
        string[] common = ["--rabbitmq", rabbit.Address, "--redis", redis.Endpoint, "--open"];
        await OwnersAsync(postgres, common);
        string[] stores = ["--postgres", await MakeAsync(postgres, "churn"), .. common];
        using var ingestion = LiveServer.Apart("ingestion", stores);
        using var first = LiveServer.Apart("metrics", [.. stores, "--ingestion", ingestion.Address]);
        using var second = LiveServer.Apart("metrics", [.. stores, "--ingestion", ingestion.Address]);
        await ReadyAsync(first);
        await ReadyAsync(second);
        Show("two replicas of metrics are ready", "both own shards");
        await LoadAsync(ingestion, first, second, postgres, rate, seconds);
        await CopyAsync(postgres);
        await LatencyAsync(ingestion, second);
        await ReadsAsync(first);
        await TakeOverAsync(first, second);
        return 0;
    }

    private static async Task<string> MakeAsync(PostgresServer postgres, string database)
    {
        var owner = await postgres.CreateDatabaseAsync(database, CancellationToken.None);
        Whole.InTurn(0, () => { }, Whole.Command("./churn", "admin", "migrate", "--postgres", owner));
        return owner;
    }

    // The same facts by one, two and four owners, each time into an empty database: what they cost metrics in all.
    private static async Task OwnersAsync(PostgresServer postgres, string[] common)
    {
        const int facts = 300_000;
        foreach (var owners in (int[])[1, 2, 4])
        {
            string[] stores = ["--postgres", await MakeAsync(postgres, $"owners{owners}"), .. common];
            using var ingestion = LiveServer.Apart("ingestion", stores);
            var metrics = Enumerable.Range(0, owners).Select(_ => LiveServer.Apart("metrics", [.. stores, "--ingestion", ingestion.Address])).ToList();
            try
            {
                foreach (var server in metrics)
                {
                    await ReadyAsync(server);
                }

                var cpu = metrics.Sum(server => server.CpuSeconds);
                var began = Stopwatch.GetTimestamp();
                var token = "";
                for (var sent = 0; sent < facts; sent += 8 * Batch)
                {
                    var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RecordAsync(ingestion, sent + (i * Batch))));
                    token = answers[^1].Item2;
                }

                await metrics[0].Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Read = new ReadOptions { ConsistencyToken = token } });
                Show(
                    $"{facts} facts by {owners} owners, as fast as it goes, until the numbers answer",
                    string.Create(CultureInfo.InvariantCulture, $"{facts / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} facts/s, {facts / (metrics.Sum(server => server.CpuSeconds) - cpu):N0} facts a processor second of metrics"));
            }
            finally
            {
                metrics.ForEach(server => server.Dispose());
            }
        }
    }

    // Half of the shards, and half of the customers, lose their owner without a word.
    private static async Task TakeOverAsync(LiveServer first, LiveServer second)
    {
        var before = await first.Metrics.GetOverviewAsync(new GetOverviewRequest());
        second.Kill();
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                var after = await first.Metrics.GetOverviewAsync(new GetOverviewRequest(), deadline: DateTime.UnixEpoch.AddYears(200));
                Show(
                    $"16 shards with {before.Customers / 2} customers are taken over from an owner that was killed, and answer",
                    string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s; {after.Customers - before.Customers} customers more or fewer"));
                return;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static async Task ReadyAsync(LiveServer server)
    {
        while (true)
        {
            try
            {
                if ((await server.Health.CheckAsync(new HealthCheckRequest { Service = "readiness" })).Status == HealthCheckResponse.Types.ServingStatus.Serving)
                {
                    return;
                }
            }
            catch (RpcException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    // An open loop: what is late is sent late, and shows.
    private static async Task LoadAsync(LiveServer ingestion, LiveServer first, LiveServer second, PostgresServer postgres, int rate, int seconds)
    {
        LiveServer[] servers = [ingestion, first, second];
        var latencies = new List<double>();
        var began = Stopwatch.GetTimestamp();
        var cpu = servers.Sum(server => server.CpuSeconds);
        var total = rate * seconds / Batch * Batch;
        var calls = new List<Task<(double, string)>>();
        var lag = 0L;
        for (var sent = 0; sent < total; sent += Batch)
        {
            var due = began + (long)(sent * (double)Stopwatch.Frequency / rate);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }

            calls.Add(RecordAsync(ingestion, sent));
            if (sent == total / 10)
            {
                Show("  memory after a tenth", Memory(servers));
            }

            if (sent % (rate * 5) < Batch)
            {
                lag = Math.Max(lag, (await first.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest())).Info.LagFacts);
            }
        }

        var answers = await Task.WhenAll(calls);
        latencies.AddRange(answers.Select(answer => answer.Item1));
        var acknowledged = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await first.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Read = new ReadOptions { ConsistencyToken = answers[^1].Item2 } });
        var whole = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Show(
            $"{total} facts of {Customers} customers at {rate}/s, gRPC to ledger and Redis, durable",
            string.Create(CultureInfo.InvariantCulture, $"acknowledged at {total / acknowledged:N0} facts/s, in the numbers {whole - acknowledged:0.00} s after the last, largest lag seen {lag:N0}"));
        Show("  RecordFacts of 500", LiveBenchmark.Latencies(latencies));
        Show("  memory at the end", Memory(servers));
        Show("  processor of the three services", string.Create(CultureInfo.InvariantCulture, $"{total / (servers.Sum(server => server.CpuSeconds) - cpu):N0} facts a processor second"));
        Show("  rows", await postgres.ExecuteAsync("SELECT (SELECT count(*) FROM facts.identity) || ' identities, ' || (SELECT count(*) FROM ledger.fact) || ' facts in the ledger'", CancellationToken.None, "churn"));
    }

    private static async Task<(double, string)> RecordAsync(LiveServer ingestion, int from)
    {
        var request = new RecordFactsRequest();
        for (var i = from; i < from + Batch; i++)
        {
            request.Facts.Add(Changed(i % Customers, i));
        }

        var began = Stopwatch.GetTimestamp();
        var response = await ingestion.Ingestion.RecordFactsAsync(request);
        return (Stopwatch.GetElapsedTime(began).TotalMilliseconds, response.ConsistencyToken);
    }

    // The limit beside it: the same rows, with their indexes, in one COPY each into new tables of the same server, and nothing else.
    private static async Task CopyAsync(PostgresServer postgres)
    {
        await postgres.ExecuteAsync(
            "CREATE SCHEMA limit_; CREATE TABLE limit_.identity (LIKE facts.identity INCLUDING ALL); CREATE TABLE limit_.fact (LIKE ledger.fact INCLUDING ALL); CREATE TABLE limit_.facts_log (LIKE facts.facts_log INCLUDING ALL)",
            CancellationToken.None, "churn");
        var count = long.Parse(await postgres.ExecuteAsync("SELECT count(*) FROM facts.identity", CancellationToken.None, "churn"), CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("churn-copy-");
        try
        {
            (string From, string To)[] tables = [("facts.identity", "limit_.identity"), ("ledger.fact", "limit_.fact"), ("facts.facts_log", "limit_.facts_log")];
            foreach (var (from, to) in tables)
            {
                await postgres.ExecuteAsync($"\\copy {from} TO '{Path.Combine(folder.FullName, to)}' (FORMAT BINARY)", CancellationToken.None, "churn");
            }

            var began = Stopwatch.GetTimestamp();
            foreach (var (_, to) in tables)
            {
                await postgres.ExecuteAsync($"\\copy {to} FROM '{Path.Combine(folder.FullName, to)}' (FORMAT BINARY)", CancellationToken.None, "churn");
            }

            Show("COPY of the same rows into the same tables with their indexes", string.Create(CultureInfo.InvariantCulture, $"{count / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} facts/s"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task LatencyAsync(LiveServer ingestion, LiveServer reader)
    {
        var latencies = new List<Task<double>>();
        var began = Stopwatch.GetTimestamp();
        const int total = LatencyRate * LatencySeconds;
        for (var i = 0; i < total; i++)
        {
            var due = began + (long)(i * (double)Stopwatch.Frequency / LatencyRate);
            while (Stopwatch.GetTimestamp() < due)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }

            var response = ingestion.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Changed(i % Customers, 100_000_000 + i) } });

            // One in ten is followed to the number.
            if (i % 10 == 0)
            {
                latencies.Add(FollowAsync(response));
            }
            else
            {
                _ = response.ResponseAsync;
            }
        }

        Show($"from the acknowledged fact to the new number at another replica, {LatencyRate} facts/s", LiveBenchmark.Latencies([.. await Task.WhenAll(latencies)]));

        async Task<double> FollowAsync(AsyncUnaryCall<RecordFactsResponse> call)
        {
            var token = (await call).ConsistencyToken;
            var acknowledged = Stopwatch.GetTimestamp();
            await reader.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Windows = { Window._30Days }, Read = new ReadOptions { ConsistencyToken = token } });
            return Stopwatch.GetElapsedTime(acknowledged).TotalMilliseconds;
        }
    }

    // In turn with a call that does nothing, so that both have the same machine.
    private static async Task ReadsAsync(LiveServer server)
    {
        var (reads, empty) = (new List<double>(), new List<double>());
        for (var i = 0; i < Warm + Reads; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await server.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Windows = { Window._30Days } });
            var read = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            began = Stopwatch.GetTimestamp();
            await server.Health.CheckAsync(new HealthCheckRequest { Service = "liveness" });
            var nothing = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            if (i >= Warm)
            {
                reads.Add(read);
                empty.Add(nothing);
            }
        }

        Show("GetRollingMetrics through Redis, one caller", LiveBenchmark.Latencies(reads));
        Show("an empty call in turn with it", LiveBenchmark.Latencies(empty));
        var (many, none) = (new List<double>(), new List<double>());
        for (var round = 0; round < 5; round++)
        {
            many.Add(await RateAsync(() => server.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Windows = { Window._30Days } }).ResponseAsync));
            none.Add(await RateAsync(() => server.Health.CheckAsync(new HealthCheckRequest { Service = "liveness" }).ResponseAsync));
        }

        Show("GetRollingMetrics through Redis, 16 callers", string.Create(
            CultureInfo.InvariantCulture, $"median {Whole.Median(many):N0} calls/s beside {Whole.Median(none):N0} empty ones: {100 * Whole.Median(many) / Whole.Median(none):0}%"));
    }

    private static async Task<double> RateAsync(Func<Task> call)
    {
        const int callers = 16, each = 500;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (var i = 0; i < each; i++)
            {
                await call();
            }
        }));
        return callers * each / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static Fact Changed(int customer, int number) => new()
    {
        Source = "benchmark",
        EventId = string.Create(CultureInfo.InvariantCulture, $"evt_{number:D9}"),
        CustomerId = string.Create(CultureInfo.InvariantCulture, $"cus_{customer:D7}"),
        OccurTime = Timestamp.FromDateTime(Start.AddMinutes(number % 1_000_000)),
        SubscriptionStarted = new SubscriptionStarted
        {
            SubscriptionId = "main",
            Plan = "pro",
            Price = new Price { Currency = "USD", MrrMicros = 10_000_000 + (number % 50 * 1_000_000L) },
        },
    };

    private static string Memory(LiveServer[] servers) => string.Join(", ", servers.Select(server => string.Create(CultureInfo.InvariantCulture, $"{server.ResidentMebibytes:N0} MiB")));

    private static void Show(string what, string figures) => Console.WriteLine($"{what}: {figures}");
}
