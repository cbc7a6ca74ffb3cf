using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Churn.ServiceDefaults.Access;

/// <summary>Makes and reads API keys: "churn_", an id of 12 characters, "_", and 256 random bits in base64url.</summary>
internal static class KeyText
{
    public const string Prefix = "churn_";
    public const int IdLength = 12;

    // Neither vowels, which make words, nor what is taken for something else.
    private const string Letters = "bcdfghjkmnpqrstvwxz23456789";
    private const int SecretBytes = 32;

    private static readonly int SecretLength = Base64Url.GetEncodedLength(SecretBytes);

    /// <summary>Makes a key: its id, its text, and the hash that is stored.</summary>
    public static (string Id, string Text, byte[] Hash) Create()
    {
        var id = RandomNumberGenerator.GetString(Letters, IdLength);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (id, $"{Prefix}{id}_{secret}", HashOf(secret));
    }

    /// <summary>Reads a key; null where the text has not its form.</summary>
    public static (string Id, byte[] Hash)? Read(string text) =>
        text.Length == Prefix.Length + IdLength + 1 + SecretLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text[Prefix.Length + IdLength] == '_'
        && IsId(text.Substring(Prefix.Length, IdLength))
            ? (text.Substring(Prefix.Length, IdLength), HashOf(text.AsSpan(Prefix.Length + IdLength + 1)))
            : null;

    public static bool IsId(string text) => text.Length == IdLength && text.All(Letters.Contains);

    private static byte[] HashOf(ReadOnlySpan<char> secret)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(secret.Length)];
        return SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(secret, bytes)));
    }
}
