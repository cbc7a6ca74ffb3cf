using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Churn.Metrics.Owners;

/// <summary>Follows the other owners: knows when something changes there, and how far they are.</summary>
/// <remarks>A process that holds every shard follows nobody.</remarks>
internal sealed class OwnerFollower(OwnLedger own, AddressBook addresses, OwnerChannels channels, string name, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, (CancellationTokenSource End, Task Following)> _followed = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gives a task that ends when an owner tells of a change, or who the owners are has changed; taken before one looks, nothing is missed.</summary>
    public Task NextChange => Volatile.Read(ref _next).Task;

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
                    Tell();
                }
            }
            catch (Exception exception) when (exception is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                // Called again as long as it owns something.
            }

            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Tell() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
