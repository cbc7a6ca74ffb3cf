using Churn.Metrics.Books;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Leases;
using Google.Rpc;
using Grpc.Core;

namespace Churn.Metrics.Owners;

/// <summary>Asks the owners of shards, this process or others, and puts their answers together: all of them or none.</summary>
/// <remarks>
/// While shards move from one owner to another it asks again, within the caller's deadline. An owner that does not answer is given up
/// when another has its shards; until then it may be about to.
/// </remarks>
internal sealed class LedgerOwners(
    OwnLedger own, Vocabulary vocabulary, AddressBook addresses, OwnerChannels channels, string name, TimeProvider clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Doubt = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks the owners of all shards that the tenant's customers are in.</summary>
    public ValueTask<LedgerAnswer<T>> AskAsync<T>(Question<T> question, Read read) => AskAsync(question, read, read.Shards);

    /// <summary>Asks the owners of some shards.</summary>
    /// <exception cref="RpcException">One of them has no owner that answers in time, or the token is not reached in time.</exception>
    public async ValueTask<LedgerAnswer<T>> AskAsync<T>(Question<T> question, Read read, ShardSet shards)
    {
        if (own.Held.And(shards) == shards && await own.WaitAsync(read.Token, shards, read.CancellationToken) && own.Answer(question, read, shards) is { } answer)
        {
            return answer;
        }

        var began = clock.GetTimestamp();
        var answers = new List<LedgerAnswer<T>>();
        var missing = shards;
        var pause = TimeSpan.Zero;
        for (var isFirst = true; ; isFirst = false)
        {
            foreach (var (group, found) in await RoundAsync(question, read, missing, anew: !isFirst))
            {
                if (found is not null)
                {
                    answers.Add(found);
                    missing = missing.Except(group);
                }
            }

            if (missing.IsEmpty)
            {
                return new LedgerAnswer<T>(
                    LedgerState.Merge(answers.ConvertAll(a => a.State)), question.Merge(answers.ConvertAll(a => a.Part)), answers.Max(a => a.Source));
            }

            if (!HasTime(read, began, pause))
            {
                throw ReadFaults.Moving();
            }

            // The first time it is the list of owners that is old.
            await Task.Delay(pause, clock, read.CancellationToken);
            pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private bool HasTime(Read read, long began, TimeSpan pause) => read.Deadline == DateTime.MaxValue
        ? clock.GetElapsedTime(began) < LongestWait
        : read.Deadline - clock.GetUtcNow().UtcDateTime > pause * 2;

    private async Task<IEnumerable<(ShardSet Shards, LedgerAnswer<T>? Answer)>> RoundAsync<T>(Question<T> question, Read read, ShardSet missing, bool anew)
    {
        var here = own.Held.And(missing);
        var elsewhere = missing.Except(here);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(read.CancellationToken);
        var asked = new List<(ShardSet Shards, Task<LedgerAnswer<T>?> Answer)>();
        if (!elsewhere.IsEmpty)
        {
            foreach (var owner in OthersOf(await LeasesAsync(anew, read.CancellationToken), elsewhere))
            {
                asked.Add((ShardSet.Of(owner.Select(lease => lease.Shard)), AskAsync(question, read, owner.Key, [.. owner], end.Token)));
            }
        }

        // The others work meanwhile.
        if (!here.IsEmpty)
        {
            asked.Add((here, AnswerAsync(question, read, here, end.Token)));
        }

        try
        {
            await Task.WhenAll(asked.Select(a => a.Answer));
        }
        catch
        {
            // What one cannot answer for good, nobody needs the rest of.
            await end.CancelAsync();
            throw;
        }

        return asked.Select(a => (a.Shards, a.Answer.Result));
    }

    private IEnumerable<IGrouping<string, LeaseEntry>> OthersOf(IReadOnlyList<LeaseEntry> leases, ShardSet shards) => leases
        .Where(lease => shards.Contains(lease.Shard) && lease.Owner != name && Uri.IsWellFormedUriString(lease.Address, UriKind.Absolute))
        .GroupBy(lease => lease.Address);

    private async Task<IReadOnlyList<LeaseEntry>> LeasesAsync(bool anew, CancellationToken cancellationToken)
    {
        try
        {
            return await addresses.ListAsync(anew, cancellationToken);
        }
        catch (ServiceDefaults.Storage.StorageException)
        {
            // The table cannot be read now: it is tried again as if the owners did not answer.
            return [];
        }
    }

    private async Task<LedgerAnswer<T>?> AnswerAsync<T>(Question<T> question, Read read, ShardSet shards, CancellationToken cancellationToken) =>
        await own.WaitAsync(read.Token, shards, cancellationToken) ? own.Answer(question, read, shards) : null;

    private async Task<LedgerAnswer<T>?> AskAsync<T>(Question<T> question, Read read, string address, IReadOnlyList<LeaseEntry> leases, CancellationToken cancellationToken)
    {
        var request = new V1.AskRequest { ConsistencyToken = read.Token.ToString(), Currency = read.CurrencyCode, Day = read.Day };
        request.Shards.AddRange(leases.Select(lease => new V1.ShardTerm { Shard = lease.Shard, Term = lease.Term }));
        question.Ask(request);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            DateTime? deadline = read.Deadline == DateTime.MaxValue ? null : read.Deadline;
            using var call = channels.At(address).AskAsync(request, deadline: deadline, cancellationToken: end.Token);
            while (!call.ResponseAsync.IsCompleted)
            {
                await Task.WhenAny(call.ResponseAsync, Task.Delay(Doubt, clock, end.Token));
                if (!call.ResponseAsync.IsCompleted && await HaveMovedAsync(leases, cancellationToken))
                {
                    await end.CancelAsync();
                    return null;
                }
            }

            var response = await call.ResponseAsync;
            return new LedgerAnswer<T>(LedgerState.FromWire(response.State), question.FromWire(response, vocabulary, read), V1.FiguresSource.Owners);
        }
        catch (RpcException exception) when (!read.CancellationToken.IsCancellationRequested && IsPassing(exception))
        {
            return null;
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ObjectDisposedException) when (!cancellationToken.IsCancellationRequested)
        {
            // The owner was taken off the list meanwhile.
            return null;
        }
    }

    private async Task<bool> HaveMovedAsync(IReadOnlyList<LeaseEntry> asked, CancellationToken cancellationToken)
    {
        var now = await LeasesAsync(anew: false, cancellationToken);
        return now.Count > 0 && asked.Any(lease => !now.Any(entry => entry.Shard == lease.Shard && entry.Term == lease.Term && entry.Address == lease.Address));
    }

    // A failure without a reason is the connection's, whatever its code.
    private static bool IsPassing(RpcException exception) => exception.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled
        || (exception.StatusCode is StatusCode.Internal or StatusCode.Unknown
            && exception.ToRichStatus()?.Details.Any(detail => detail.Is(ErrorInfo.Descriptor)) != true);
}
