using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Churn.ServiceDefaults.Tls;

/// <summary>Reads certificates and keys from files in PEM.</summary>
internal static class CertificateFiles
{
    /// <summary>Reads a certificate with its key, and the certificates that follow it.</summary>
    /// <exception cref="TlsException">A file cannot be read, or they do not belong together.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) ReadPair(string certificate, string key)
    {
        var all = ReadAll(certificate);
        try
        {
            using var read = X509Certificate2.CreateFromPem(File.ReadAllText(certificate), File.ReadAllText(key));

            // Some systems take a key from a store alone: what goes through PKCS 12 is as good as from one.
            return (X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null), all);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new TlsException($"{key} is not the key of {certificate} ({OneLine(e)}); give a key in PEM that is not encrypted and belongs to the first certificate of the file.", e);
        }
    }

    /// <summary>Reads all certificates of a file; at least one.</summary>
    /// <exception cref="TlsException">It cannot be read, or has none.</exception>
    public static X509Certificate2Collection ReadAll(string path)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new TlsException($"{path} cannot be read as certificates ({OneLine(e)}); give a file in PEM that this user may read.", e);
        }

        return all.Count > 0 ? all : throw new TlsException($"{path} holds no certificate; give a file in PEM, with lines BEGIN CERTIFICATE.");
    }

    /// <summary>Gives when a certificate ends.</summary>
    public static DateTimeOffset EndOf(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime());

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ");
}
