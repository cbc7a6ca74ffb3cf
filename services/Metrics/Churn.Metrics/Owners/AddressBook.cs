using Churn.ServiceDefaults.Leases;

namespace Churn.Metrics.Owners;

/// <summary>Knows who holds which shard: the table of leases, looked at anew when it is a second old or was found to be wrong.</summary>
internal sealed class AddressBook(LeaseTable table, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _reading = new();
    private Task<IReadOnlyList<LeaseEntry>>? _read;
    private long _at;

    /// <summary>Gives the leases, by shard; a shard that nobody ever took is missing.</summary>
    /// <param name="anew">Whether what is known already was found to be wrong.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<LeaseEntry>> ListAsync(bool anew, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<LeaseEntry>> read;
        lock (_reading)
        {
            // Whoever comes while the table is being read shares what is read.
            if (_read is null || (_read.IsCompleted && (anew || !_read.IsCompletedSuccessfully || clock.GetElapsedTime(_at) >= Fresh)))
            {
                _at = clock.GetTimestamp();
                _read = Task.Run(table.List, CancellationToken.None);
            }

            read = _read;
        }

        return read.WaitAsync(cancellationToken);
    }
}
