using Churn.ServiceDefaults.Streams;
using FsCheck.Fluent;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class ConsistencyTokenTests
{
    [Fact]
    public void Law_Text_ReadsBackAsTheToken() => Law.Holds(
        Gen.Choose(0, 31).SelectMany(shard => Gen.OneOf(Gen.Choose(1, 300), Gen.Choose(1, int.MaxValue)).Select(offset => (shard, (long)offset * offset))).ListOf().ToArbitrary(),
        points =>
        {
            var token = ConsistencyToken.Of(points);
            var again = ConsistencyToken.Parse(token.ToString());
            for (var shard = 0; shard < Shards.Count; shard++)
            {
                var most = points.Where(point => point.Item1 == shard).Select(point => point.Item2).DefaultIfEmpty().Max();
                Assert.Equal(most, token.Offset(shard));
                Assert.Equal(most, again.Offset(shard));
            }

            Assert.Equal(points.Count == 0, token.IsEmpty);
        });

    // Clients keep tokens over an upgrade.
    [Fact]
    public void ToString_Golden_NeverChanges()
    {
        Assert.Equal("", ConsistencyToken.None.ToString());
        Assert.Equal("AQABAawCH________z8", ConsistencyToken.Of([(0, 1), (1, 300), (31, (1L << 48) - 1)]).ToString());
    }

    [Fact]
    public void Join_Tokens_AsksForBoth()
    {
        var joined = ConsistencyToken.Of([(0, 1), (3, 9)]).Join(ConsistencyToken.Of([(0, 5), (3, 2), (4, 4)]));
        Assert.Equal(ConsistencyToken.Of([(0, 5), (3, 9), (4, 4)]).ToString(), joined.ToString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("!")]
    [InlineData("AQAB====")]
    [InlineData("AgAB")]
    [InlineData("AQA")]
    [InlineData("AQABAA")]
    [InlineData("AQAA")]
    [InlineData("AQABAAI")]
    [InlineData("AQECAAE")]
    [InlineData("ASAB")]
    [InlineData("AQD_______________8B")]
    [InlineData("\u00fcber")]
    public void Parse_OtherText_IsRefused(string text) => Assert.Throws<FormatException>(() => ConsistencyToken.Parse(text));

    [Fact]
    public void Parse_VeryLongText_IsRefused() => Assert.Throws<FormatException>(() => ConsistencyToken.Parse(new string('A', 1 << 20)));

    [Fact]
    public void ParseAll_SeveralTokens_AsksForTheFurthestOfEachShard()
    {
        var (a, b) = (ConsistencyToken.Of([(1, 5), (2, 7)]), ConsistencyToken.Of([(2, 3), (31, 9)]));
        Assert.Equal(ConsistencyToken.Of([(1, 5), (2, 7), (31, 9)]).ToString(), ConsistencyToken.ParseAll($"{a},{b}").ToString());
        Assert.Equal(a.ToString(), ConsistencyToken.ParseAll(a.ToString()).ToString());
        Assert.Throws<FormatException>(() => ConsistencyToken.ParseAll($"{a},nothing"));
    }
}
