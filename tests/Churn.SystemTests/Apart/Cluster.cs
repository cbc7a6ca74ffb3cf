using System.Diagnostics;
using Churn.TestServers;

namespace Churn.SystemTests.Apart;

/// <summary>Runs all services apart, with the replicas that are asked for, on a PostgreSQL, a RabbitMQ and a Redis of their own.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>Gives how long anything may take to come right again on a machine that is busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<IAsyncDisposable> _started = [];

    private Cluster()
    {
    }

    public PostgresServer Postgres { get; private set; } = null!;

    public RabbitMqServer RabbitMq { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    public IReadOnlyList<Replica> Ingestion { get; private set; } = [];

    public IReadOnlyList<Replica> Metrics { get; private set; } = [];

    public IReadOnlyList<Replica> Playbooks { get; private set; } = [];

    public IReadOnlyList<Replica> Notifications { get; private set; } = [];

    public IEnumerable<Replica> Replicas => [.. Ingestion, .. Metrics, .. Playbooks, .. Notifications];

    /// <summary>Gives all that can be killed, by name.</summary>
    public IReadOnlyList<(string Name, TestServer Server)> Everything =>
        [("postgresql", Postgres), ("rabbitmq", RabbitMq), ("redis", Redis), .. Replicas.Select(replica => (replica.Name, (TestServer)replica.Server))];

    /// <summary>Starts it, and returns when every service is ready.</summary>
    /// <param name="ingestion">How many replicas of ingestion.</param>
    /// <param name="metrics">How many replicas of metrics.</param>
    /// <param name="loop">Whether playbooks and notifications run too.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="way">Gives the port by which services reach PostgreSQL, a proxy's for instance; null for its own.</param>
    /// <param name="options">More options of every service.</param>
    public static async Task<Cluster> StartAsync(
        int ingestion, int metrics, bool loop, CancellationToken cancellationToken, Func<PostgresServer, Task<int>>? way = null, params string[] options)
    {
        var cluster = new Cluster();
        try
        {
            await cluster.StartStoresAsync(cancellationToken);
            var port = way is null ? cluster.Postgres.Port : await way(cluster.Postgres);
            await cluster.StartServicesAsync(ingestion, metrics, loop, port, options, cancellationToken);
            await cluster.ReadyAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every service is ready.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        foreach (var replica in Replicas)
        {
            while (!await replica.IsReadyAsync(cancellationToken))
            {
                if (!replica.Server.IsRunning || TimeProvider.System.GetElapsedTime(since) > Patience)
                {
                    throw new InvalidOperationException($"{replica.Name} is not ready{Logs}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Gives what the services have said since their last starts, the last lines of each.</summary>
    public string Logs => string.Concat(Replicas.Select(replica => $"\n--- {replica.Name}\n{string.Join('\n', replica.Server.Log.Split('\n').TakeLast(25))}"));

    public async ValueTask DisposeAsync()
    {
        // Services first: they would tell of stores that are gone.
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }
    }

    private async Task StartStoresAsync(CancellationToken cancellationToken)
    {
        var (rabbit, redis) = (RabbitMqServer.StartAsync(cancellationToken), RedisServer.StartAsync(cancellationToken));
        _started.Add(Postgres = await PostgresServer.StartAsync(cancellationToken));
        _started.Add(Redis = await redis);
        _started.Add(RabbitMq = await rabbit);
        await Postgres.CreateDatabaseAsync("churn", cancellationToken);
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll"), "admin", "migrate", "--postgres", Postgres.ConnectionStringOf("churn")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var migrate = Process.Start(start)!;
        var errors = migrate.StandardError.ReadToEndAsync(cancellationToken);
        await migrate.StandardOutput.ReadToEndAsync(cancellationToken);
        await migrate.WaitForExitAsync(cancellationToken);
        Assert.True(migrate.ExitCode == 0, await errors);
    }

    private async Task StartServicesAsync(int ingestion, int metrics, bool loop, int postgres, string[] options, CancellationToken cancellationToken)
    {
        string[] services = loop ? ["ingestion", "metrics", "playbooks", "notifications"] : ["ingestion", "metrics"];
        var counts = new Dictionary<string, int> { ["ingestion"] = ingestion, ["metrics"] = metrics, ["playbooks"] = 1, ["notifications"] = 1 };
        var ports = services.ToDictionary(service => service, service => Enumerable.Range(0, counts[service]).Select(_ => FreePorts.Next()).ToArray());
        string[] common =
        [
            "--open", "--postgres", $"Host=127.0.0.1;Port={postgres};Database=churn;Username={PostgresServer.User};Password={PostgresServer.Password}",
            "--rabbitmq", RabbitMq.Address, "--redis", Redis.Endpoint, .. options,
        ];
        foreach (var service in services)
        {
            var replicas = new List<Replica>();
            for (var i = 0; i < counts[service]; i++)
            {
                // Of several replicas of another service, each has its own.
                string[] peers = [.. services.Where(other => other != service).SelectMany(other => new[] { $"--{other}", Replica.AddressOf(ports[other][i % ports[other].Length]) })];
                replicas.Add(await Replica.StartAsync($"{service}-{i}", service, ports[service][i], [.. common, .. peers], cancellationToken));
                _started.Add(replicas[^1]);
            }

            Add(service, replicas);
        }
    }

    private void Add(string service, List<Replica> replicas)
    {
        switch (service)
        {
            case "ingestion":
                Ingestion = replicas;
                break;
            case "metrics":
                Metrics = replicas;
                break;
            case "playbooks":
                Playbooks = replicas;
                break;
            default:
                Notifications = replicas;
                break;
        }
    }
}
