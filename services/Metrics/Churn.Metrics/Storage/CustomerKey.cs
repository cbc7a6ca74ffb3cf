using Churn.ServiceDefaults.Storage;

namespace Churn.Metrics.Storage;

/// <summary>Names a customer in the ledger's tables.</summary>
internal readonly record struct CustomerKey(int Shard, string Tenant, string Customer)
{
    public static readonly Column[] Columns =
        [new("shard", ColumnType.Number), new("tenant", ColumnType.Text), new("customer", ColumnType.Text)];

    /// <summary>Adds the key to a row.</summary>
    public Rows AddTo(Rows rows) => rows.Add(Shard).Add(Tenant).Add(Customer);

    /// <summary>Makes what rows of customers are found by.</summary>
    public static Rows Keys(string table, IEnumerable<CustomerKey> customers)
    {
        var keys = new Rows(table, Columns);
        foreach (var customer in customers)
        {
            customer.AddTo(keys);
        }

        return keys;
    }
}
