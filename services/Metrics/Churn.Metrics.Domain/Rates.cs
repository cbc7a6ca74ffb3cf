namespace Churn.Metrics.Domain;

/// <summary>Reads the rates of a period off its bridge.</summary>
/// <remarks>
/// Every rate is a ratio of the period's sums to its opening; where movements of a finer grain are summed over a month, they
/// are those sums. A rate whose denominator is zero is undefined. docs/definitions.md has one worked number of each.
/// </remarks>
/// <param name="bridge">The period.</param>
public readonly struct Rates(Bridge bridge)
{
    /// <summary>Gives churned customers / customers paying at the opening; who joins and leaves inside the period is in neither at the period's grain.</summary>
    public Ratio LogoChurn => new(bridge.Count(MovementKind.Churn), bridge.OpeningCustomers);

    /// <summary>Gives (churn + contraction) / opening.</summary>
    public Ratio GrossMrrChurn => new(GrossLoss, bridge.Opening);

    /// <summary>Gives (churn + contraction - expansion) / opening: below zero when the base grows.</summary>
    public Ratio NetMrrChurn => new(GrossLoss - bridge[MovementKind.Expansion], bridge.Opening);

    /// <summary>Gives net MRR churn after reactivation too: (churn + contraction - expansion - reactivation) / opening.</summary>
    public Ratio NetMrrChurnAfterReactivation =>
        new(GrossLoss - bridge[MovementKind.Expansion] - bridge[MovementKind.Reactivation], bridge.Opening);

    /// <summary>Gives net revenue retention: (opening + gains - losses of those paying at the opening) / opening.</summary>
    public Ratio Nrr => new(bridge.Opening + bridge.Gained - bridge.Lost, bridge.Opening);

    /// <summary>Gives gross revenue retention: sum of min(opening, closing) of each customer / opening; at most 1 at the period's grain.</summary>
    public Ratio Grr => new(bridge.Opening - bridge.Lost, bridge.Opening);

    /// <summary>Gives (new + expansion + reactivation) / (churn + contraction).</summary>
    public Ratio QuickRatioWithReactivation =>
        new(bridge[MovementKind.New] + bridge[MovementKind.Expansion] + bridge[MovementKind.Reactivation], GrossLoss);

    /// <summary>Gives (new + expansion) / (churn + contraction).</summary>
    public Ratio QuickRatio => new(bridge[MovementKind.New] + bridge[MovementKind.Expansion], GrossLoss);

    /// <summary>Gives the average MRR of a paying customer at the closing, in micros.</summary>
    public Ratio Arpa => new(bridge.Closing, bridge.ClosingCustomers);

    private Int128 GrossLoss => bridge[MovementKind.Churn] + bridge[MovementKind.Contraction];
}
