using Churn.Metrics.Consumers;
using Churn.Metrics.Domain.Signals;
using Churn.ServiceDefaults.Storage;

namespace Churn.Metrics.Storage;

/// <summary>Holds the use of one meter by one customer on one day, as it is stored.</summary>
/// <param name="Day">When.</param>
/// <param name="RecordTime">When the first fact of it was recorded.</param>
/// <param name="Fact">The bytes of that fact.</param>
internal readonly record struct StoredUse(UsageDay Day, long RecordTime, byte[] Fact);

/// <summary>Keeps how much each customer used each meter on each day.</summary>
/// <remarks>It is counted as it comes; a fact of use that is retracted later stays counted.</remarks>
internal static class UsageTable
{
    /// <summary>The days before an instant that bear on signals of it.</summary>
    public const int LookedBack = 401;

    /// <summary>Gives the script that makes the table.</summary>
    public const string Schema = """
        CREATE TABLE usage (
            shard INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            day INTEGER NOT NULL,
            meter TEXT NOT NULL,
            quantity INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            record_time INTEGER NOT NULL,
            fact BLOB NOT NULL,
            PRIMARY KEY (shard, tenant, customer, day, meter)
        ) WITHOUT ROWID;
        """;

    /// <summary>Adds use, and tells whether it is the first of its meter and day.</summary>
    public static bool Add(DatabaseConnection connection, int shard, string tenant, string customer, ArrivedUse use)
    {
        var row = connection.Prepare("SELECT quantity, first, last FROM usage WHERE shard = ? AND tenant = ? AND customer = ? AND day = ? AND meter = ?")
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(4, use.Day.Day).Bind(5, use.Meter);
        if (!row.Step())
        {
            connection.Prepare("INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(4, use.Day.Day).Bind(5, use.Meter)
                .Bind(6, use.Quantity).Bind(7, use.Day.First).Bind(8, use.Day.Last).Bind(9, use.RecordTime).Bind(10, use.Record.Span).Execute();
            return true;
        }

        var (quantity, first, last) = (row.Number(0), row.Number(1), row.Number(2));
        row.Rewind();
        connection.Prepare("UPDATE usage SET quantity = ?, first = ?, last = ? WHERE shard = ? AND tenant = ? AND customer = ? AND day = ? AND meter = ?")
            .Bind(1, ArrivedUse.Saturating(quantity, use.Quantity)).Bind(2, Math.Min(first, use.Day.First)).Bind(3, Math.Max(last, use.Day.Last))
            .Bind(4, shard).Bind(5, tenant).Bind(6, customer).Bind(7, use.Day.Day).Bind(8, use.Meter).Execute();
        return false;
    }

    /// <summary>Gives a customer's days of use from a day on, over all meters, in order.</summary>
    public static List<UsageDay> DaysOf(DatabaseConnection connection, int shard, string tenant, string customer, int from)
    {
        var rows = connection.Prepare("SELECT day, min(first), max(last) FROM usage WHERE shard = ? AND tenant = ? AND customer = ? AND day >= ? GROUP BY day ORDER BY day")
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(4, from);
        var days = new List<UsageDay>();
        while (rows.Step())
        {
            days.Add(new UsageDay((int)rows.Number(0), rows.Number(1), rows.Number(2)));
        }

        return days;
    }

    /// <summary>Gives a customer's last use, or null where there is none.</summary>
    public static long? LastOf(DatabaseConnection connection, int shard, string tenant, string customer)
    {
        // The last day of use is the end of the key; over its few meters the latest is sought.
        var row = connection.Prepare("""
            SELECT max(last) FROM usage WHERE shard = ?1 AND tenant = ?2 AND customer = ?3
            AND day = (SELECT max(day) FROM usage WHERE shard = ?1 AND tenant = ?2 AND customer = ?3)
            """).Bind(1, shard).Bind(2, tenant).Bind(3, customer);
        long? last = row.Step() && !row.IsNull(0) ? row.Number(0) : null;
        row.Rewind();
        return last;
    }

    /// <summary>Gives what is stored of a customer's use from a day on.</summary>
    public static List<StoredUse> UsesOf(DatabaseConnection connection, int shard, string tenant, string customer, int from)
    {
        var rows = connection.Prepare("SELECT day, first, last, record_time, fact FROM usage WHERE shard = ? AND tenant = ? AND customer = ? AND day >= ? ORDER BY day, meter")
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(4, from);
        var uses = new List<StoredUse>();
        while (rows.Step())
        {
            uses.Add(new StoredUse(new UsageDay((int)rows.Number(0), rows.Number(1), rows.Number(2)), rows.Number(3), rows.Blob(4).ToArray()));
        }

        return uses;
    }
}
