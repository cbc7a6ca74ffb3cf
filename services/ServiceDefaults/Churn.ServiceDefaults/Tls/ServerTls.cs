using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Tls;

/// <summary>Holds the certificate of a server, read again when its files change: connections that are open go on, new ones get the new one.</summary>
public sealed partial class ServerTls : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Early = TimeSpan.FromDays(14);

    private readonly TlsFiles _files;
    private readonly TimeProvider _clock;
    private readonly X509Certificate2 _own = Own();
    private ILogger? _logger;
    private Held _held;
    private string _seen;
    private DateTimeOffset _warned;

    /// <summary>Reads the files.</summary>
    /// <param name="files">Which.</param>
    /// <param name="clock">Tells when certificates end, and when files are looked at.</param>
    /// <exception cref="TlsException">A file cannot be read, or the certificate is not valid now.</exception>
    public ServerTls(TlsFiles files, TimeProvider clock)
    {
        (_files, _clock) = (files, clock);
        _seen = Mark();
        _held = Read();
    }

    /// <summary>Makes what calls the server that this process is: it knows the certificate, and is known by one that never leaves the process.</summary>
    public SslClientAuthenticationOptions CallingItself => new()
    {
        ClientCertificates = [_own],
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null && certificate.GetRawCertData().AsSpan().SequenceEqual(_held.Certificate.RawData),
    };

    /// <summary>Gives how a port of the server answers.</summary>
    /// <param name="asksCallers">Whether callers must show certificates, where authorities are named.</param>
    public TlsHandshakeCallbackOptions Handshake(bool asksCallers) => new()
    {
        OnConnection = context =>
        {
            var held = _held;
            var asks = asksCallers && held.Authorities is not null;
            return ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = held.Context,
                ClientCertificateRequired = asks,
                RemoteCertificateValidationCallback = asks ? (_, certificate, _, _) => IsGood(certificate as X509Certificate2, held.Authorities!) : null,
            });
        },
    };

    /// <summary>Gives where warnings go once there is a log.</summary>
    public void LogTo(ILogger logger) => _logger = logger;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _own.Dispose();
    }

    /// <summary>Looks at the files, and takes what has changed.</summary>
    internal void LookAgain()
    {
        var mark = Mark();
        if (!string.Equals(mark, _seen, StringComparison.Ordinal))
        {
            _seen = mark;
            try
            {
                _held = Read();
                var until = CertificateFiles.Text(CertificateFiles.EndOf(_held.Certificate));
                if (_logger is not null)
                {
                    LogTaken(_logger, until);
                }
            }
            catch (TlsException e)
            {
                // Half a file is a matter of moments: it is another one soon.
                if (_logger is not null)
                {
                    LogKept(_logger, e.Message);
                }
            }
        }

        var end = CertificateFiles.EndOf(_held.Certificate);
        if (end - _clock.GetUtcNow() < Early && _clock.GetUtcNow() - _warned >= TimeSpan.FromDays(1) && _logger is not null)
        {
            _warned = _clock.GetUtcNow();
            var until = CertificateFiles.Text(end);
            LogEnds(_logger, _files.Certificate, until);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, _clock);
        try
        {
            do
            {
                LookAgain();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private Held Read()
    {
        var (certificate, chain) = CertificateFiles.ReadPair(_files.Certificate, _files.Key);
        var (now, from, end) = (_clock.GetUtcNow(), new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), CertificateFiles.EndOf(certificate));
        if (end <= now)
        {
            throw new TlsException($"The certificate in {_files.Certificate} has expired at {CertificateFiles.Text(end)}; renew it.");
        }

        if (from > now)
        {
            throw new TlsException($"The certificate in {_files.Certificate} is valid only from {CertificateFiles.Text(from)} on; give one that is valid now, or set the clock.");
        }

        return new Held(
            certificate,
            SslStreamCertificateContext.Create(certificate, chain, offline: true),
            _files.ClientAuthorities is null ? null : CertificateFiles.ReadAll(_files.ClientAuthorities));
    }

    private bool IsGood(X509Certificate2? certificate, X509Certificate2Collection authorities)
    {
        if (certificate is null)
        {
            return false;
        }

        if (certificate.RawData.AsSpan().SequenceEqual(_own.RawData))
        {
            return true;
        }

        using var chain = new X509Chain { ChainPolicy = ClientTls.PolicyOf(authorities, _clock.GetUtcNow()) };
        return chain.Build(certificate);
    }

    // Times and lengths: a file that is replaced, or a link that is turned, shows another.
    private string Mark() => string.Join('|', new[] { _files.Certificate, _files.Key, _files.ClientAuthorities }.OfType<string>().Select(path =>
    {
        var file = new FileInfo(path);
        var real = file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file : file;
        return real.Exists ? $"{real.FullName} {real.LastWriteTimeUtc.Ticks} {real.Length}" : "none";
    }));

    private static X509Certificate2 Own()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=churn", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "New connections get the new certificate, valid until {End}.")]
    private static partial void LogTaken(ILogger logger, string end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The files of TLS have changed and cannot be used, so that the certificate from before stays: {Message}")]
    private static partial void LogKept(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate in {File} expires at {End}: renew it; the new file is taken without a restart.")]
    private static partial void LogEnds(ILogger logger, string file, string end);

    private sealed record Held(X509Certificate2 Certificate, SslStreamCertificateContext Context, X509Certificate2Collection? Authorities);
}
