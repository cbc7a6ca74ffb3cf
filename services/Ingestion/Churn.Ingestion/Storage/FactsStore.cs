using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Ingestion.Storage;

/// <summary>Holds the database of facts and the log in it.</summary>
internal sealed class FactsStore : IDisposable
{
    /// <summary>The name of the stream of facts, of its database, and of the file.</summary>
    public const string Stream = "facts";

    // The customer's hash and whether the fact is a retraction are what a fact that retracts it needs to know: the log need not be read.
    private const string Identities = """

        CREATE TABLE source (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (tenant, name)
        );
        CREATE TABLE identity (
            source INTEGER NOT NULL,
            event_id TEXT NOT NULL,
            content BLOB NOT NULL,
            customer INTEGER NOT NULL,
            retraction INTEGER NOT NULL,
            shard INTEGER NOT NULL,
            log_offset INTEGER NOT NULL,
            PRIMARY KEY (source, event_id)
        ) WITHOUT ROWID;
        """;

    /// <summary>Gives what makes it.</summary>
    public static DatabaseOptions Schema { get; } = new()
    {
        Name = Stream,
        Migrations = [StreamLog.Schema(Stream) + Identities],
        Scripts = typeof(FactsStore).Assembly,
    };

    /// <summary>Opens it, and makes it where there is none.</summary>
    /// <exception cref="StorageException">It cannot be opened, is damaged, is of a newer version, or is something else.</exception>
    public FactsStore(IngestionOptions options, TimeProvider clock)
    {
        Database = options.Postgres is { } postgres ? Database.Connect(postgres, Schema) : Database.Open(Path.Combine(options.DataFolder, Stream + ".db"), Schema);
        Log = new StreamLog(Database, Stream, clock);
    }

    public Database Database { get; }

    public StreamLog Log { get; }

    public void Dispose() => Database.Dispose();
}
