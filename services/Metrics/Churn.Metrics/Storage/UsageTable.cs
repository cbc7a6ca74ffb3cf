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

    /// <summary>Adds use, and gives those that are the first of their customer, meter and day.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="uses">The uses; no two of one customer, meter and day.</param>
    public static HashSet<ArrivedUse> Add(DatabaseConnection connection, IReadOnlyList<(CustomerKey Customer, ArrivedUse Use)> uses)
    {
        Column day = new("day", ColumnType.Number), meter = new("meter", ColumnType.Text);
        var keys = new Rows("usage", [.. CustomerKey.Columns, day, meter]);
        foreach (var (customer, use) in uses)
        {
            customer.AddTo(keys).Add(use.Day.Day).Add(use.Meter);
        }

        var found = new (long Quantity, long First, long Last)?[uses.Count];
        var first = new Dictionary<int, (long RecordTime, byte[] Fact)>();
        connection.Find(keys, "quantity, first, last, record_time, fact", (i, row) =>
        {
            found[i] = (row.Number(0), row.Number(1), row.Number(2));
            first[i] = (row.Number(3), row.Blob(4).ToArray());
        });
        var rows = new Rows("usage",
        [
            .. CustomerKey.Columns, day, meter,
            new("quantity", ColumnType.Number), new("first", ColumnType.Number), new("last", ColumnType.Number),
            new("record_time", ColumnType.Number), new("fact", ColumnType.Bytes),
        ]);
        var firsts = new HashSet<ArrivedUse>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < uses.Count; i++)
        {
            var (customer, use) = uses[i];
            customer.AddTo(rows).Add(use.Day.Day).Add(use.Meter);
            if (found[i] is var (quantity, earliest, latest))
            {
                rows.Add(ArrivedUse.Saturating(quantity, use.Quantity)).Add(Math.Min(earliest, use.Day.First)).Add(Math.Max(latest, use.Day.Last))
                    .Add(first[i].RecordTime).Add(first[i].Fact);
            }
            else
            {
                firsts.Add(use);
                rows.Add(use.Quantity).Add(use.Day.First).Add(use.Day.Last).Add(use.RecordTime).Add(use.Record.ToArray());
            }
        }

        connection.Upsert(rows, key: 5);
        return firsts;
    }

    /// <summary>Gives each customer's days of use from a day on, over all meters, in order.</summary>
    public static List<UsageDay>[] DaysOf(DatabaseConnection connection, IReadOnlyList<(CustomerKey Customer, int From)> customers)
    {
        var keys = new Rows("usage", [.. CustomerKey.Columns, new("day", ColumnType.Number, ">=")]);
        var days = new List<UsageDay>[customers.Count];
        for (var i = 0; i < days.Length; i++)
        {
            customers[i].Customer.AddTo(keys).Add(customers[i].From);
            days[i] = [];
        }

        connection.Find(
            keys, "day, min(first), max(last)", (i, row) => days[i].Add(new UsageDay((int)row.Number(0), row.Number(1), row.Number(2))), "GROUP BY day ORDER BY day");
        return days;
    }

    /// <summary>Gives each customer's last use, or null where there is none.</summary>
    public static long?[] LastOf(DatabaseConnection connection, IReadOnlyList<CustomerKey> customers)
    {
        // The last day of use is the end of the key; over its few meters the latest is sought.
        var last = new long?[customers.Count];
        connection.Find(CustomerKey.Keys("usage", customers), "last", (i, row) => last[i] = row.Number(0), "ORDER BY day DESC, last DESC LIMIT 1");
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
