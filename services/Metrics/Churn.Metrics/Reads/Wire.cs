using Churn.Metrics.Domain;
using Google.Protobuf.WellKnownTypes;
using DomainWindow = Churn.Metrics.Domain.Window;

namespace Churn.Metrics.Reads;

/// <summary>Translates what the ledger says into what the wire has.</summary>
internal static class Wire
{
    /// <summary>Names the rates of a bridge as the wire does, in its order.</summary>
    public static readonly IReadOnlyList<(string Name, Func<Domain.Rates, Ratio> Of)> Rates =
    [
        ("logo_churn", r => r.LogoChurn),
        ("gross_mrr_churn", r => r.GrossMrrChurn),
        ("net_mrr_churn", r => r.NetMrrChurn),
        ("net_mrr_churn_after_reactivation", r => r.NetMrrChurnAfterReactivation),
        ("nrr", r => r.Nrr),
        ("grr", r => r.Grr),
        ("quick_ratio", r => r.QuickRatio),
        ("quick_ratio_with_reactivation", r => r.QuickRatioWithReactivation),
        ("arpa_micros", r => r.Arpa),
    ];

    /// <summary>Gives a sum as an int64.</summary>
    /// <exception cref="Grpc.Core.RpcException">It exceeds one: OUT_OF_RANGE, SUM_TOO_LARGE.</exception>
    public static long Micros(Int128 sum) => sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : throw ReadFaults.SumTooLarge();

    public static Timestamp ToTimestamp(long micros)
    {
        var seconds = (long)Math.Floor((decimal)micros / Calendar.Second);
        return new Timestamp { Seconds = seconds, Nanos = (int)(micros - (seconds * Calendar.Second)) * 1_000 };
    }

    public static V1.Bridge ToWire(this Domain.Bridge bridge)
    {
        var wire = new V1.Bridge
        {
            OpeningMrrMicros = Micros(bridge.Opening),
            OpeningCustomers = bridge.OpeningCustomers,
            ClosingMrrMicros = Micros(bridge.Closing),
            ClosingCustomers = bridge.ClosingCustomers,
            LostMrrMicros = Micros(bridge.Lost),
            GainedMrrMicros = Micros(bridge.Gained),
        };
        for (var kind = MovementKind.New; kind <= MovementKind.TransferOut; kind++)
        {
            if (bridge.Count(kind) != 0)
            {
                wire.Flows.Add(new V1.Flow { Kind = kind.ToWire(), MrrMicros = Micros(bridge[kind]), Count = bridge.Count(kind) });
            }
        }

        return wire;
    }

    public static V1.Rates ToWire(this Domain.Rates rates)
    {
        var wire = new V1.Rates();
        Set(rates.LogoChurn, v => wire.LogoChurn = v);
        Set(rates.GrossMrrChurn, v => wire.GrossMrrChurn = v);
        Set(rates.NetMrrChurn, v => wire.NetMrrChurn = v);
        Set(rates.NetMrrChurnAfterReactivation, v => wire.NetMrrChurnAfterReactivation = v);
        Set(rates.Nrr, v => wire.Nrr = v);
        Set(rates.Grr, v => wire.Grr = v);
        Set(rates.QuickRatio, v => wire.QuickRatio = v);
        Set(rates.QuickRatioWithReactivation, v => wire.QuickRatioWithReactivation = v);
        if (rates.Arpa.IsDefined)
        {
            wire.ArpaMicros = Micros(rates.Arpa.Scaled(1));
        }

        return wire;
    }

    public static V1.Rate ToWire(string name, Ratio ratio)
    {
        var wire = new V1.Rate { Name = name, Numerator = Micros(ratio.Numerator), Denominator = Micros(ratio.Denominator) };
        Set(ratio, v => wire.Value = v);
        return wire;
    }

    public static V1.TrailingYear ToWire(this Domain.TrailingYear year)
    {
        var wire = new V1.TrailingYear
        {
            Month = Periods.MonthText(year.Month),
            BaseMrrMicros = Micros(year.BaseMrr),
            BaseCustomers = year.BaseCustomers,
            NowMrrMicros = Micros(year.NowMrr),
            NowCustomers = year.NowCustomers,
            NowCappedMicros = Micros(year.NowCapped),
        };
        Set(year.Nrr, v => wire.Nrr = v);
        Set(year.Grr, v => wire.Grr = v);
        Set(year.LogoRetention, v => wire.LogoRetention = v);
        return wire;
    }

    public static V1.Cohort ToWire(this Domain.Cohort cohort, V1.Segment? segment)
    {
        var wire = new V1.Cohort
        {
            Segment = segment,
            Month = Periods.MonthText(cohort.Month),
            Customers = cohort.Customers,
            FirstMrrMicros = Micros(cohort.FirstMrr),
        };
        for (var age = 0; age < cohort.Ages; age++)
        {
            var at = new V1.CohortAge { Customers = cohort.ActiveCustomers(age), MrrMicros = Micros(cohort.ActiveMrr(age)) };
            Set(cohort.LogoRetention(age), v => at.LogoRetention = v);
            Set(cohort.MrrRetention(age), v => at.MrrRetention = v);
            wire.Ages.Add(at);
        }

        return wire;
    }

    public static V1.RollingFigures ToWire(this WindowSums sums, in DomainWindow window, V1.Segment? segment)
    {
        var bridge = sums.ToBridge();
        return new V1.RollingFigures
        {
            Window = (V1.Window)(window.Kind + 1),
            Segment = segment,
            FromDay = Periods.DayText(window.FromDay),
            ToDay = Periods.DayText(window.EndDay - 1),
            Bridge = bridge.ToWire(),
            Rates = new Domain.Rates(bridge).ToWire(),
        };
    }

    /// <summary>Names all kinds of movements, a bit each.</summary>
    public const int AllKinds = (1 << Movements.Kinds) - 1;

    /// <summary>Gives the kind of a movement that the wire names; it must be one.</summary>
    public static MovementKind FromWire(this V1.MovementKind kind) => System.Enum.GetValues<MovementKind>().First(k => k.ToWire() == kind);

    public static V1.MovementKind ToWire(this MovementKind kind) => kind switch
    {
        MovementKind.New => V1.MovementKind.New,
        MovementKind.Expansion => V1.MovementKind.Expansion,
        MovementKind.Reactivation => V1.MovementKind.Reactivation,
        MovementKind.Contraction => V1.MovementKind.Contraction,
        MovementKind.Churn => V1.MovementKind.Churn,
        MovementKind.Paused => V1.MovementKind.Paused,
        MovementKind.Resumed => V1.MovementKind.Resumed,
        MovementKind.Completed => V1.MovementKind.Completed,
        MovementKind.TransferIn => V1.MovementKind.TransferIn,
        MovementKind.TransferOut => V1.MovementKind.TransferOut,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static void Set(Ratio ratio, Action<double> set)
    {
        if (ratio.Approximate is { } value)
        {
            set(value);
        }
    }
}
