using System.Globalization;

namespace Churn.Notifications.Sending.Email;

/// <summary>Names how a connection to a mail server is secured.</summary>
internal enum SmtpSecurity : byte
{
    /// <summary>Is TLS from the first byte.</summary>
    Implicit,

    /// <summary>Is STARTTLS, or no connection at all.</summary>
    Required,

    /// <summary>Is STARTTLS where the server has it; never with a password.</summary>
    WhereOffered,

    /// <summary>Is no TLS.</summary>
    Plain,
}

/// <summary>Holds where the mail server is: smtp://user:password@host:port?tls=starttls|required|none, or smtps://...</summary>
/// <remarks>With fingerprint=SHA256 in hexadecimal digits, the server's certificate is the one that has it and no other.</remarks>
internal sealed record SmtpAddress(string Host, int Port, SmtpSecurity Security, string? User, string Password, string? Fingerprint)
{
    private const string Example = "write one such as smtp://user:password@mail.example.org:587?tls=required";

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is none; the message says why, and not the password.</exception>
    public static SmtpAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0 || uri.AbsolutePath is not ("" or "/"))
        {
            throw new FormatException($"The mail server's address is none; {Example}");
        }

        string? tls = null, fingerprint = null;
        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (part, "");
            switch (name)
            {
                case "tls" when value is "starttls" or "required" or "none":
                    tls = value;
                    break;
                case "fingerprint" when Plain(value) is { Length: 64 } digits && digits.All(char.IsAsciiHexDigit):
                    fingerprint = digits;
                    break;
                default:
                    throw new FormatException(name is "tls" or "fingerprint"
                        ? $"The mail server's address has {name}={value}; tls is starttls, required or none, and fingerprint the 64 digits of a certificate's SHA-256"
                        : $"The mail server's address has '{name}', which means nothing; tls and fingerprint do");
            }
        }

        var user = uri.UserInfo.Split(':', 2);
        var name1 = uri.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(user[0]);
        var security = uri.Scheme == "smtps" ? SmtpSecurity.Implicit : tls switch
        {
            "none" => SmtpSecurity.Plain,
            "starttls" => SmtpSecurity.WhereOffered,
            "required" => SmtpSecurity.Required,
            _ => name1 is null ? SmtpSecurity.WhereOffered : SmtpSecurity.Required,
        };
        if (uri.Scheme == "smtps" && tls is not null)
        {
            throw new FormatException("The mail server's address says smtps, which is TLS from the first byte, and tls too; keep one of them");
        }

        var port = uri.Port > 0 ? uri.Port : security == SmtpSecurity.Implicit ? 465 : name1 is null ? 25 : 587;
        return new SmtpAddress(uri.IdnHost, port, security, name1, user.Length == 2 ? Uri.UnescapeDataString(user[1]) : "", fingerprint);
    }

    /// <summary>Gives the address without its secrets.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static string Plain(string fingerprint) => fingerprint.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
}
