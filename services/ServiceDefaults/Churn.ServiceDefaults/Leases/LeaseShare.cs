namespace Churn.ServiceDefaults.Leases;

/// <summary>Holds what an owner has after a round of taking.</summary>
/// <param name="Held">Its leases, by shard.</param>
/// <param name="Excess">How many of them are more than its even share, to be given up.</param>
/// <param name="IsSettled">Whether every shard has a living owner.</param>
public sealed record LeaseShare(IReadOnlyList<Lease> Held, int Excess, bool IsSettled);
