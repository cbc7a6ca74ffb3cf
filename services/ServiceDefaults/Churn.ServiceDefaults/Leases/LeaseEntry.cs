namespace Churn.ServiceDefaults.Leases;

/// <summary>Holds who has one shard, as the table says.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Owner">The owner's name.</param>
/// <param name="Term">The term of the lease.</param>
/// <param name="Address">Where the owner is called; empty where it is called by nobody, or is gone.</param>
public sealed record LeaseEntry(int Shard, string Owner, long Term, string Address);
