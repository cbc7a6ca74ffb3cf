using Churn.ServiceDefaults.Documents;

namespace Churn.ServiceDefaults.Tests.Documents;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("triger", "trigger")]
    [InlineData("tirgger", "trigger")]
    [InlineData("Steps", "steps")]
    [InlineData("wait-until", "wait_until")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void Nearest_Word_IsTheOneMeant(string word, string? meant) => Assert.Equal(meant, Spelling.Nearest(word, ["trigger", "steps", "wait", "wait_until"]));

    [Fact]
    public void Hint_NothingNear_ListsAll() => Assert.Equal("known are a, b", Spelling.Hint("xyz", ["b", "a"]));
}
