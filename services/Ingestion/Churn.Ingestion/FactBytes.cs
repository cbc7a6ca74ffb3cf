using System.IO.Hashing;
using Churn.Ingestion.Domain;
using Churn.Ingestion.V1;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Ingestion;

/// <summary>Gives a fact the one form in which it is kept and compared: two facts say the same when their bytes are the same.</summary>
/// <remarks>
/// The bytes are protobuf's, with the fields in the order of their numbers, which the generated code writes anyway; what it leaves
/// open is settled here. Fields that this server does not know stay: a reader of a newer version understands them.
/// </remarks>
internal static class FactBytes
{
    /// <summary>Takes out what is the server's to say, cuts off what is finer than a microsecond, and sorts what has no order.</summary>
    public static void Settle(Fact fact)
    {
        fact.RecordTime = null;
        Floor(fact.OccurTime);
        switch (fact.KindCase)
        {
            case Fact.KindOneofCase.CustomerProfile:
                Sort(fact.CustomerProfile.Attributes);
                break;
            case Fact.KindOneofCase.CancellationScheduled:
                Floor(fact.CancellationScheduled.EffectiveTime);
                break;
            case Fact.KindOneofCase.InvoicePastDue:
                Floor(fact.InvoicePastDue.DueTime);
                break;
        }
    }

    /// <summary>Gives the content's hash: what two facts of one identity are compared by.</summary>
    public static UInt128 Hash(ReadOnlySpan<byte> settled) => XxHash128.HashToUInt128(settled);

    private static void Floor(Timestamp? at)
    {
        if (at is not null)
        {
            at.Nanos = Instants.Floor(at.Nanos);
        }
    }

    // A map is written in the order in which it was filled.
    private static void Sort(MapField<string, string> attributes)
    {
        if (attributes.Count < 2)
        {
            return;
        }

        var entries = attributes.ToArray();
        Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Key, b.Key));
        attributes.Clear();
        foreach (var (name, value) in entries)
        {
            attributes.Add(name, value);
        }
    }
}
