using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Churn.Metrics.Owners;

/// <summary>Holds what the owner of a shard says of it.</summary>
/// <param name="Shard">How far it is.</param>
/// <param name="Sums">The least offset that a tenant's sums in Redis must have; -1 where they do not hold; null where the tenant has no customer there.</param>
internal readonly record struct OwnerMark(V1.ShardMark Shard, long? Sums);

/// <summary>Follows the other owners: knows when something changes there, and how far they are.</summary>
/// <remarks>A process that holds every shard follows nobody.</remarks>
internal sealed class OwnerFollower(OwnLedger own, AddressBook addresses, OwnerChannels channels, string name, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Four heartbeats.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private readonly Lock _hearing = new();
    private readonly Dictionary<string, HeardOwner> _heard = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (CancellationTokenSource End, Task Following)> _followed = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gives a task that ends when an owner tells of a change, or who the owners are has changed; taken before one looks, nothing is missed.</summary>
    public Task NextChange => Volatile.Read(ref _next).Task;

    /// <summary>Gives what the owners say of shards; one whose owner is silent is left out.</summary>
    public List<OwnerMark> MarksOf(string tenant, ShardSet shards)
    {
        var marks = new List<OwnerMark>(shards.Count);
        lock (_hearing)
        {
            foreach (var shard in shards)
            {
                OwnerMark? found = null;
                foreach (var heard in _heard.Values)
                {
                    // One that was frozen while another took its shard says so until it has looked.
                    if (clock.GetElapsedTime(heard.At) < Silence && heard.MarkOf(shard, tenant) is { } mark && (found is null || mark.Shard.Term > found.Value.Shard.Term))
                    {
                        found = mark;
                    }
                }

                if (found is not null)
                {
                    marks.Add(found.Value);
                }
            }
        }

        return marks;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                await FollowAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
        finally
        {
            foreach (var owner in _followed.Keys.ToList())
            {
                await LeaveAsync(owner);
            }
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        HashSet<string> owners = [];
        if (own.Held != ShardSet.All)
        {
            try
            {
                owners = [.. (await addresses.ListAsync(anew: false, stoppingToken))
                    .Where(lease => lease.Owner != name && Uri.IsWellFormedUriString(lease.Address, UriKind.Absolute)).Select(lease => lease.Address)];
            }
            catch (StorageException)
            {
                // Who owned a shard goes on owning it while the table cannot be written.
                return;
            }
        }

        foreach (var owner in _followed.Keys.Except(owners).ToList())
        {
            await LeaveAsync(owner);
        }

        foreach (var owner in owners.Where(owner => !_followed.ContainsKey(owner)))
        {
            var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _followed.Add(owner, (end, FollowAsync(owner, end.Token)));
        }

        channels.KeepOnly(owners);
    }

    private async Task LeaveAsync(string owner)
    {
        var (end, following) = _followed[owner];
        _followed.Remove(owner);
        await end.CancelAsync();
        await following;
        end.Dispose();
        Tell();
    }

    private async Task FollowAsync(string owner, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var call = channels.At(owner).Follow(new V1.FollowRequest(), cancellationToken: cancellationToken);
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    Hear(owner, call.ResponseStream.Current);
                    Tell();
                }
            }
            catch (Exception exception) when (exception is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                // Called again as long as it owns something.
            }

            lock (_hearing)
            {
                _heard.Remove(owner);
            }

            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Hear(string owner, V1.FollowResponse news)
    {
        lock (_hearing)
        {
            if (!_heard.TryGetValue(owner, out var heard))
            {
                _heard.Add(owner, heard = new HeardOwner());
            }

            heard.Hear(news, clock.GetTimestamp());
        }
    }

    private void Tell() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
