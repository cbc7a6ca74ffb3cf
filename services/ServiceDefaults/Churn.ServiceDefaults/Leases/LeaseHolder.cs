using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Leases;

/// <summary>Takes and renews the leases of one owner for as long as it runs.</summary>
/// <remarks>
/// While the table cannot be written nobody can take over, and what is held stays held: that an old owner writes is prevented by the
/// terms, not by clocks.
/// </remarks>
/// <param name="table">The table.</param>
/// <param name="owner">The owner's name.</param>
/// <param name="address">Where the owner is called.</param>
/// <param name="clock">Tells when to renew.</param>
/// <param name="logger">Is told of failures.</param>
public sealed partial class LeaseHolder(LeaseTable table, string owner, string address, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Lock _changing = new();
    private readonly HashSet<Lease> _leaving = [];
    private readonly HashSet<Lease> _released = [];
    private List<Lease> _held = [];
    private bool _isSettled;
    private bool _failing;
    private long _renewed;

    /// <summary>Gives the leases under which may be written now, by shard.</summary>
    public IReadOnlyList<Lease> Held
    {
        get
        {
            lock (_changing)
            {
                return _held.FindAll(lease => !_leaving.Contains(lease));
            }
        }
    }

    /// <summary>Says whether every shard has a living owner, here or elsewhere.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_changing)
            {
                return _isSettled;
            }
        }
    }

    /// <summary>
    /// Says whether what is held is held for sure: it was renewed within a lease's length, or nobody can take it as the table cannot be
    /// written. A process that was frozen for longer is not sure until it has looked.
    /// </summary>
    public bool IsSure
    {
        get
        {
            lock (_changing)
            {
                return _failing || (_renewed != 0 && clock.GetElapsedTime(_renewed) < LeaseTable.Length);
            }
        }
    }

    /// <summary>Takes and renews until it is cancelled; what is held then stays held.</summary>
    /// <param name="changed">Is called when <see cref="Held"/> or <see cref="IsSettled"/> has changed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action changed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                if (Renew())
                {
                    changed();
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // It was told to end.
        }
    }

    /// <summary>Drops a lease that was found to be lost.</summary>
    public void Lost(int shard)
    {
        lock (_changing)
        {
            _held.RemoveAll(lease => lease.Shard == shard);
            _leaving.RemoveWhere(lease => lease.Shard == shard);
        }
    }

    /// <summary>Lets others take leases under which nothing is written any more; when the table cannot be written now, at the next renewal.</summary>
    public void Release(IReadOnlyCollection<Lease> leases)
    {
        lock (_changing)
        {
            _held.RemoveAll(leases.Contains);
            _leaving.ExceptWith(leases);
            _released.UnionWith(leases);
        }

        try
        {
            Flush();
        }
        catch (StorageException exception)
        {
            LogFailing(exception);
        }
    }

    /// <summary>Lets others take everything: the owner ends.</summary>
    public void Leave()
    {
        List<Lease> held;
        lock (_changing)
        {
            held = [.. _held];
        }

        Release(held);
        table.Leave(owner);
    }

    /// <summary>Takes and renews once.</summary>
    /// <returns>Whether something has changed.</returns>
    internal bool Renew()
    {
        List<Lease> before;
        lock (_changing)
        {
            before = [.. _held];
        }

        LeaseShare share;
        var began = clock.GetTimestamp();
        try
        {
            Flush();
            share = table.Take(owner, address, before);
        }
        catch (Exception exception)
        {
            bool wasFailing;
            lock (_changing)
            {
                (wasFailing, _failing) = (_failing, true);
            }

            if (!wasFailing)
            {
                LogFailing(exception);
            }

            return false;
        }

        lock (_changing)
        {
            (_failing, _renewed) = (false, Math.Max(1, began));
            var was = _held.FindAll(lease => !_leaving.Contains(lease));

            // What was lost or released while the table was asked is not taken back by its answer.
            var gone = before.Except(_held).ToHashSet();
            _held = [.. share.Held.Where(lease => !gone.Contains(lease))];
            _leaving.IntersectWith(_held);
            foreach (var lease in _held.Where(lease => !_leaving.Contains(lease)).TakeLast(Math.Max(0, share.Excess - _leaving.Count)).ToList())
            {
                _leaving.Add(lease);
            }

            var changed = _isSettled != share.IsSettled || !was.SequenceEqual(_held.Where(lease => !_leaving.Contains(lease)));
            _isSettled = share.IsSettled;
            return changed;
        }
    }

    private void Flush()
    {
        List<Lease> released;
        lock (_changing)
        {
            released = [.. _released];
        }

        if (released.Count > 0)
        {
            table.Release(owner, released);
            lock (_changing)
            {
                _released.ExceptWith(released);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leases could not be renewed; they are held on to while nobody can take them.")]
    private partial void LogFailing(Exception exception);
}
