using Churn.Ingestion.Storage;
using Churn.Metrics;
using Churn.Metrics.Signals;
using Churn.Notifications;
using Churn.Playbooks;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Suite.Admin;

/// <summary>Names a stream, the schema that holds its log, and the schema of who consumes it.</summary>
internal sealed record StreamRoute(string Stream, DatabaseOptions Log, string Consumer, DatabaseOptions Applied);

/// <summary>Holds the databases of an installation, as an operator's command opens them: those of PostgreSQL while services run, files while none does.</summary>
internal sealed class Installation : IDisposable
{
    private static readonly (DatabaseOptions Schema, string File)[] Files =
    [
        (FactsStore.Schema, "facts.db"), (MetricsHost.Schema, "metrics.db"), (PlaybooksHost.Schema, "playbooks.db"), (NotificationsHost.Schema, "notifications.db"),
    ];

    private readonly DataFolder? _folder;
    private readonly PostgresOptions? _postgres;
    private readonly Dictionary<string, Database> _databases = new(StringComparer.Ordinal);

    private Installation(DataFolder? folder, PostgresOptions? postgres) => (_folder, _postgres) = (folder, postgres);

    /// <summary>Gives the streams, in the order in which facts flow.</summary>
    public static IReadOnlyList<StreamRoute> Streams { get; } =
    [
        new(FactsStore.Stream, FactsStore.Schema, "metrics", MetricsHost.Schema),
        new(SignalLog.Stream, MetricsHost.Schema, "playbooks", PlaybooksHost.Schema),
        new(PlaybooksHost.Requests, PlaybooksHost.Schema, "notifications", NotificationsHost.Schema),
    ];

    /// <summary>Says where it is.</summary>
    public string Place => _postgres?.Shown ?? _folder!.Path;

    /// <summary>Opens one.</summary>
    /// <exception cref="StorageException">It cannot be opened, or a server has the folder.</exception>
    public static Installation Open(PostgresOptions? postgres, string? data) => new(postgres is null ? DataFolder.Open(data) : null, postgres);

    public Database Of(DatabaseOptions schema)
    {
        if (!_databases.TryGetValue(schema.Name, out var database))
        {
            database = _postgres is null
                ? Database.Open(_folder!.File(Array.Find(Files, file => file.Schema.Name == schema.Name).File), schema)
                : Database.Connect(_postgres, schema);
            _databases.Add(schema.Name, database);
        }

        return database;
    }

    public StreamLog LogOf(StreamRoute route) => new(Of(route.Log), route.Stream, TimeProvider.System);

    /// <summary>Gives how far each shard of a stream is applied.</summary>
    public IReadOnlyList<AppliedPoint> AppliedOf(StreamRoute route) =>
        Of(route.Applied).Read(connection => Enumerable.Range(0, Shards.Count).Select(shard => AppliedRows.Of(connection, shard)).ToList());

    public void Dispose()
    {
        foreach (var database in _databases.Values)
        {
            database.Dispose();
        }

        _folder?.Dispose();
    }
}
