using Churn.Ingestion.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Ingestion.Tests;

public sealed class FactBytesTests
{
    public static TheoryData<string> Kinds => [.. Sample.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Settle_EveryKind_IsReadBackAsItWas(string kind)
    {
        var fact = Sample.Of(kind);
        Assert.Equal(fact, Fact.Parser.ParseFrom(Settled(fact)));
    }

    [Fact]
    public void Settle_RecordTime_IsTheServersToSay()
    {
        var fact = Sample.Started("evt_1");
        var bytes = Settled(fact);
        fact.RecordTime = Timestamp.FromDateTimeOffset(Sample.Now);
        Assert.Equal(bytes, Settled(fact));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    public void Settle_NanosecondsOfOneMicrosecond_AreTheSame(int more)
    {
        var (scheduled, pastDue) = (Sample.Of("cancellation_scheduled"), Sample.Of("invoice_past_due"));
        scheduled.OccurTime.Nanos = scheduled.CancellationScheduled.EffectiveTime.Nanos = pastDue.InvoicePastDue.DueTime.Nanos = 123_456_000;
        var (one, two) = (Settled(scheduled), Settled(pastDue));
        scheduled.OccurTime.Nanos = scheduled.CancellationScheduled.EffectiveTime.Nanos = pastDue.InvoicePastDue.DueTime.Nanos = 123_456_000 + more;
        Assert.Equal(one, Settled(scheduled));
        Assert.Equal(two, Settled(pastDue));
        scheduled.OccurTime.Nanos = 123_457_000;
        Assert.NotEqual(one, Settled(scheduled));
    }

    [Fact]
    public void Settle_AttributesInAnyOrder_AreTheSame()
    {
        var fact = Sample.Of("customer_profile");
        string[] names = ["b", "a", "ab", "a_b", "a0", "z"];
        var forms = new[] { names, names.Reverse(), names.Order(StringComparer.Ordinal) }.Select(order =>
        {
            fact.CustomerProfile.Attributes.Clear();
            foreach (var name in order)
            {
                fact.CustomerProfile.Attributes.Add(name, name + "!");
            }

            return Convert.ToHexString(Settled(fact));
        });
        Assert.Single(forms.Distinct());
    }

    [Fact]
    public void Settle_FieldsOfANewerVersion_StayAndCount()
    {
        // Field 99 of a fact is none that this version knows.
        var sent = Sample.Started("evt_1").ToByteArray().Concat(new byte[] { 0x9A, 0x06, 0x01, (byte)'x' }).ToArray();
        var bytes = Settled(Fact.Parser.ParseFrom(sent));
        Assert.NotEqual(Settled(Sample.Started("evt_1")), bytes);
        Assert.EndsWith("9A060178", Convert.ToHexString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Hash_OfTheSampleOfEveryKind_IsGolden()
    {
        // What is on disk is compared with what comes: another hash would make a conflict of every repetition.
        var all = Sample.Kinds.SelectMany(kind => Settled(Sample.Of(kind))).ToArray();
        Assert.Equal("987ce5633592abd278424508cd894355", FactBytes.Hash(all).ToString("x32", null));
    }

    private static byte[] Settled(Fact fact)
    {
        var copy = fact.Clone();
        FactBytes.Settle(copy);
        return copy.ToByteArray();
    }
}
