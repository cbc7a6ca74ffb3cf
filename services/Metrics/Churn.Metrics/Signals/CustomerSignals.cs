using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Reads;
using Churn.Metrics.Storage;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Signals;

/// <summary>Raises the signals of one customer with all that is stored of it.</summary>
internal sealed class CustomerSignals
{
    private readonly string _customer;
    private readonly PlanTable _plans;
    private readonly Signaller _signaller;
    private readonly Dictionary<(string Source, string EventId), WireFact> _wires = [];
    private readonly List<Signal> _raised = [];

    public CustomerSignals(string customer, PlanTable plans, long passed)
    {
        _customer = customer;
        _plans = plans;
        _signaller = new Signaller(Policy.Standard, plans.CurrencyOf, passed);
    }

    /// <summary>Opens a customer with what is stored of it.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="plans">Numbers the plans.</param>
    /// <param name="passed">The instant until which time has passed for it.</param>
    /// <param name="silentThrough">The offset through which facts raised none, whenever they came.</param>
    /// <param name="facts">Its facts, with their offsets.</param>
    /// <param name="days">Its days of use since <see cref="FirstDay"/>.</param>
    public static CustomerSignals Open(
        string customer, PlanTable plans, long passed, long silentThrough, List<(WireFact Fact, long Offset)> facts, List<UsageDay> days)
    {
        var signals = new CustomerSignals(customer, plans, passed);
        foreach (var (wire, offset) in facts)
        {
            signals.Know(wire.FromWire(plans), wire, offset > silentThrough && Signaller.IsInTime(FactFromWire.Micros(wire.OccurTime), FactFromWire.Micros(wire.RecordTime)));
        }

        foreach (var day in days)
        {
            signals._signaller.Know(day);
        }

        return signals;
    }

    /// <summary>Gives the first day of use that bears on what is raised after an instant.</summary>
    public static int FirstDay(long passed) => Calendar.DayOf(passed) - UsageTable.LookedBack;

    public long? NextOfFacts(long after) => _signaller.NextOfFacts(after);

    public long? NextOfUsage(long after) => _signaller.NextOfUsage(after);

    /// <summary>Takes in a fact that raises nothing now.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="wire">The same, as it came.</param>
    /// <param name="signalled">Whether it raised a signal when it arrived.</param>
    public void Know(LedgerFact fact, WireFact wire, bool signalled)
    {
        _wires[(fact.Source, fact.EventId)] = wire;
        _signaller.Know(fact, signalled);
    }

    public void Know(UsageDay day) => _signaller.Know(day);

    public IEnumerable<V1.Signal> Pass(long until)
    {
        _signaller.Pass(until, _raised);
        return Taken();
    }

    public IEnumerable<V1.Signal> Arrive(LedgerFact fact, WireFact wire, long arrival, bool raises)
    {
        _wires[(fact.Source, fact.EventId)] = wire;
        _signaller.Arrive(fact, arrival, raises, _raised);
        return Taken();
    }

    /// <summary>Takes in use.</summary>
    /// <param name="day">When.</param>
    /// <param name="fact">A fact of it.</param>
    /// <param name="first">The same as it came, where it is the first of its meter and day; else null.</param>
    /// <param name="arrival">When it arrived.</param>
    /// <param name="raises">Whether it raises signals.</param>
    public IEnumerable<V1.Signal> Arrive(UsageDay day, LedgerFact fact, WireFact? first, long arrival, bool raises)
    {
        if (first is not null)
        {
            _wires[(fact.Source, fact.EventId)] = first;
        }

        _signaller.Arrive(day, first is null ? null : fact, arrival, raises, _raised);
        return Taken();
    }

    /// <summary>Tells whether a signal is raised now: what was to be known longer ago than a fact may be late is history.</summary>
    public static bool IsNews(V1.Signal signal, long now) => FactFromWire.Micros(signal.KnownTime) >= now - Signaller.Late;

    /// <summary>Reads a fact's bytes, and gives it its record time.</summary>
    public static WireFact Read(ReadOnlySpan<byte> record, long recordTime)
    {
        var wire = WireFact.Parser.ParseFrom(record);
        wire.RecordTime = Wire.ToTimestamp(recordTime);
        return wire;
    }

    private List<V1.Signal> Taken()
    {
        var taken = _raised.ConvertAll(signal => signal.ToWire(
            _customer, signal.Fact is { } fact ? _wires[(fact.Source, fact.EventId)] : null, _plans));
        _raised.Clear();
        return taken;
    }
}
