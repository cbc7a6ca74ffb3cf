using Churn.ServiceDefaults.Storage;

namespace Churn.Metrics.Storage;

/// <summary>Holds when time next brings something about for a customer: by what facts say, and by when it used the product.</summary>
/// <param name="OfFacts">By what facts say; null for never.</param>
/// <param name="OfUsage">By use; null for never.</param>
internal readonly record struct Due(long? OfFacts, long? OfUsage)
{
    /// <summary>Gives the earlier of the two; null for never.</summary>
    public long? At => OfFacts is { } facts && OfUsage is { } usage ? Math.Min(facts, usage) : OfFacts ?? OfUsage;
}

/// <summary>Holds a customer for whom time brings something about.</summary>
internal sealed record DueCustomer(string Tenant, string Customer, long At);

/// <summary>Keeps for each customer the next instant at which time brings something about; until then time has passed for it.</summary>
internal static class DueTable
{
    /// <summary>Gives the script that makes the table.</summary>
    public const string Schema = """
        CREATE TABLE due (
            shard INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            facts INTEGER,
            usage INTEGER,
            at INTEGER NOT NULL,
            PRIMARY KEY (shard, tenant, customer)
        ) WITHOUT ROWID;
        CREATE INDEX due_at ON due (shard, at);
        """;

    public static Due Of(DatabaseConnection connection, int shard, string tenant, string customer)
    {
        var row = connection.Prepare("SELECT facts, usage FROM due WHERE shard = ? AND tenant = ? AND customer = ?").Bind(1, shard).Bind(2, tenant).Bind(3, customer);
        if (!row.Step())
        {
            return default;
        }

        var due = new Due(row.IsNull(0) ? null : row.Number(0), row.IsNull(1) ? null : row.Number(1));
        row.Rewind();
        return due;
    }

    /// <summary>Puts what is due in the place of what was.</summary>
    public static void Set(DatabaseConnection connection, int shard, string tenant, string customer, Due was, Due due)
    {
        if (was == due)
        {
            return;
        }

        if (due.At is not { } at)
        {
            connection.Prepare("DELETE FROM due WHERE shard = ? AND tenant = ? AND customer = ?").Bind(1, shard).Bind(2, tenant).Bind(3, customer).Execute();
            return;
        }

        var row = connection.Prepare("""
            INSERT INTO due (shard, tenant, customer, facts, usage, at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (shard, tenant, customer) DO UPDATE SET facts = excluded.facts, usage = excluded.usage, at = excluded.at
            """).Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(6, at);
        row = due.OfFacts is { } facts ? row.Bind(4, facts) : row.BindNull(4);
        row = due.OfUsage is { } usage ? row.Bind(5, usage) : row.BindNull(5);
        row.Execute();
    }

    /// <summary>Gives the customers of a shard for whom something is due by an instant, the earliest first.</summary>
    public static List<DueCustomer> By(DatabaseConnection connection, int shard, long instant, int most)
    {
        var rows = connection.Prepare("SELECT tenant, customer, at FROM due WHERE shard = ? AND at <= ? ORDER BY at LIMIT ?").Bind(1, shard).Bind(2, instant).Bind(3, most);
        var customers = new List<DueCustomer>();
        while (rows.Step())
        {
            customers.Add(new DueCustomer(rows.Text(0), rows.Text(1), rows.Number(2)));
        }

        return customers;
    }
}
