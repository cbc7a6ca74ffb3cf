using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Domain;
using Churn.Metrics.Domain.Signals;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Storage;
using LedgerFact = Churn.Metrics.Domain.Fact;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics.Signals;

/// <summary>Tells again which signals the facts of a customer would have raised, had each arrived when it occurred.</summary>
/// <remarks>
/// A fact that was recorded in time arrives when it did; history, which never raised any, arrives when it occurred. Then all is as it is
/// live: the same facts, arriving in order, raise the same signals.
/// </remarks>
internal static class Replay
{
    /// <summary>Gives the signals that would have been known in [from, until), in order.</summary>
    public static List<V1.Signal> Of(DatabaseConnection connection, int shard, string tenant, string customer, PlanTable plans, long from, long until)
    {
        var arrivals = new List<Arrival>();
        foreach (var (fact, _) in LedgerStore.FactsOf(connection, shard, tenant, customer))
        {
            arrivals.Add(new Arrival(ArrivalOf(fact), fact.FromWire(plans), fact, null));
        }

        foreach (var use in UsageTable.UsesOf(connection, shard, tenant, customer, Calendar.DayOf(from) - UsageTable.LookedBack))
        {
            var fact = CustomerSignals.Read(use.Fact, use.RecordTime);
            arrivals.Add(new Arrival(ArrivalOf(fact), fact.FromWire(plans), fact, use.Day));
        }

        arrivals.Sort(Arrival.Compare);
        var raised = new List<V1.Signal>();
        try
        {
            Tell(new CustomerSignals(customer, plans, from - 1), arrivals, from, until, raised);
        }
        catch (OverflowException)
        {
            // What fits all together may not fit in the order in which it came; such a customer is told no further, as live.
        }

        return raised;
    }

    private static void Tell(CustomerSignals signals, List<Arrival> arrivals, long from, long until, List<V1.Signal> raised)
    {
        foreach (var (at, fact, wire, use) in arrivals)
        {
            if (at >= until)
            {
                break;
            }

            switch (use)
            {
                case { } day when at < from:
                    signals.Know(day);
                    break;
                case { } day:
                    raised.AddRange(signals.Arrive(day, fact, wire, at, raises: true));
                    break;
                case null when at < from:
                    signals.Know(fact, wire, signalled: true);
                    break;
                default:
                    raised.AddRange(signals.Arrive(fact, wire, at, raises: true));
                    break;
            }
        }

        raised.AddRange(signals.Pass(until - 1));
    }

    private static long ArrivalOf(WireFact fact)
    {
        var (occurred, recorded) = (FactFromWire.Micros(fact.OccurTime), FactFromWire.Micros(fact.RecordTime));
        return Signaller.IsInTime(occurred, recorded) ? recorded : occurred;
    }

    private sealed record Arrival(long At, LedgerFact Fact, WireFact Wire, UsageDay? Use)
    {
        public static int Compare(Arrival a, Arrival b)
        {
            var order = a.At.CompareTo(b.At);
            order = order != 0 ? order : LedgerFact.Compare(a.Fact, b.Fact);

            // A fact of use that takes out another is both, and takes out first.
            return order != 0 ? order : a.Use.HasValue.CompareTo(b.Use.HasValue);
        }
    }
}
