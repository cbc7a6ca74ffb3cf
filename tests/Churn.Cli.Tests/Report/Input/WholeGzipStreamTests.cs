using System.Text;
using Churn.Cli.Report.Input;

namespace Churn.Cli.Tests.Report.Input;

public sealed class WholeGzipStreamTests
{
    private static readonly byte[] Plain = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i * 7919 % 2_003},")));
    private static readonly byte[] Packed = Desk.Gzip(Plain);

    [Fact]
    public void Read_WholeStream_GivesItAll() => Assert.Equal(Plain, Unpack(Packed, 4_096));

    [Fact]
    public void Regression_StreamCutAnywhere_Throws()
    {
        for (var length = 2; length < Packed.Length; length += length < 64 || length > Packed.Length - 64 ? 1 : 37)
        {
            Assert.Throws<InvalidDataException>(() => Unpack(Packed[..length], 4_096));
        }
    }

    [Fact]
    public void Read_NothingCompressed_IsWhole() => Assert.Empty(Unpack([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], 4_096));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(4_096)]
    public void Regression_SecondMemberAcrossReads_IsAMember(int atOnce)
    {
        // The second member is the shorter one: its length alone does not tell that the stream is whole.
        byte[] two = [.. Packed, .. Desk.Gzip("end"u8.ToArray())];
        Assert.Equal([.. Plain, .. "end"u8], Unpack(two, atOnce));
        Assert.Throws<InvalidDataException>(() => Unpack(two[..^3], atOnce));
    }

    private static byte[] Unpack(byte[] packed, int atOnce)
    {
        using var stream = new WholeGzipStream(new Trickle(packed, atOnce));
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
