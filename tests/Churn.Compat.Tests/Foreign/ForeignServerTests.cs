using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using Churn.Compat.Tests.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;

namespace Churn.Compat.Tests.Foreign;

/// <summary>The stock client on the stand-ins against another implementation's server, which compresses all it sends.</summary>
public sealed class ForeignServerTests(EchoServer server) : GrpcTest(server), IAsyncLifetime
{
    private DirectoryInfo? _folder;
    private Process? _python;
    private GrpcChannel _channel = null!;
    private GrpcChannel _tlsChannel = null!;

    private Echo.EchoClient Client => new(_channel);

    public async ValueTask InitializeAsync()
    {
        await Python.RequireGrpcAsync(Ct);
        _folder = Directory.CreateTempSubdirectory("churn-foreign-server");
        var (certificate, key, descriptors) = (InFolder("certificate.pem"), InFolder("key.pem"), InFolder("descriptors.bin"));
        await File.WriteAllTextAsync(certificate, Server.Certificate.ExportCertificatePem(), Ct);
        await File.WriteAllTextAsync(key, Server.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Ct);
        await File.WriteAllBytesAsync(descriptors, Python.Descriptors(), Ct);
        _python = Python.Start(Python.Script("server.py"), certificate, key, descriptors);
        var ports = (await _python.StandardOutput.ReadLineAsync(Ct))?.Split(' ') ?? [];
        Assert.True(ports.Length == 2, "The server did not start; run Foreign/server.py by hand to see why.");
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports[0]}");
        _tlsChannel = GrpcChannel.ForAddress($"https://127.0.0.1:{ports[1]}", new GrpcChannelOptions { HttpHandler = TlsTests.Trusting(Server.Certificate) });
    }

    public async ValueTask DisposeAsync()
    {
        if (_python is not null)
        {
            _channel.Dispose();
            _tlsChannel.Dispose();
            _python.StandardInput.Close();
            await _python.WaitForExitAsync(CancellationToken.None);
            _python.Dispose();
        }

        _folder?.Delete(recursive: true);
    }

    [Fact]
    public async Task PythonServer_EveryKindOfCall_Answers()
    {
        Assert.Equal("h\u00e9llo", (await Client.UnaryAsync(new EchoRequest { Text = "h\u00e9llo" }, cancellationToken: Ct)).Text);

        using var collect = Client.Collect(cancellationToken: Ct);
        await collect.RequestStream.WriteAsync(new EchoRequest { Text = "a" }, Ct);
        await collect.RequestStream.WriteAsync(new EchoRequest { Text = "b" }, Ct);
        await collect.RequestStream.CompleteAsync();
        Assert.Equal("ab", (await collect).Text);

        using var expand = Client.Expand(new EchoRequest { Repeat = 3 }, cancellationToken: Ct);
        Assert.Equal([0, 1, 2], (await ToListAsync(expand.ResponseStream)).Select(reply => reply.Index));

        using var chat = Client.Chat(cancellationToken: Ct);
        for (var i = 0; i < 20; i++)
        {
            await chat.RequestStream.WriteAsync(new EchoRequest { Text = $"{i}" }, Ct);
            Assert.True(await chat.ResponseStream.MoveNext(Ct));
            Assert.Equal($"{i}", chat.ResponseStream.Current.Text);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(Ct));
    }

    [Fact]
    public async Task PythonServer_Metadata_ArrivesBothWays()
    {
        using var call = Client.UnaryAsync(new EchoRequest(), new Metadata { { "x-custom", "v" }, { "x-data-bin", [0xde, 0xad] } }, cancellationToken: Ct);
        var reply = await call;
        Assert.Equal(("v", "dead"), (reply.Seen["x-custom"], reply.Seen["x-data-bin"]));
        var (headers, trailers) = (await call.ResponseHeadersAsync, call.GetTrailers());
        Assert.Equal("h", headers.GetValue("x-header"));
        Assert.Equal([9, 8], headers.GetValueBytes("x-header-bin"));
        Assert.Equal("ascii", trailers.GetValue("x-trailer"));
        Assert.Equal([0, 1, 2, 255], trailers.GetValueBytes("x-trailer-bin"));
    }

    [Fact]
    public async Task PythonServer_Deadline_IsKnownThereAndEndsTheCall()
    {
        var reply = await Client.UnaryAsync(new EchoRequest(), deadline: EchoServer.In(TimeSpan.FromMinutes(1)), cancellationToken: Ct);
        Assert.InRange(double.Parse(reply.Seen["remaining"], CultureInfo.InvariantCulture), 1, 61);
        var failure = await FailureAsync(Client.UnaryAsync(
            new EchoRequest { Hold = true }, deadline: EchoServer.In(TimeSpan.FromSeconds(0.4)), cancellationToken: Ct));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task PythonServer_Cancellation_EndsTheCall()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var call = Client.Expand(new EchoRequest { Repeat = 1, Hold = true }, cancellationToken: source.Token);
        Assert.True(await call.ResponseStream.MoveNext(Ct));
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await FailureAsync(call)).StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task PythonServer_CompressedRequest_Answers(string encoding)
    {
        using var channel = GrpcChannel.ForAddress($"http://{_channel.Target}", new GrpcChannelOptions
        {
            CompressionProviders =
                [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)],
        });
        var client = new Echo.EchoClient(channel);
        var headers = new Metadata { { "grpc-internal-encoding-request", encoding } };
        var text = new string('x', 100_000);
        Assert.Equal(text, (await client.UnaryAsync(new EchoRequest { Text = text }, headers, cancellationToken: Ct)).Text);
        Assert.Equal(new Empty(), await client.NothingAsync(new Empty(), headers, cancellationToken: Ct));
    }

    [Fact]
    public async Task PythonServer_RichError_ArrivesWithItsDetails()
    {
        var failure = await FailureAsync(Client.UnaryAsync(new EchoRequest { FailRichly = true }, cancellationToken: Ct));
        Assert.Equal((StatusCode.InvalidArgument, "text is too long"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("TEXT_TOO_LONG", failure.ToRichStatus()!.Details.Single().Unpack<ErrorInfo>().Reason);
    }

    [Fact]
    public async Task PythonServer_Tls_Answers() =>
        Assert.Equal("tls", (await new Echo.EchoClient(_tlsChannel).UnaryAsync(new EchoRequest { Text = "tls" }, cancellationToken: Ct)).Text);

    private string InFolder(string name) => Path.Combine(_folder!.FullName, name);
}
