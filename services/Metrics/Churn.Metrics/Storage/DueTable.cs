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

    /// <summary>Gives what is due for each customer.</summary>
    public static Due[] Of(DatabaseConnection connection, IReadOnlyList<CustomerKey> customers)
    {
        var dues = new Due[customers.Count];
        connection.Find(
            CustomerKey.Keys("due", customers), "facts, usage",
            (i, row) => dues[i] = new Due(row.IsNull(0) ? null : row.Number(0), row.IsNull(1) ? null : row.Number(1)));
        return dues;
    }

    /// <summary>Puts what is due in the place of what was.</summary>
    public static void Set(DatabaseConnection connection, IEnumerable<(CustomerKey Customer, Due Was, Due Due)> changes)
    {
        var gone = new Rows("due", CustomerKey.Columns);
        var come = new Rows("due", [.. CustomerKey.Columns, new("facts", ColumnType.Number), new("usage", ColumnType.Number), new("at", ColumnType.Number)]);
        foreach (var (customer, was, due) in changes)
        {
            if (was == due)
            {
                continue;
            }

            if (due.At is { } at)
            {
                customer.AddTo(come).Add(due.OfFacts).Add(due.OfUsage).Add(at);
            }
            else
            {
                customer.AddTo(gone);
            }
        }

        connection.Delete(gone);
        connection.Upsert(come, key: 3);
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
