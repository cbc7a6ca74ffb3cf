using Churn.Client.Session;
using Churn.ServiceDefaults.Streams;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Client.Tests.Session;

public sealed class ConsistencyTokensTests
{
    [Fact]
    public void Law_MergeOfTwoTokens_IsTheJoinOfTheServers()
    {
        var tokens = Gen.ListOf(Gen.Choose(0, 31).Zip(Gen.Choose(1, int.MaxValue).Select(o => (long)o * 12_345)))
            .Select(points => ConsistencyToken.Of(points.Select(p => (p.Item1, p.Item2))));
        Prop.ForAll(tokens.Zip(tokens).ToArbitrary(), pair =>
        {
            var written = new WrittenSoFar();
            written.Add(pair.Item1.ToString());
            written.Add(pair.Item2.ToString());
            Assert.Equal(pair.Item1.Join(pair.Item2).ToString(), written.Token);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("AQAB", "Ag", "Ag")]
    [InlineData("Ag", "AQAB", "AQAB")]
    [InlineData("AQAB", "not base64!", "not base64!")]
    [InlineData("AQAB", "AQA", "AQA")]
    [InlineData("AQCA", "AQAB", "AQAB")]
    [InlineData("AQAB", "AQAB", "AQAB")]
    public void Merge_WhatCannotBeRead_GivesTheLater(string earlier, string later, string merged) =>
        Assert.Equal(merged, ConsistencyTokens.Merge(earlier, later));
}
