using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.Metrics.Reads;

/// <summary>Holds what every read needs: whose customers, in which currency, as of when.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Spread">Over how many shards the tenant's customers go.</param>
/// <param name="CurrencyCode">The currency; empty while nobody pays.</param>
/// <param name="Day">The day whose closing is asked for.</param>
/// <param name="IsToday">Whether that is the day by the clock.</param>
/// <param name="Token">What is to be applied before.</param>
/// <param name="State">How far the ledger was when the read began; null while that is asked.</param>
/// <param name="Deadline">When the caller no longer waits; the greatest instant for never.</param>
/// <param name="CancellationToken">Ends the read.</param>
internal sealed record Read(
    string Tenant, int Spread, string CurrencyCode, int Day, bool IsToday, ConsistencyToken Token, LedgerState? State, DateTime Deadline, CancellationToken CancellationToken)
{
    /// <summary>Gives the first instant that does not count.</summary>
    public long Cut => (Day + 1) * Calendar.Day;

    /// <summary>Gives the shards that the tenant's customers are in.</summary>
    public ShardSet Shards { get; } = ShardSet.OfTenant(Tenant, Spread);

    /// <summary>Gives where the figures came from, as far as they are there.</summary>
    public V1.FiguresSource Source { get; private set; } = V1.FiguresSource.Ledger;

    /// <summary>Takes the part of an answer; of all sources of a read, the farthest is told.</summary>
    public T Take<T>(LedgerAnswer<T> answer)
    {
        Source = (V1.FiguresSource)Math.Max((int)Source, (int)answer.Source);
        return answer.Part;
    }
}

/// <summary>Checks the options of reads and waits for what they ask to be there.</summary>
internal sealed class Reader(LedgerOwners owners, ILedgerProgress progress, TimeProvider clock)
{
    /// <summary>Gives how long is waited for a write at most.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // The last day of the year 9999 is the last that the calendar's texts can name.
    private static readonly long LatestInstant = Calendar.DayOf(9999, 12, 31) * Calendar.Day;

    /// <summary>Gives the day by the clock.</summary>
    public int Today => TodayOf(clock);

    /// <summary>Gives how long it is until the day by the clock is over.</summary>
    public TimeSpan UntilMidnight => TimeSpan.FromMicroseconds(((Today + 1) * Calendar.Day) - Now(clock) + 1);

    /// <summary>Gives the day by a clock.</summary>
    public static int TodayOf(TimeProvider clock) => Calendar.DayOf(Now(clock));

    /// <summary>Reads a consistency token, or several separated by commas.</summary>
    public static ConsistencyToken TokenOf(string text)
    {
        try
        {
            return text.Length == 0 ? ConsistencyToken.None : ConsistencyToken.ParseAll(text);
        }
        catch (FormatException)
        {
            throw ReadFaults.TokenInvalid();
        }
    }

    public async ValueTask<Read> BeginAsync(V1.ReadOptions? options, ServerCallContext context)
    {
        var read = Check(options, context);
        var answer = await StateAsync(read);
        read = Resolve(read, options?.Currency ?? "", answer.State);
        read.Take(answer);
        return read;
    }

    /// <summary>Begins a read of the database: gives how far all shards are, each loaded and caught up by its owner.</summary>
    public async ValueTask<LedgerState> BeginAsync(ServerCallContext context) => (await StateAsync(Check(null, context))).State;

    /// <summary>Gives how far all shards are, once what a token asks for is applied.</summary>
    public ValueTask<LedgerAnswer<bool>> StateAsync(Read read) => StateAsync(read, read.Shards);

    /// <summary>Gives how far some shards are, once what a token asks for is applied.</summary>
    public async ValueTask<LedgerAnswer<bool>> StateAsync(Read read, ShardSet shards)
    {
        if (read.Token.IsEmpty)
        {
            return await owners.AskAsync(StateQuestion.Instance, read, shards);
        }

        using var limit = new CancellationTokenSource(LongestWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(read.CancellationToken, limit.Token);
        try
        {
            return await owners.AskAsync(StateQuestion.Instance, read with { CancellationToken = either.Token }, shards);
        }
        catch (OperationCanceledException)
        {
            throw ReadFaults.NotApplied();
        }
    }

    /// <summary>Checks what a read asks for, as far as nobody has to be asked.</summary>
    public Read Check(V1.ReadOptions? options, ServerCallContext context)
    {
        if (!progress.IsReady)
        {
            throw ReadFaults.Loading();
        }

        options ??= new V1.ReadOptions();
        var day = DayOf(options);
        var caller = context.Caller();
        return new Read(
            caller.Tenant, caller.Spread, options.Currency, day, day == Today, TokenOf(options.ConsistencyToken), null, context.Deadline, context.CancellationToken);
    }

    /// <summary>Completes a read by what there is: the currency where none was named.</summary>
    public static Read Resolve(Read read, string asked, LedgerState state) => read with { CurrencyCode = CurrencyOf(state.Currencies, asked), State = state };

    /// <summary>Says how an answer was made.</summary>
    /// <param name="read">The read.</param>
    /// <param name="imbalance">What openings and movements miss of the closings, in micros.</param>
    public static V1.AnswerInfo InfoOf(Read read, Int128 imbalance) => new()
    {
        Policy = Policy.Standard.ToString(),
        TimeZone = "UTC",
        Currency = read.CurrencyCode,
        AsOf = Wire.ToTimestamp(read.Cut),
        Watermark = Wire.ToTimestamp(read.State!.Watermark),
        LagFacts = read.State.Lag,
        QuarantinedFacts = read.State.Quarantined,
        Identity = new V1.Identity { Balanced = imbalance == 0, ImbalanceMicros = Wire.Micros(imbalance) },
        Source = read.Source,
    };

    private static long Now(TimeProvider clock) => (clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

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

    private static string CurrencyOf(IReadOnlyCollection<string> currencies, string asked)
    {
        if (asked.Length > 0)
        {
            return currencies.Contains(asked) ? asked : throw ReadFaults.FieldInvalid(
                "read.currency", currencies.Count == 0 ? $"Nobody pays in {asked}, nor in any other currency yet." : $"Nobody pays in {asked}; there is {string.Join(", ", currencies)}.");
        }

        return currencies.Count switch
        {
            0 => "",
            1 => currencies.First(),
            _ => throw ReadFaults.CurrencyNeeded(currencies),
        };
    }
}
