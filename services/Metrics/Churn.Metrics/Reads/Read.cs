using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.ServiceDefaults.Access;
using Grpc.Core;

namespace Churn.Metrics.Reads;

/// <summary>Holds what every read needs: whose customers, in which currency, as of when.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Spread">Over how many shards the tenant's customers go.</param>
/// <param name="Currency">The currency's number; -1 while nobody pays.</param>
/// <param name="CurrencyCode">The currency; empty while nobody pays.</param>
/// <param name="Day">The day whose closing is asked for.</param>
/// <param name="IsToday">Whether that is the day by the clock.</param>
/// <param name="CancellationToken">Ends the read.</param>
internal sealed record Read(string Tenant, int Spread, int Currency, string CurrencyCode, int Day, bool IsToday, CancellationToken CancellationToken)
{
    /// <summary>Gives the first instant that does not count.</summary>
    public long Cut => (Day + 1) * Calendar.Day;
}

/// <summary>Checks the options of reads and waits for what they ask to be there.</summary>
internal sealed class Reader(Shelf shelf, ILedgerProgress progress, TimeProvider clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // The last day of the year 9999 is the last that the calendar's texts can name.
    private static readonly long LatestInstant = Calendar.DayOf(9999, 12, 31) * Calendar.Day;

    /// <summary>Gives the day by the clock.</summary>
    public int Today => Calendar.DayOf(Now);

    /// <summary>Gives how long it is until the day by the clock is over.</summary>
    public TimeSpan UntilMidnight => TimeSpan.FromMicroseconds(((Today + 1) * Calendar.Day) - Now + 1);

    private long Now => (clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    public async Task<Read> BeginAsync(V1.ReadOptions? options, ServerCallContext context)
    {
        if (!progress.IsReady)
        {
            throw ReadFaults.Loading();
        }

        options ??= new V1.ReadOptions();
        var day = DayOf(options);
        if (options.ConsistencyToken.Length > 0)
        {
            await WaitAsync(options.ConsistencyToken, context.CancellationToken);
        }

        var caller = context.Caller();
        var (number, code) = CurrencyOf(caller.Tenant, options.Currency);
        return new Read(caller.Tenant, caller.Spread, number, code, day, day == Today, context.CancellationToken);
    }

    /// <summary>Says how an answer was made.</summary>
    /// <param name="read">The read.</param>
    /// <param name="imbalance">What openings and movements miss of the closings, in micros.</param>
    public V1.AnswerInfo InfoOf(Read read, Int128 imbalance) => new()
    {
        Policy = Policy.Standard.ToString(),
        TimeZone = "UTC",
        Currency = read.CurrencyCode,
        AsOf = Wire.ToTimestamp(read.Cut),
        Watermark = Wire.ToTimestamp(progress.Watermark),
        LagFacts = progress.Lag,
        QuarantinedFacts = progress.Quarantined,
        Identity = new V1.Identity { Balanced = imbalance == 0, ImbalanceMicros = Wire.Micros(imbalance) },
    };

    private int DayOf(V1.ReadOptions options)
    {
        if (options.At is not { } at)
        {
            return Today;
        }

        var micros = at.Nanos is >= 0 and < 1_000_000_000 && Math.Abs(at.Seconds) < LatestInstant / Calendar.Second
            ? (at.Seconds * Calendar.Second) + (at.Nanos / 1_000)
            : -1;
        return micros >= 0
            ? Calendar.DayOf(micros)
            : throw ReadFaults.FieldInvalid("read.at", "The instant is not between 1970-01-01 and 9999-12-30.");
    }

    private async Task WaitAsync(string token, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LongestWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await progress.WaitAppliedAsync(token, either.Token);
        }
        catch (FormatException)
        {
            throw ReadFaults.TokenInvalid();
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "The write that the consistency token stands for is not applied yet; call again."));
        }
    }

    private (int Number, string Code) CurrencyOf(string tenant, string asked)
    {
        var currencies = shelf.Vocabulary.Plans.Currencies;
        if (asked.Length > 0)
        {
            var number = currencies.Find(asked);
            return number >= 0 && shelf.BooksOf(tenant).Exists(b => b.HasCurrency(number)) ? (number, asked) : throw ReadFaults.FieldInvalid(
                "read.currency", currencies.Count == 0 ? $"Nobody pays in {asked}, nor in any other currency yet." : $"Nobody pays in {asked}; there is {string.Join(", ", Names(tenant))}.");
        }

        var names = Names(tenant);
        return names.Count switch
        {
            0 => (-1, ""),
            1 => (currencies.Find(names[0]), names[0]),
            _ => throw ReadFaults.CurrencyNeeded(names),
        };
    }

    private List<string> Names(string tenant)
    {
        var currencies = shelf.Vocabulary.Plans.Currencies;
        var books = shelf.BooksOf(tenant);
        var names = new List<string>();
        for (var i = 0; i < currencies.Count; i++)
        {
            var number = i;
            if (books.Exists(b => b.HasCurrency(number)))
            {
                names.Add(currencies[i]);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
