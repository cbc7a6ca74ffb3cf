using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Suite.Import.Csv;

/// <summary>Decides what to send for a row: what it says now, and what takes out that which it said before.</summary>
/// <remarks>
/// A pure function of what the row says and of what is known of it. The same export again gives the same facts, event ids included. A value
/// that is new retracts the one that stands in its place; one that returns after it was retracted is a new version of itself.
/// What somebody retracted by hand stays out until the row says something else.
/// </remarks>
internal static class RowPlanner
{
    /// <summary>Plans the facts of a row.</summary>
    /// <param name="row">The row's name.</param>
    /// <param name="said">What the row says, without event ids.</param>
    /// <param name="known">What is known of the row.</param>
    /// <param name="plan">Takes the facts to send: those of <paramref name="said"/>, each with its id, and retractions.</param>
    /// <param name="moved">Takes the ids of facts to retract that are about another customer.</param>
    public static void Plan(
        string row,
        IReadOnlyList<(RowField Field, ulong Value, Fact Fact)> said,
        IReadOnlyList<StandingFacts.Known> known,
        ICollection<(RowField Field, Fact Fact)> plan,
        ICollection<(RowField Field, RowEvent Stale)> moved)
    {
        if (known.Count == 0)
        {
            foreach (var (field, value, fact) in said)
            {
                fact.EventId = new RowEvent(field, value, 1).Id(row);
                plan.Add((field, fact));
            }

            return;
        }

        var ending = said.FirstOrDefault(s => s.Field is RowField.End or RowField.Cancel);
        foreach (var (field, value, fact) in said)
        {
            var customer = StandingFacts.CustomerKey(fact.CustomerId);
            var stale = Stale(field, value, known, fact, customer);
            var chosen = Choose(field, value, known, stale.Count > 0, out var isNew);
            fact.EventId = chosen.Event.Id(row);
            if (!isNew)
            {
                fact.Retracts = chosen.Retracts.Field == RowField.None ? "" : chosen.Retracts.Id(row);
                stale.RemoveAll(k => k.Event == chosen.Event);
            }
            else if (stale.FindIndex(k => k.Customer == customer) is >= 0 and var at)
            {
                fact.Retracts = stale[at].Event.Id(row);
                stale.RemoveAt(at);
            }

            plan.Add((field, fact));
            TakeOut(row, field, fact, customer, stale, plan, moved);
        }

        // What runs on again has no end, whichever was said.
        if (ending.Fact is null)
        {
            var start = said.First(s => s.Field == RowField.Start).Fact;
            var ends = known.Where(k => k.Stands && (k.Event.Field is RowField.End or RowField.Cancel)).ToList();
            TakeOut(row, RowField.End, start, StandingFacts.CustomerKey(start.CustomerId), ends, plan, moved);
        }
    }

    // What stands in the place of a value and is another one. An end that was scheduled, and came as it was, is none.
    private static List<StandingFacts.Known> Stale(RowField field, ulong value, IReadOnlyList<StandingFacts.Known> known, Fact fact, ulong customer)
    {
        var stale = new List<StandingFacts.Known>();
        foreach (var other in known)
        {
            if (!other.Stands)
            {
                continue;
            }

            var isInPlace = field switch
            {
                RowField.End => other.Event.Field == RowField.End || (other.Event.Field == RowField.Cancel && (other.EndsAt != Micros(fact) || other.Customer != customer)),
                RowField.Cancel => other.Event.Field is RowField.End or RowField.Cancel,
                _ => other.Event.Field == field,
            };
            if (isInPlace && (other.Event.Field != field || other.Event.Value != value))
            {
                stale.Add(other);
            }
        }

        return stale;
    }

    private static StandingFacts.Known Choose(RowField field, ulong value, IReadOnlyList<StandingFacts.Known> known, bool othersStand, out bool isNew)
    {
        StandingFacts.Known latest = default;
        foreach (var other in known)
        {
            if (other.Event.Field == field && other.Event.Value == value && other.Event.Version > latest.Event.Version)
            {
                latest = other;
            }
        }

        isNew = latest.Event.Version == 0 || !latest.IsRecorded || (latest.IsRetracted && (!latest.IsRetractedByHand || othersStand));
        if (isNew)
        {
            latest = new StandingFacts.Known { Event = new RowEvent(field, value, latest.IsRetracted || latest.IsRecorded ? latest.Event.Version + 1 : 1) };
        }

        return latest;
    }

    private static void TakeOut(
        string row,
        RowField field,
        Fact instead,
        ulong customer,
        List<StandingFacts.Known> stale,
        ICollection<(RowField Field, Fact Fact)> plan,
        ICollection<(RowField Field, RowEvent Stale)> moved)
    {
        foreach (var other in stale)
        {
            if (other.Customer != customer)
            {
                moved.Add((field, other.Event));
                continue;
            }

            plan.Add((field, Retraction(other.Event.Id(row), other.Event.VoidId(row), instead.Source, instead.CustomerId, RowFacts.Time(other.OccurTime))));
        }
    }

    /// <summary>Makes the fact that takes another one out.</summary>
    public static Fact Retraction(string id, string voidId, string source, string customer, Timestamp occurTime) => new()
    {
        Source = source,
        EventId = voidId,
        CustomerId = customer,
        OccurTime = occurTime,
        Retracts = id,
        Retraction = new Retraction { Note = "The export no longer says so." },
    };

    private static long Micros(Fact fact) => (fact.OccurTime.Seconds * 1_000_000) + (fact.OccurTime.Nanos / 1_000);
}
