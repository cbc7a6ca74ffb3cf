using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Churn.ServiceDefaults.Tls;

/// <summary>Names the files, in PEM, by which a caller knows servers, and shows who it is.</summary>
public sealed record ClientTls
{
    /// <summary>Gives the authorities of servers; null for those that the system knows.</summary>
    public string? Authorities { get; init; }

    /// <summary>Gives the certificate that is shown to servers; null for none.</summary>
    public string? Certificate { get; init; }

    /// <summary>Gives the key of the certificate.</summary>
    public string? Key { get; init; }

    /// <summary>Gives how connections are made.</summary>
    /// <exception cref="TlsException">A file cannot be read.</exception>
    public SslClientAuthenticationOptions Options()
    {
        if ((Certificate is null) != (Key is null))
        {
            throw new TlsException("A client's certificate and its key go together: give both, or none.");
        }

        var options = new SslClientAuthenticationOptions();
        if (Authorities is not null)
        {
            options.CertificateChainPolicy = PolicyOf(CertificateFiles.ReadAll(Authorities), null);
        }

        if (Certificate is not null)
        {
            var (certificate, chain) = CertificateFiles.ReadPair(Certificate, Key!);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }

        return options;
    }

    // A private authority publishes no list of what it has revoked.
    internal static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities, DateTimeOffset? time)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        if (time is { } at)
        {
            policy.VerificationTime = at.LocalDateTime;
        }

        return policy;
    }
}
