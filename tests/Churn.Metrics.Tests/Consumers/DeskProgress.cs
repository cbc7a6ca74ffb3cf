using Churn.Metrics.Owners;
using Churn.ServiceDefaults.Streams;

namespace Churn.Metrics.Tests.Consumers;

/// <summary>Stands in for the consumer: what a desk holds is all applied, unless a test says otherwise.</summary>
internal sealed class DeskProgress(Desk desk) : ILedgerProgress
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady { get; set; } = true;

    /// <summary>Gives the shards that are held, and have not caught up yet.</summary>
    public ShardSet Loading { get; set; }

    public long Watermark { get; set; } = 1_700_000_000_000_000;

    public Task Applied { get; set; } = Task.CompletedTask;

    public Task NextChange => _next.Task;

    public void Change() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    public void Look(Span<ShardProgress> shards)
    {
        for (var shard = 0; shard < shards.Length; shard++)
        {
            var applied = desk.AppliedOf(shard);
            shards[shard] = new ShardProgress(Loading.Contains(shard) ? 0 : desk.LeaseOf(shard)?.Term ?? 0, applied, applied, Watermark, desk.Handler.QuarantinedIn(shard));
        }
    }

    public Task WaitAppliedAsync(ConsistencyToken token, CancellationToken cancellationToken) => Applied.WaitAsync(cancellationToken);
}
