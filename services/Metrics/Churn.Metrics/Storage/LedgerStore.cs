using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Storage;

/// <summary>Keeps what ledger and signals are built of: each customer's facts, how far each shard is applied, and what could not be.</summary>
/// <remarks>
/// Movements and timelines are not kept: they are a function of the facts and of the policy, made again in microseconds. Of use the
/// days are kept, in <see cref="UsageTable"/>.
/// </remarks>
internal sealed class LedgerStore(Database database)
{
    /// <summary>Gives the scripts that make the schema.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE fact (
            shard INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            "offset" INTEGER NOT NULL,
            record_time INTEGER NOT NULL,
            fact BLOB NOT NULL,
            PRIMARY KEY (shard, tenant, customer, "offset")
        ) WITHOUT ROWID;
        CREATE TABLE applied (shard INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL, hash BLOB NOT NULL);
        CREATE TABLE quarantine (
            shard INTEGER NOT NULL,
            "offset" INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            record_time INTEGER NOT NULL,
            reason TEXT NOT NULL,
            record BLOB NOT NULL,
            PRIMARY KEY (shard, "offset")
        ) WITHOUT ROWID;
        """,

        // Facts that bear on no ledger are kept from here on: all are read from the log again. What was applied before there were
        // signals raises none.
        $"""
        CREATE TABLE silent (shard INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL);
        INSERT INTO silent SELECT shard, "offset" FROM applied;
        DELETE FROM fact;
        DELETE FROM applied;
        DELETE FROM quarantine;
        {UsageTable.Schema}
        {DueTable.Schema}
        {StreamLog.Schema(Signals.SignalLog.Stream)}
        """,
    ];

    public T Write<T>(Func<DatabaseConnection, T> work) => database.Write(work);

    public void Write(Action<DatabaseConnection> work) => database.Write(work);

    /// <summary>Reads the facts of one customer, with their record times.</summary>
    public List<WireFact> FactsOf(int shard, string tenant, string customer) =>
        database.Read(connection => FactsOf(connection, shard, tenant, customer).ConvertAll(stored => stored.Fact));

    /// <summary>Reads the facts of one customer, with their record times and offsets, as the transaction sees them.</summary>
    public static List<(WireFact Fact, long Offset)> FactsOf(DatabaseConnection connection, int shard, string tenant, string customer)
    {
        var rows = connection.Prepare("""SELECT fact, record_time, "offset" FROM fact WHERE shard = ? AND tenant = ? AND customer = ? ORDER BY "offset" """)
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer);
        var facts = new List<(WireFact, long)>();
        while (rows.Step())
        {
            var fact = WireFact.Parser.ParseFrom(rows.Blob(0));
            fact.RecordTime = Reads.Wire.ToTimestamp(rows.Number(1));
            facts.Add((fact, rows.Number(2)));
        }

        return facts;
    }

    /// <summary>Does work that reads, and sees one state of all.</summary>
    public T Read<T>(Func<DatabaseConnection, T> work) => database.Read(work);

    /// <summary>Gives the offset through which the facts of a shard raise no signals, whenever they came: they were applied before there were any.</summary>
    public static long SilentThrough(DatabaseConnection connection, int shard)
    {
        var row = connection.Prepare("""SELECT "offset" FROM silent WHERE shard = ?""").Bind(1, shard);
        var offset = row.Step() ? row.Number(0) : 0;
        row.Rewind();
        return offset;
    }

    /// <summary>Gives the next customers of a tenant in a shard of whom anything is known, in the order of the file.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">The last one that the reader has; empty for none.</param>
    /// <param name="most">How many.</param>
    public List<string> CustomersAfter(int shard, string tenant, string after, int most) => database.Read(connection =>
    {
        var rows = connection.Prepare("""
            SELECT * FROM (SELECT DISTINCT customer FROM fact WHERE shard = ?1 AND tenant = ?2 AND customer > ?3 ORDER BY customer LIMIT ?4)
            UNION SELECT * FROM (SELECT DISTINCT customer FROM usage WHERE shard = ?1 AND tenant = ?2 AND customer > ?3 ORDER BY customer LIMIT ?4)
            ORDER BY 1 LIMIT ?4
            """).Bind(1, shard).Bind(2, tenant).Bind(3, after).Bind(4, most);
        var customers = new List<string>();
        while (rows.Step())
        {
            customers.Add(rows.Text(0));
        }

        return customers;
    });

    /// <summary>Reads the facts of all customers of a shard, customer by customer.</summary>
    public void EachCustomer(int shard, Action<string, string, List<WireFact>> use) => database.Read(connection =>
    {
        var rows = connection.Prepare("""SELECT tenant, customer, fact FROM fact WHERE shard = ? ORDER BY tenant, customer, "offset" """).Bind(1, shard);
        string tenant = "", customer = "";
        var facts = new List<WireFact>();
        while (rows.Step())
        {
            // Comparing bytes spares a string for every row but a customer's first.
            if (facts.Count == 0 || !IsText(rows.Blob(1), customer) || !IsText(rows.Blob(0), tenant))
            {
                Use();
                (tenant, customer) = (rows.Text(0), rows.Text(1));
            }

            facts.Add(WireFact.Parser.ParseFrom(rows.Blob(2)));
        }

        Use();
        return true;

        void Use()
        {
            if (facts.Count > 0)
            {
                use(tenant, customer, facts);
                facts.Clear();
            }
        }
    });

    public static void AddFact(DatabaseConnection connection, int shard, string tenant, string customer, long offset, long recordTime, ReadOnlySpan<byte> fact) =>
        connection.Prepare("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)")
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(4, offset).Bind(5, recordTime).Bind(6, fact).Execute();

    public AppliedPoint AppliedOf(int shard) => database.Read(connection => AppliedRows.Of(connection, shard));

    /// <summary>Counts what is quarantined in the shards.</summary>
    public long CountQuarantined() => database.Read(AppliedRows.CountPutAside);

    /// <summary>Drops all that is kept of a shard.</summary>
    public static void Drop(DatabaseConnection connection, int shard)
    {
        foreach (var table in (string[])["fact", "silent", "usage", "due"])
        {
            connection.Prepare($"DELETE FROM {table} WHERE shard = ?").Bind(1, shard).Execute();
        }

        AppliedRows.Drop(connection, shard);
    }

    private static bool IsText(ReadOnlySpan<byte> utf8, string text)
    {
        Span<char> chars = stackalloc char[256];
        return System.Text.Encoding.UTF8.TryGetChars(utf8, chars, out var written) && chars[..written].SequenceEqual(text);
    }
}
