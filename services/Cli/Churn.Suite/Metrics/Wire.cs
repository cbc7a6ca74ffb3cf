using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using Google.Protobuf.WellKnownTypes;
using Calendar = Churn.Metrics.Domain.Calendar;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Translates between the wire and what is shown; ratios are made of exact numerators and denominators.</summary>
internal static class Wire
{
    /// <summary>Names the kinds of movements for the command line.</summary>
    public static readonly (string Word, V1.MovementKind Value)[] KindWords =
    [
        ("new", V1.MovementKind.New), ("expansion", V1.MovementKind.Expansion), ("reactivation", V1.MovementKind.Reactivation),
        ("contraction", V1.MovementKind.Contraction), ("churn", V1.MovementKind.Churn), ("paused", V1.MovementKind.Paused),
        ("resumed", V1.MovementKind.Resumed), ("completed", V1.MovementKind.Completed),
        ("transfer-in", V1.MovementKind.TransferIn), ("transfer-out", V1.MovementKind.TransferOut),
    ];

    /// <summary>Names the windows for the command line.</summary>
    public static readonly (string Word, V1.Window Value)[] WindowWords =
    [
        ("7d", V1.Window._7Days), ("30d", V1.Window._30Days), ("90d", V1.Window._90Days), ("365d", V1.Window._365Days),
        ("mtd", V1.Window.MonthToDate), ("qtd", V1.Window.QuarterToDate), ("ytd", V1.Window.YearToDate), ("last-month", V1.Window.LastMonth),
    ];

    public static string WordOf(V1.Window window) =>
        WindowWords.FirstOrDefault(w => w.Value == window).Word ?? throw Unknown("window", window);

    /// <summary>Names a window for people.</summary>
    public static string NameOf(V1.Window window) => window switch
    {
        V1.Window._7Days => "7 days",
        V1.Window._30Days => "30 days",
        V1.Window._90Days => "90 days",
        V1.Window._365Days => "365 days",
        V1.Window.MonthToDate => "month to date",
        V1.Window.QuarterToDate => "quarter to date",
        V1.Window.YearToDate => "year to date",
        V1.Window.LastMonth => "last month",
        _ => throw Unknown("window", window),
    };

    public static MovementKind KindOf(V1.MovementKind kind) => kind switch
    {
        V1.MovementKind.New => MovementKind.New,
        V1.MovementKind.Expansion => MovementKind.Expansion,
        V1.MovementKind.Reactivation => MovementKind.Reactivation,
        V1.MovementKind.Contraction => MovementKind.Contraction,
        V1.MovementKind.Churn => MovementKind.Churn,
        V1.MovementKind.Paused => MovementKind.Paused,
        V1.MovementKind.Resumed => MovementKind.Resumed,
        V1.MovementKind.Completed => MovementKind.Completed,
        V1.MovementKind.TransferIn => MovementKind.TransferIn,
        V1.MovementKind.TransferOut => MovementKind.TransferOut,
        _ => throw Unknown("kind of movement", kind),
    };

    /// <summary>Reads a bridge; what it is off by is the closing that the server counted less the one it leads to.</summary>
    public static (Bridge Bridge, Int128 Imbalance) BridgeOf(V1.Bridge? bridge)
    {
        if (bridge is null)
        {
            throw new AnswerException("the answer lacks a bridge");
        }

        var flows = bridge.Flows.Select(f => (KindOf(f.Kind), (Int128)f.MrrMicros, f.Count)).ToArray();
        if (flows.DistinctBy(f => f.Item1).Count() != flows.Length)
        {
            throw new AnswerException("the answer has a bridge that states a kind of movement twice");
        }

        var read = Bridge.Of(
            bridge.OpeningMrrMicros, bridge.OpeningCustomers, bridge.ClosingCustomers, bridge.LostMrrMicros, bridge.GainedMrrMicros, flows);
        return (read, bridge.ClosingMrrMicros - read.Closing);
    }

    public static TrailingYear YearOf(V1.TrailingYear year) => new(
        MonthOf(year.Month), year.BaseMrrMicros, year.BaseCustomers, year.NowMrrMicros, year.NowCustomers, year.NowCappedMicros);

    public static Cohort CohortOf(V1.Cohort cohort, CohortBasis basis) => new(
        basis, MonthOf(cohort.Month), cohort.Customers, cohort.FirstMrrMicros,
        [.. cohort.Ages.Select(a => a.Customers)], [.. cohort.Ages.Select(a => (Int128)a.MrrMicros)]);

    public static Provenance ProvenanceOf(V1.AnswerInfo? info, Call call) => info is null
        ? throw new AnswerException("the answer does not say how it was made")
        : new Provenance
        {
            Address = call.AddressText,
            Policy = info.Policy,
            TimeZone = info.TimeZone,
            AsOf = InstantOf(info.AsOf),
            Watermark = InstantOf(info.Watermark),
            LagFacts = info.LagFacts,
            QuarantinedFacts = info.QuarantinedFacts,
            IsBalanced = info.Identity?.Balanced ?? true,
        };

    /// <summary>Reads YYYY-MM.</summary>
    public static int MonthOf(string month) =>
        month.Length == 7 && Instants.Read(Encoding.UTF8.GetBytes(month + "-01"), out var instant) is null
            ? Calendar.MonthOf(instant)
            : throw Unknown("month", month);

    /// <summary>Gives the period of a movement as the files of a report write it: a fraction of a second has six digits.</summary>
    public static string PeriodOf(V1.Movement movement) =>
        movement.Period.Contains('T', StringComparison.Ordinal) && Instants.Read(Encoding.UTF8.GetBytes(movement.Period), out var instant) is null
            ? Encoding.ASCII.GetString(new Lines().Instant(instant).Written)
            : movement.Period;

    /// <summary>Gives the microseconds since 1970; 0 for an instant that is left out.</summary>
    public static long InstantOf(Timestamp? time)
    {
        const int nanosecondsInOne = 1_000;
        return time is null ? 0 : (time.Seconds * Calendar.Second) + (time.Nanos / nanosecondsInOne);
    }

    public static Timestamp Timestamp(long instant)
    {
        const int nanosecondsInOne = 1_000;
        var seconds = Math.DivRem(instant, Calendar.Second, out var micros);
        return micros < 0
            ? new Timestamp { Seconds = seconds - 1, Nanos = (int)(micros + Calendar.Second) * nanosecondsInOne }
            : new Timestamp { Seconds = seconds, Nanos = (int)micros * nanosecondsInOne };
    }

    private static AnswerException Unknown(string what, object found) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the answer has a {what} that this version does not know: {Printable.Of(found.ToString() ?? "", 40)}"));
}
