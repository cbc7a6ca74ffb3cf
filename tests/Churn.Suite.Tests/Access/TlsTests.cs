using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Churn.Ingestion.V1;
using Churn.Playbooks.V1;
using Churn.ServiceDefaults.Tls;
using Churn.Suite.Serve;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Tests.Access;

/// <summary>TLS from files: read again when they change, and callers who show certificates.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-tls-").FullName;
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly X509Certificate2 _authority;

    public TlsTests() => (_authority, _) = Authority("authority");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TlsFiles Files => new() { Certificate = PathOf("server.pem"), Key = PathOf("server.key") };

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Server_WithTlsAndClientAuthority_TakesWhoShowsACertificateAndServicesCallEachOther()
    {
        Make("server", "127.0.0.1", days: 30);
        Make("client", "caller", days: 30);
        var (other, otherPem) = Authority("other");
        using (other)
        {
            await File.WriteAllTextAsync(PathOf("other.pem"), otherPem, Ct);
            Make("stranger", "caller", days: 30, by: other);
        }

        var options = new SuiteOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = PathOf("data"), Tls = Files with { ClientAuthorities = PathOf("authority.pem") },
        };
        await using var server = await SuiteServer.StartAsync(options, cancellationToken: Ct);
        Assert.StartsWith("https://", server.Address, StringComparison.Ordinal);

        // A dry run asks another service for the template: also that call goes over TLS, with a certificate.
        await ListAsync(Of("client"));
        using (var channel = Channel(server.Address, Of("client")))
        {
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await new PlaybooksService.PlaybooksServiceClient(channel).SimulatePlaybook(
                new SimulatePlaybookRequest { Name = "none", FromTime = new Timestamp(), ToTime = new Timestamp { Seconds = 1 } }, cancellationToken: Ct).ResponseStream.MoveNext(Ct));
            Assert.Equal(StatusCode.NotFound, failure.StatusCode);
            await new PlaybooksService.PlaybooksServiceClient(channel).ApplyPlaybooksAsync(
                new ApplyPlaybooksRequest { Documents = { new Document { File = "a", Text = "kind: template\nname: t\nclass: transactional\ncategory: c\ndefault_locale: en\nlocales:\n  en:\n    subject: s\n    text: t\n" } }, DryRun = true },
                cancellationToken: Ct);
        }

        foreach (var refused in new[] { new ClientTls { Authorities = PathOf("authority.pem") }, Of("stranger"), Of("client") with { Authorities = PathOf("other.pem") } })
        {
            // Whether the refusal comes before the request or after it, is chance.
            Assert.Contains((await Assert.ThrowsAsync<RpcException>(() => ListAsync(refused))).StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
        }

        // Probes and the pages of mails are for everybody.
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = new ClientTls { Authorities = PathOf("authority.pem") }.Options() });
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri(server.HttpAddress + "/readyz"), Ct));

        async Task ListAsync(ClientTls tls)
        {
            using var channel = Channel(server.Address, tls);
            await new IngestionService.IngestionServiceClient(channel).ListFactsAsync(new ListFactsRequest(), cancellationToken: Ct);
        }
    }

    [Fact]
    public void Files_ThatChange_AreTakenAndABrokenOneKeepsTheOldWithAWarning()
    {
        Make("server", "127.0.0.1", days: 30);
        using var tls = new ServerTls(Files, _clock);
        var log = new Kept();
        tls.LogTo(log);
        var first = Shown(tls);
        tls.LookAgain();
        Assert.Equal((first, 0), (Shown(tls), log.Lines.Count));
        File.WriteAllText(PathOf("server.key"), "half a fi");
        tls.LookAgain();
        Assert.Equal(first, Shown(tls));
        Assert.Contains("certificate from before stays", Assert.Single(log.Lines), StringComparison.Ordinal);
        Make("server", "127.0.0.1", days: 40);
        tls.LookAgain();
        Assert.NotEqual(first, Shown(tls));
        Assert.Contains("new certificate", log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Certificate_ThatEndsSoon_IsWarnedOfOnceADay()
    {
        Make("server", "127.0.0.1", days: 15);
        using var tls = new ServerTls(Files, _clock);
        var log = new Kept();
        tls.LogTo(log);
        tls.LookAgain();
        Assert.Empty(log.Lines);
        _clock.Advance(TimeSpan.FromDays(2));
        tls.LookAgain();
        tls.LookAgain();
        Assert.Contains("expires at", Assert.Single(log.Lines), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromDays(1));
        tls.LookAgain();
        Assert.Equal(2, log.Lines.Count);
    }

    [Fact]
    public async Task Start_WithFilesThatCannotBeUsed_SaysWhatToDo()
    {
        Make("server", "127.0.0.1", days: 30);
        Make("other", "127.0.0.1", days: 30);
        await File.WriteAllTextAsync(PathOf("empty.pem"), "nothing\n", Ct);
        foreach (var (files, said) in new (TlsFiles, string)[]
        {
            (Files with { Key = PathOf("other.key") }, "is not the key of"),
            (Files with { Certificate = PathOf("none.pem") }, "cannot be read as certificates"),
            (Files with { Certificate = PathOf("empty.pem") }, "holds no certificate"),
            (Files with { ClientAuthorities = PathOf("none.pem") }, "cannot be read as certificates"),
        })
        {
            Assert.Contains(said, Assert.Throws<TlsException>(() => new ServerTls(files, _clock)).Message, StringComparison.Ordinal);
        }

        _clock.Advance(TimeSpan.FromDays(31));
        Assert.Contains("has expired at", Assert.Throws<TlsException>(() => new ServerTls(Files, _clock)).Message, StringComparison.Ordinal);

        // The whole server says it in one line.
        var failure = await Assert.ThrowsAsync<ServeException>(() => SuiteServer.StartAsync(
            new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = PathOf("data"), Tls = Files with { Key = PathOf("none.key") } }, cancellationToken: Ct));
        Assert.Contains("none.key", failure.Message, StringComparison.Ordinal);
        Assert.Contains("go together", Assert.Throws<TlsException>(() => new ClientTls { Certificate = "x" }.Options()).Message, StringComparison.Ordinal);
    }

    private ClientTls Of(string name) => new() { Authorities = PathOf("authority.pem"), Certificate = PathOf(name + ".pem"), Key = PathOf(name + ".key") };

    private static GrpcChannel Channel(string address, ClientTls tls) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = tls.Options() }, DisposeHttpClient = true });

    private static string Shown(ServerTls tls) =>
        tls.Handshake(asksCallers: false).OnConnection(null!).AsTask().GetAwaiter().GetResult().ServerCertificateContext!.TargetCertificate.Thumbprint;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private (X509Certificate2 Certificate, string Pem) Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var made = request.CreateSelfSigned(_clock.GetUtcNow().AddDays(-1), _clock.GetUtcNow().AddDays(400));
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        File.WriteAllText(PathOf(name + ".pem"), certificate.ExportCertificatePem());
        return (certificate, certificate.ExportCertificatePem());
    }

    private void Make(string name, string subject, int days, X509Certificate2? by = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.Create(by ?? _authority, _clock.GetUtcNow().AddDays(-1), _clock.GetUtcNow().AddDays(days), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(PathOf(name + ".pem"), made.ExportCertificatePem());
        File.WriteAllText(PathOf(name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private sealed class Kept : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
