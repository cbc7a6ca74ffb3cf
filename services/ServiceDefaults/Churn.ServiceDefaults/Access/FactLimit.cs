namespace Churn.ServiceDefaults.Access;

/// <summary>Counts the facts that callers send against what their tenants may send.</summary>
public sealed class FactLimit
{
    private readonly TenantMeters? _meters;
    private readonly TimeProvider _clock;

    internal FactLimit(TenantMeters? meters, TimeProvider clock) => (_meters, _clock) = (meters, clock);

    /// <summary>Takes facts, or fails the call.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">There are too many: RESOURCE_EXHAUSTED, with the delay after which they can be sent again.</exception>
    public void Take(Caller caller, int count)
    {
        if (WaitOf(caller, count) is { } wait)
        {
            throw AccessFaults.RateLimited(wait);
        }
    }

    /// <summary>Takes facts when they can be taken: a stream is slowed.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">There are too many of the month: RESOURCE_EXHAUSTED.</exception>
    public async ValueTask TakeAsync(Caller caller, int count, CancellationToken cancellationToken)
    {
        while (WaitOf(caller, count) is { } wait)
        {
            await Task.Delay(wait, _clock, cancellationToken);
        }
    }

    // What services record of themselves is not what the tenant sends.
    private TimeSpan? WaitOf(Caller caller, int count) =>
        caller is { Bound: { } tenant, IsService: false } ? _meters?.TakeFacts(tenant, count) : null;
}
