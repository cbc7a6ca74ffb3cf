using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Churn.Notifications.Storage;

namespace Churn.Notifications.Pages;

/// <summary>Names what a link in a mail does.</summary>
internal enum LinkKind : byte
{
    Unsubscribe = (byte)'u',
    Click = (byte)'c',
    Open = (byte)'o',
}

/// <summary>Makes and reads the addresses in mails: each holds its message and a signature, so that nobody can make one up.</summary>
internal sealed class LinkTokens(NotificationsStore store, NotificationsOptions options)
{
    public const string Path = "/n";

    private const int IdBytes = 16;
    private const int MacBytes = 16;

    /// <summary>Gives the address that unsubscribes; null while the installation has no public one.</summary>
    public string? Unsubscribe(string message) => Url(LinkKind.Unsubscribe, message, "");

    /// <summary>Gives the address that counts a click and leads on; null while the installation has no public one.</summary>
    public string? Click(string message, string target) => Url(LinkKind.Click, message, target);

    /// <summary>Gives the address of the picture that counts an opening; null while the installation has no public one.</summary>
    public string? Open(string message) => Url(LinkKind.Open, message, "");

    /// <summary>Reads a token; null where it is none of this kind.</summary>
    public (string Message, string Target)? Read(LinkKind kind, string token)
    {
        if (token.Length > 4_000 || !Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < IdBytes + MacBytes)
        {
            return null;
        }

        var content = bytes.AsSpan(0, bytes.Length - MacBytes);
        return CryptographicOperations.FixedTimeEquals(Mac(kind, content), bytes.AsSpan(content.Length))
            ? (Convert.ToHexStringLower(content[..IdBytes]), Encoding.UTF8.GetString(content[IdBytes..]))
            : null;
    }

    public string Token(LinkKind kind, string message, string target)
    {
        byte[] content = [.. Convert.FromHexString(message), .. Encoding.UTF8.GetBytes(target)];
        return Base64Url.EncodeToString([.. content, .. Mac(kind, content)]);
    }

    private string? Url(LinkKind kind, string message, string target) =>
        options.PublicUrl()?.TrimEnd('/') is { Length: > 0 } root ? $"{root}{Path}/{(char)kind}/{Token(kind, message, target)}" : null;

    private byte[] Mac(LinkKind kind, ReadOnlySpan<byte> content) => HMACSHA256.HashData(store.LinkKey, (byte[])[(byte)kind, .. content])[..MacBytes];
}
