using Churn.ServiceDefaults.Streams;

namespace Churn.Notifications.Sending;

/// <summary>Counts the messages that are being handed over, by shard: a shard is given up when none of its is.</summary>
internal sealed class Underway
{
    private readonly Lock _counting = new();
    private readonly int[] _counts = new int[Shards.Count];
    private TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Begin(int shard)
    {
        lock (_counting)
        {
            _counts[shard]++;
        }
    }

    public void End(int shard)
    {
        TaskCompletionSource ended;
        lock (_counting)
        {
            _counts[shard]--;
            ended = _ended;
            _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        ended.SetResult();
    }

    /// <summary>Waits until none of the shards has a message under way.</summary>
    public async Task NoneOfAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task ended;
            lock (_counting)
            {
                if (shards.All(shard => _counts[shard] == 0))
                {
                    return;
                }

                ended = _ended.Task;
            }

            await ended.WaitAsync(cancellationToken);
        }
    }
}
