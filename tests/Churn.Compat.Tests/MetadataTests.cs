using Churn.Compat.Tests.V1;
using FsCheck.Fluent;
using Grpc.Core;

namespace Churn.Compat.Tests;

public class MetadataTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task Headers_AsciiAndBinary_ArriveBothWays()
    {
        using var call = Server.Client().UnaryAsync(
            new EchoRequest(), new Metadata { { "X-Custom", "v1" }, { "x-data-bin", [0xde, 0xad] } }, cancellationToken: Ct);
        var headers = await call.ResponseHeadersAsync;
        Assert.Equal("h", headers.GetValue("x-header"));
        Assert.Equal([9, 8], headers.GetValueBytes("X-Header-Bin"));
        var reply = await call;
        Assert.Equal("v1", reply.Seen["x-custom"]);
        Assert.Equal("DEAD", reply.Seen["x-data-bin"]);
    }

    [Fact]
    public async Task Trailers_AsciiAndBinary_Arrive()
    {
        using var call = Server.Client().UnaryAsync(new EchoRequest(), cancellationToken: Ct);
        await call;
        Assert.Equal("ascii", call.GetTrailers().GetValue("x-trailer"));
        Assert.Equal([0, 1, 2, 255], call.GetTrailers().GetValueBytes("x-trailer-bin"));
    }

    [Fact]
    public async Task Law_BinaryHeaders_ArriveUnchanged()
    {
        var client = Server.Client();
        foreach (var bytes in ArbMap.Default.GeneratorFor<byte[]>().Where(bytes => bytes is not null).Sample(20, 50))
        {
            var reply = await client.UnaryAsync(new EchoRequest(), new Metadata { { "x-data-bin", bytes } }, cancellationToken: Ct);
            Assert.Equal(Convert.ToHexString(bytes), reply.Seen["x-data-bin"]);
        }
    }

    [Theory]
    [InlineData("spa ce")]
    [InlineData("colon:")]
    [InlineData("\u212aelvin")]
    [InlineData("\u0130")]
    public void Entry_KeyOutsideTheAllowedCharacters_IsRefused(string key) =>
        Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "v"));

    [Fact]
    public void Entry_BinaryKeyWithText_IsRefused() => Assert.Throws<ArgumentException>(() => new Metadata.Entry("x-bin", "text"));

    [Fact]
    public void Entry_TextKeyWithBytes_IsRefused() => Assert.Throws<ArgumentException>(() => new Metadata.Entry("x", new byte[1]));

    [Fact]
    public void Value_OfABinaryEntry_Throws() => Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("a-bin", [1]).Value);

    [Fact]
    public void ValueBytes_OfATextEntry_AreAscii() => Assert.Equal("v"u8.ToArray(), new Metadata.Entry("a", "v").ValueBytes);

    [Fact]
    public void ValueBytes_Changed_LeaveTheEntryAsItWas()
    {
        byte[] given = [1, 2];
        var entry = new Metadata.Entry("a-bin", given);
        given[0] = 9;
        entry.ValueBytes[1] = 9;
        Assert.Equal([1, 2], entry.ValueBytes);
    }

    [Fact]
    public void Get_KeyThatOccursTwice_ReturnsTheLast()
    {
        var metadata = new Metadata { { "A", "1" }, { "b", "x" }, { "a", "2" } };
        Assert.Equal("2", metadata.GetValue("A"));
        Assert.Equal(["1", "2"], metadata.GetAll("a").Select(entry => entry.Value));
        Assert.Null(metadata.Get("c"));
    }

    [Fact]
    public void Empty_Changed_Throws()
    {
        Assert.True(Metadata.Empty.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
        Assert.Throws<InvalidOperationException>(Metadata.Empty.Clear);
    }
}
