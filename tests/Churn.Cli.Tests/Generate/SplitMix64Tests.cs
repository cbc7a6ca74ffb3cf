using Churn.Cli.Generate;

namespace Churn.Cli.Tests.Generate;

public sealed class SplitMix64Tests
{
    [Fact]
    public void Next_KnownState_GivesThePublishedNumbers()
    {
        var random = new SplitMix64(1234567);
        Assert.Equal(6457827717110365317UL, random.Next());
        Assert.Equal(3203168211198807973UL, random.Next());
        Assert.Equal(9817491932198370423UL, random.Next());
    }

    [Fact]
    public void Pick_ManyDraws_FollowsTheWeights()
    {
        var random = new SplitMix64(1);
        var drawn = new int[3];
        for (var i = 0; i < 100_000; i++)
        {
            drawn[random.Pick([1, 0, 3])]++;
        }

        Assert.InRange(drawn[0], 24_000, 26_000);
        Assert.Equal(0, drawn[1]);
    }

    [Fact]
    public void Between_ManyDraws_ReachesBothEnds()
    {
        var random = new SplitMix64(1);
        var drawn = Enumerable.Range(0, 1_000).Select(_ => random.Between(3, 5)).Distinct().Order();
        Assert.Equal([3, 4, 5], drawn);
    }
}
