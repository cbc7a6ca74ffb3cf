using System.IO.Compression;
using Churn.Compat.Tests.V1;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Churn.Compat.Tests;

public class CompressionTests(EchoServer server) : GrpcTest(server)
{
    private static readonly string Long = new('x', 100_000);

    private static readonly ICompressionProvider[] Providers =
        [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)];

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task Unary_Encoding_IsUsedOnTheWireBothWays(string encoding)
    {
        using var wire = new Wire { InnerHandler = new SocketsHttpHandler() };
        var client = Server.Client(options =>
        {
            options.HttpHandler = wire;
            options.CompressionProviders = [.. Providers];
        });
        using var call = client.UnaryAsync(
            new EchoRequest { Text = Long }, new Metadata { { "grpc-internal-encoding-request", encoding } }, cancellationToken: Ct);
        Assert.Equal(Long, (await call).Text);
        Assert.Equal(("identity,gzip,deflate", encoding, "gzip"), (wire.Accepted, wire.Sent, wire.Received));
        Assert.Equal(encoding == "identity", wire.RequestBytes > Long.Length);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Stream_OneMessageNotCompressed_BothArrive(string encoding)
    {
        var client = Server.Client(options => options.CompressionProviders = [.. Providers]);
        using var call = client.Chat(new Metadata { { "grpc-internal-encoding-request", encoding } }, cancellationToken: Ct);
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
        await call.RequestStream.WriteAsync(new EchoRequest { Text = Long }, Ct);
        call.RequestStream.WriteOptions = null;
        await call.RequestStream.WriteAsync(new EchoRequest { Text = Long }, Ct);
        await call.RequestStream.CompleteAsync();
        Assert.Equal([Long, Long], (await ToListAsync(call.ResponseStream)).Select(reply => reply.Text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Providers_MessageOfAnyLength_ComesBackEqual(int length)
    {
        var message = Enumerable.Range(0, length).Select(i => (byte)(i % 251)).ToArray();
        foreach (var provider in Providers)
        {
            Assert.Equal(message, Decompress(provider, Compress(provider, message)));
        }
    }

    // The one thing the stand-ins do better than the official packages, which write nothing: an implementation may take that
    // for a message that was cut off.
    [Fact]
    public void Providers_EmptyMessage_WriteAWholeMemberUnlessOfficial() =>
        Assert.All(Providers, provider => Assert.Equal(PublicApiTests.Official, Compress(provider, []).Length == 0));

    private static byte[] Compress(ICompressionProvider provider, byte[] message)
    {
        var buffer = new MemoryStream();
        using (var stream = provider.CreateCompressionStream(buffer, CompressionLevel.Optimal))
        {
            stream.Write(message);
        }

        return buffer.ToArray();
    }

    private static byte[] Decompress(ICompressionProvider provider, byte[] compressed)
    {
        var message = new MemoryStream();
        using var stream = provider.CreateDecompressionStream(new MemoryStream(compressed));
        stream.CopyTo(message);
        return message.ToArray();
    }

    private sealed class Wire : DelegatingHandler
    {
        public string? Accepted { get; private set; }

        public string? Sent { get; private set; }

        public string? Received { get; private set; }

        public long RequestBytes { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            RequestBytes = body.Length;
            var type = request.Content.Headers.ContentType;
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = type;
            Accepted = Encoding(request.Headers, "grpc-accept-encoding");
            Sent = Encoding(request.Headers, "grpc-encoding");
            var response = await base.SendAsync(request, cancellationToken);
            Received = Encoding(response.Headers, "grpc-encoding");
            return response;
        }

        private static string Encoding(System.Net.Http.Headers.HttpHeaders headers, string name) =>
            headers.TryGetValues(name, out var values) ? string.Join(',', values) : "identity";
    }
}
