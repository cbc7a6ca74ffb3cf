using System.Text;
using Churn.Ingestion.V1;
using Google.Protobuf;

namespace Churn.Ingestion.Tests;

public sealed class FactHeadTests
{
    public static TheoryData<string> Kinds => [.. Sample.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_SettledBytes_AreWhatTheFactSays(string kind)
    {
        var fact = Sample.Of(kind, "\u5BA2" + new string('x', 197), "cus_\u00E9");
        foreach (var sequence in (long[])[0, 1, -1, long.MaxValue])
        {
            fact.Sequence = sequence;
            FactBytes.Settle(fact);
            var head = FactHead.Read(fact.ToByteArray());
            Assert.Equal(
                (fact.Source, fact.EventId, fact.CustomerId, fact.Retracts),
                (Encoding.UTF8.GetString(head.Source), Encoding.UTF8.GetString(head.EventId), Encoding.UTF8.GetString(head.Customer), Encoding.UTF8.GetString(head.Retracts)));
        }
    }

    [Theory]
    [InlineData("0A")]
    [InlineData("0A05AB")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")]
    public void Read_BytesOfNoFact_AreRefused(string bytes) => Assert.Throws<InvalidDataException>(() => FactHead.Read(Convert.FromHexString(bytes)).Source.Length);

    [Fact]
    public void Read_FieldsOfANewerVersion_AreLeftOut()
    {
        var bytes = Sample.Of("retraction").ToByteArray().Concat(new byte[] { 0x9A, 0x06, 0x01, (byte)'x' }).ToArray();
        Assert.Equal("evt_0", Encoding.UTF8.GetString(FactHead.Read(bytes).Retracts));
        Assert.Equal("evt_0", Fact.Parser.ParseFrom(bytes).Retracts);
    }
}
