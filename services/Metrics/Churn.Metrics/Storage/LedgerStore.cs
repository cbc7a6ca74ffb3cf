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

    /// <summary>Does work that holds leases: nobody else writes what it reads.</summary>
    public T Write<T>(Func<DatabaseConnection, T> work) => database.Write(work, Isolation.ReadCommitted);

    public void Write(Action<DatabaseConnection> work) => database.Write(work, Isolation.ReadCommitted);

    /// <summary>Reads the facts of one customer, with their record times.</summary>
    public List<WireFact> FactsOf(int shard, string tenant, string customer) =>
        database.Read(connection => FactsOf(connection, shard, tenant, customer).ConvertAll(stored => stored.Fact));

    /// <summary>Reads the facts of one customer, with their record times and offsets, as the transaction sees them.</summary>
    public static List<(WireFact Fact, long Offset)> FactsOf(DatabaseConnection connection, int shard, string tenant, string customer) =>
        FactsOf(connection, [new CustomerKey(shard, tenant, customer)])[0];

    /// <summary>Reads the facts of customers, with their record times and offsets, as the transaction sees them.</summary>
    public static List<(WireFact Fact, long Offset)>[] FactsOf(DatabaseConnection connection, IReadOnlyList<CustomerKey> customers)
    {
        var facts = new List<(WireFact, long)>[customers.Count];
        for (var i = 0; i < facts.Length; i++)
        {
            facts[i] = [];
        }

        connection.Find(
            CustomerKey.Keys("fact", customers), "fact, record_time, \"offset\"",
            (i, row) =>
            {
                var fact = WireFact.Parser.ParseFrom(row.Blob(0));
                fact.RecordTime = Reads.Wire.ToTimestamp(row.Number(1));
                facts[i].Add((fact, row.Number(2)));
            },
            "ORDER BY \"offset\"");
        return facts;
    }

    /// <summary>Does work that reads, and sees one state of all.</summary>
    public T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default) => database.Read(work, cancellationToken);

    /// <summary>Gives for shards the offset through which their facts raise no signals, whenever they came: they were applied before there were any.</summary>
    public static IReadOnlyDictionary<int, long> SilentThrough(DatabaseConnection connection, IEnumerable<int> shards)
    {
        var offsets = shards.ToDictionary(shard => shard, _ => 0L);
        var keys = new Rows("silent", new Column("shard", ColumnType.Number));
        int[] asked = [.. offsets.Keys];
        Array.ForEach(asked, shard => keys.Add(shard));
        connection.Find(keys, "\"offset\"", (i, row) => offsets[asked[i]] = row.Number(0));
        return offsets;
    }

    /// <summary>Has the facts of a shard through an offset raise no signals: they have.</summary>
    public static void Silence(DatabaseConnection connection, int shard, long through) =>
        connection.Upsert(new Rows("silent", new Column("shard", ColumnType.Number), new Column("\"offset\"", ColumnType.Number)).Add(shard).Add(through), key: 1);

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

    /// <summary>Makes the rows of facts, to be inserted together.</summary>
    public static Rows Facts() => new(
        "fact", [.. CustomerKey.Columns, new("\"offset\"", ColumnType.Number), new("record_time", ColumnType.Number), new("fact", ColumnType.Bytes)]);

    public AppliedPoint AppliedOf(int shard) => database.Read(connection => AppliedRows.Of(connection, shard));

    /// <summary>Counts what is quarantined in a shard.</summary>
    public long CountQuarantined(int shard) => database.Read(connection => AppliedRows.CountPutAside(connection, shard));

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
