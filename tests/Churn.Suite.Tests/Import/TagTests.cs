using Churn.Suite.Import;
using Churn.Suite.Import.Csv;

namespace Churn.Suite.Tests.Import;

public sealed class TagTests
{
    [Fact]
    public void Unpack_WhatWasPacked_IsTheSame()
    {
        foreach (var file in new[] { 0, 1, 9_999 })
        {
            foreach (var line in new[] { 1, 2, int.MaxValue })
            {
                foreach (var field in Enum.GetValues<RowField>())
                {
                    var tag = new Tag(file, line, field);
                    Assert.Equal(tag, Tag.Unpack(tag.Packed));
                }
            }
        }
    }

    [Theory]
    [InlineData("s1", "Start", 1UL, 1, "s1/start/0000000000000001")]
    [InlineData("a/b", "Profile", ulong.MaxValue, 12, "a/b/profile/ffffffffffffffff~12")]
    public void Id_OfAnEvent_IsReadAgain(string row, string field, ulong value, int version, string id)
    {
        var said = new RowEvent(Enum.Parse<RowField>(field), value, version);
        Assert.Equal(id, said.Id(row));
        Assert.True(RowEvent.TryParse(id, out var parsedRow, out var parsed));
        Assert.Equal((row, said), (parsedRow.ToString(), parsed));
        Assert.True(RowEvent.IsVoidId(said.VoidId(row)));
        Assert.False(RowEvent.TryParse(said.VoidId(row), out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s1")]
    [InlineData("s1/start")]
    [InlineData("/start/0000000000000001")]
    [InlineData("s1/begin/0000000000000001")]
    [InlineData("s1//0000000000000001")]
    [InlineData("s1/start/000000000000001")]
    [InlineData("s1/start/000000000000000A")]
    [InlineData("s1/start/0000000000000001~")]
    [InlineData("s1/start/0000000000000001~1")]
    [InlineData("s1/start/0000000000000001~x")]
    [InlineData("s1/start/0000000000000001-2")]
    [InlineData("retract:s1/start/")]
    public void TryParse_IdsThatNoImportGave_AreNone(string id) => Assert.False(RowEvent.TryParse(id, out _, out _));
}
