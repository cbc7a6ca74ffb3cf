namespace Churn.Metrics;

/// <summary>Tells how far the ledger has come along the stream of facts.</summary>
internal interface ILedgerProgress
{
    /// <summary>Tells whether every shard is loaded, and has caught up with the log once since the start.</summary>
    bool IsReady { get; }

    /// <summary>Gives the facts that are recorded and not yet applied.</summary>
    long Lag { get; }

    /// <summary>Gives the instant until which every fact recorded is applied, in microseconds.</summary>
    long Watermark { get; }

    /// <summary>Gives the facts that could not be applied.</summary>
    long Quarantined { get; }

    /// <summary>Waits until all that a token, or several separated by commas, stands for is applied.</summary>
    /// <exception cref="FormatException">It is no token.</exception>
    Task WaitAppliedAsync(string token, CancellationToken cancellationToken);

    /// <summary>Gives a task that ends when something more is applied; taken before one looks, nothing is missed.</summary>
    Task NextChange { get; }
}
