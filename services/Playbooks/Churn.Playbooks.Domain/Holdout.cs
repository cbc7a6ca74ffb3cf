using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Churn.Playbooks.Domain;

/// <summary>Draws who is held out, and names runs: by hashes that are the same on every machine, for ever.</summary>
public static class Holdout
{
    /// <summary>Names the holdout of all playbooks; no playbook has this name.</summary>
    public const string Global = "";

    /// <summary>Tells whether a customer is drawn: SHA-256 over salt, scope and customer, its first 64 bits / 2^64 below the share.</summary>
    /// <param name="salt">What the draw depends on.</param>
    /// <param name="scope">The playbook, or <see cref="Global"/>.</param>
    /// <param name="customer">The customer.</param>
    /// <param name="share">The share, 0 to 1.</param>
    public static bool Draws(string salt, string scope, string customer, double share) =>
        BinaryPrimitives.ReadUInt64BigEndian(HashOf("holdout", salt, scope, customer)) * Math.Pow(2, -64) < share;

    /// <summary>Gives the id of the run that a signal starts: 32 hexadecimal digits.</summary>
    public static string RunId(string playbook, string customer, string signal) =>
        Convert.ToHexStringLower(HashOf("run", playbook, customer, signal).AsSpan(0, 16));

    // Lengths come before texts, so that no two lists of texts are one.
    private static byte[] HashOf(params ReadOnlySpan<string> texts)
    {
        var length = 0;
        foreach (var text in texts)
        {
            length += 4 + Encoding.UTF8.GetByteCount(text);
        }

        var bytes = new byte[length];
        var at = 0;
        foreach (var text in texts)
        {
            var count = Encoding.UTF8.GetBytes(text, bytes.AsSpan(at + 4));
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), count);
            at += 4 + count;
        }

        return SHA256.HashData(bytes);
    }
}
