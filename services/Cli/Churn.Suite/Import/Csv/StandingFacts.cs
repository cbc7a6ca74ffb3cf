using System.IO.Hashing;
using System.Runtime.InteropServices;
using Churn.Cli.Report.Input;
using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Suite.Import.Csv;

/// <summary>Knows which facts earlier imports of a source recorded, by row, and which of them still stand.</summary>
internal sealed class StandingFacts
{
    private readonly Dictionary<UInt128, int> _last = [];
    private readonly List<Known> _known = [];

    public int Count => _known.Count;

    /// <summary>Takes in a fact of the source, in any order.</summary>
    public void Add(Fact fact)
    {
        if (fact.Retracts.Length > 0 && RowEvent.TryParse(fact.Retracts, out var row, out var target))
        {
            // What an import did not retract, somebody did by hand.
            var byHand = fact.Retraction is not null && !RowEvent.IsVoidId(fact.EventId);
            ref var known = ref Of(KeyOf(row), target);
            known.IsRetracted = true;
            known.IsRetractedByHand |= byHand;
        }

        if (fact.Retraction is null && RowEvent.TryParse(fact.EventId, out row, out var said))
        {
            ref var known = ref Of(KeyOf(row), said);
            known.IsRecorded = true;
            known.Customer = CustomerKey(fact.CustomerId);
            known.OccurTime = Micros(fact.OccurTime);
            known.EndsAt = fact.CancellationScheduled is { EffectiveTime: { } end } ? Micros(end) : known.OccurTime;
            known.Retracts = RowEvent.TryParse(fact.Retracts, out _, out var retracted) ? retracted : default;
        }
    }

    /// <summary>Gives what is known of a row.</summary>
    public IEnumerable<Known> OfRow(string row)
    {
        for (var at = _last.GetValueOrDefault(KeyOf(row), -1); at >= 0; at = _known[at].Before)
        {
            yield return _known[at];
        }
    }

    public static ulong CustomerKey(string customer) => Names.Hash(System.Text.Encoding.UTF8.GetBytes(customer));

    private static UInt128 KeyOf(ReadOnlySpan<char> row) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(row));

    private static long Micros(Timestamp? time) => time is null ? 0 : (time.Seconds * 1_000_000) + (time.Nanos / 1_000);

    private ref Known Of(UInt128 row, RowEvent said)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, row, out var exists);
        for (var at = exists ? last : -1; at >= 0; at = _known[at].Before)
        {
            if (_known[at].Event == said)
            {
                return ref CollectionsMarshal.AsSpan(_known)[at];
            }
        }

        _known.Add(new Known { Event = said, Before = exists ? last : -1 });
        last = _known.Count - 1;
        return ref CollectionsMarshal.AsSpan(_known)[last];
    }

    /// <summary>Holds what is known of one fact of a row.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Known
    {
        public RowEvent Event;

        /// <summary>What it took out when it was recorded; the default for nothing.</summary>
        public RowEvent Retracts;

        /// <summary>The place of another fact of the row, or -1.</summary>
        public int Before;

        /// <summary>The customer's <see cref="CustomerKey"/>.</summary>
        public ulong Customer;

        public long OccurTime;

        /// <summary>When it says that the subscription ends.</summary>
        public long EndsAt;
        public bool IsRecorded;
        public bool IsRetracted;
        public bool IsRetractedByHand;

        public readonly bool Stands => IsRecorded && !IsRetracted;
    }
}
