using System.Text;
using Churn.Cli.Report.Input;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Input;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain \u00e4\u4e2d\U0001F600", "plain \u00e4\u4e2d\U0001F600")]
    [InlineData("\u001b[31mred\u0007\n\r\t\0", "?[31mred?????")]
    [InlineData("\u009b1m\u202e\u200b\ufeff", "?1m???")]
    public void Of_Text_LosesWhatATerminalObeys(string text, string safe) => Assert.Equal(safe, Printable.Of(text));

    [Fact]
    public void Of_HalfACharacter_IsReplaced() => Assert.Equal("\ufffd", Printable.Of(((char)0xD800).ToString()));

    [Fact]
    public void Of_LongText_IsCut()
    {
        Assert.Equal(new string('x', 80) + "...", Printable.Of(new string('x', 81)));
        Assert.Equal(new string('x', 80), Printable.Of(new string('x', 80)));
        Assert.Equal("aaaa...", Printable.Of(Encoding.ASCII.GetBytes(new string('a', 1_000)), 4));
    }

    [Fact]
    public void Law_AnyBytes_AreSafe() => Prop.ForAll<byte[]>(bytes =>
    {
        var safe = Printable.Of(bytes, 20);
        Assert.DoesNotContain(safe, char.IsControl);
        Assert.InRange(safe.Length, 0, 24);
    }).QuickCheckThrowOnFailure();
}
