using Churn.ServiceDefaults.Streams;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class ShardsTests
{
    [Fact]
    public void Hash_PublishedVectors_AreXxHash64WithSeedZero()
    {
        Assert.Equal(0xEF46DB3751D8E999UL, Shards.Hash(""u8));
        Assert.Equal(0x44BC2CF5AD770999UL, Shards.Hash("abc"u8));
    }

    // What is in a shard stays there for the life of an installation: these never change.
    [Theory]
    [InlineData("default", "1", 32, 10)]
    [InlineData("default", "cus_9s6XKzkNRiz8i3", 32, 7)]
    [InlineData("default", "7590-VHVEG", 32, 15)]
    [InlineData("default", "\u00fcber", 32, 19)]
    [InlineData("default", "\u00fcber", 1, 22)]
    [InlineData("small", "7590-VHVEG", 1, 19)]
    [InlineData("small", "1", 1, 19)]
    [InlineData("small", "7590-VHVEG", 4, 20)]
    public void Of_Key_NeverChanges(string tenant, string key, int spread, int shard) => Assert.Equal(shard, Shards.Of(tenant, key, spread));

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    [InlineData(-1)]
    public void Of_SpreadOutOfRange_Throws(int spread) => Assert.Throws<ArgumentOutOfRangeException>(() => Shards.Of("default", "1", spread));

    [Fact]
    public void Of_ManyKeys_AreSpreadEvenly()
    {
        var counts = new int[Shards.Count];
        for (var key = 0; key < 32_000; key++)
        {
            counts[Shards.Of("default", $"cus_{key}", Shards.Count)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Of_LongText_IsAsOfItsHash()
    {
        var key = new string('\u00e9', 1000);
        Assert.Equal(Shards.Of(Shards.Hash("a"u8), Shards.Hash(System.Text.Encoding.UTF8.GetBytes(key)), 32), Shards.Of("a", key, 32));
    }
}
