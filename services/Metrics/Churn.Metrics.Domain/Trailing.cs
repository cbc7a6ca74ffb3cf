namespace Churn.Metrics.Domain;

/// <summary>Holds what became, by a month's closing, of the customers that paid at the closing twelve months before.</summary>
/// <param name="Month">The month whose closing is looked at.</param>
/// <param name="BaseMrr">MRR of the base at the closing of Month - 12.</param>
/// <param name="BaseCustomers">Customers in the base.</param>
/// <param name="NowMrr">MRR of the same customers at the closing of Month.</param>
/// <param name="NowCustomers">Customers of the base that pay at it.</param>
/// <param name="NowCapped">Sum of the smaller of each customer's two MRRs.</param>
public sealed record TrailingYear(
    int Month, Int128 BaseMrr, long BaseCustomers, Int128 NowMrr, long NowCustomers, Int128 NowCapped)
{
    /// <summary>Gives the months between the two closings.</summary>
    public const int Months = 12;

    /// <summary>Gives the month of the base.</summary>
    public int BaseMonth => Month - Months;

    /// <summary>Gives net revenue retention, point to point.</summary>
    public Ratio Nrr => new(NowMrr, BaseMrr);

    /// <summary>Gives gross revenue retention, point to point.</summary>
    public Ratio Grr => new(NowCapped, BaseMrr);

    /// <summary>Gives the share of the base's customers that pay.</summary>
    public Ratio LogoRetention => new(NowCustomers, BaseCustomers);
}

/// <summary>Adds up trailing years over customers.</summary>
internal sealed class TrailingSums(Horizon horizon)
{
    private readonly Total[] _baseMrr = new Total[horizon.Months + 1];
    private readonly Total[] _nowMrr = new Total[horizon.Months + 1];
    private readonly Total[] _capped = new Total[horizon.Months + 1];
    private readonly long[] _baseCustomers = new long[horizon.Months + 1];
    private readonly long[] _nowCustomers = new long[horizon.Months + 1];

    /// <summary>Adds one customer's movements at the month's grain: each stretch in which base and now stand still costs once.</summary>
    public void Add(ReadOnlySpan<Movement> movements)
    {
        if (movements.IsEmpty)
        {
            return;
        }

        int past = 0, now = 0;
        var month = Math.Max(horizon.From, (int)movements[0].Period + TrailingYear.Months);
        while (month <= horizon.To)
        {
            while (past + 1 < movements.Length && movements[past + 1].Period + TrailingYear.Months <= month)
            {
                past++;
            }

            while (now + 1 < movements.Length && movements[now + 1].Period <= month)
            {
                now++;
            }

            var next = horizon.To + 1;
            if (past + 1 < movements.Length)
            {
                next = Math.Min(next, (int)movements[past + 1].Period + TrailingYear.Months);
            }

            if (now + 1 < movements.Length)
            {
                next = Math.Min(next, (int)movements[now + 1].Period);
            }

            Add(month - horizon.From, next - horizon.From, movements[past].After, movements[now].After);
            month = next;
        }
    }

    public void Merge(TrailingSums other)
    {
        Sum.Into(_baseMrr, other._baseMrr);
        Sum.Into(_nowMrr, other._nowMrr);
        Sum.Into(_capped, other._capped);
        Sum.Into(_baseCustomers, other._baseCustomers);
        Sum.Into(_nowCustomers, other._nowCustomers);
    }

    public void Carry(SumsCarrier carrier)
    {
        carrier.Carry(_baseMrr);
        carrier.Carry(_nowMrr);
        carrier.Carry(_capped);
        carrier.Carry(_baseCustomers);
        carrier.Carry(_nowCustomers);
    }

    public IEnumerable<TrailingYear> Read()
    {
        var (baseMrr, nowMrr, capped) = (Sum.Run(_baseMrr, horizon.Months), Sum.Run(_nowMrr, horizon.Months), Sum.Run(_capped, horizon.Months));
        var (baseCustomers, nowCustomers) = (Sum.Run(_baseCustomers, horizon.Months), Sum.Run(_nowCustomers, horizon.Months));
        for (var i = 0; i < horizon.Months; i++)
        {
            if (baseMrr[i] != 0)
            {
                yield return new TrailingYear(
                    horizon.From + i, baseMrr[i], baseCustomers[i], nowMrr[i], nowCustomers[i], capped[i]);
            }
        }
    }

    private void Add(int from, int to, long before, long now)
    {
        if (before == 0)
        {
            return;
        }

        Sum.Range(_baseMrr, from, to, before);
        Sum.Range(_baseCustomers, from, to);
        if (now > 0)
        {
            Sum.Range(_nowMrr, from, to, now);
            Sum.Range(_capped, from, to, Math.Min(before, now));
            Sum.Range(_nowCustomers, from, to);
        }
    }
}
