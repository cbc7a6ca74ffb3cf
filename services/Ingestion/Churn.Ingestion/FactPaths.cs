namespace Churn.Ingestion;

/// <summary>Holds the paths of the fields of a kind that states terms: made once, so that a sound fact costs no text.</summary>
internal sealed record TermsPaths(string Kind)
{
    public string SubscriptionId { get; } = Kind + ".subscription_id";

    public string Plan { get; } = Kind + ".plan";

    public string Price { get; } = Kind + ".price";

    public string Currency { get; } = Kind + ".price.currency";

    public string Value { get; } = Kind + ".price.value";

    public string MrrMicros { get; } = Kind + ".price.mrr_micros";

    public string Period { get; } = Kind + ".price.period";

    public string AmountMicros { get; } = Kind + ".price.period.amount_micros";

    public string Unit { get; } = Kind + ".price.period.unit";

    public string Count { get; } = Kind + ".price.period.count";

    public string Quantity { get; } = Kind + ".price.period.quantity";
}

/// <summary>Holds the paths of the fields of an amount.</summary>
internal sealed record AmountPaths(string Amount)
{
    public string Currency { get; } = Amount + ".currency";

    public string AmountMicros { get; } = Amount + ".amount_micros";
}
