using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Writes and reads page tokens: where a page ended, and which request it was a page of.</summary>
public static class PageToken
{
    /// <summary>Writes the token of a page that ended at a place.</summary>
    /// <param name="place">Where it ended, in the caller's own words.</param>
    /// <param name="request">What the request asked for, without its token.</param>
    public static string Write(string place, string request)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(place)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, HashOf(request));
        Encoding.UTF8.GetBytes(place, bytes.AsSpan(8));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads the place, or null when the token is none of this request.</summary>
    public static string? Read(string token, string request)
    {
        if (!Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token);
        return bytes.Length >= 8 && BinaryPrimitives.ReadUInt64BigEndian(bytes) == HashOf(request) ? Encoding.UTF8.GetString(bytes.AsSpan(8)) : null;
    }

    private static ulong HashOf(string request) => System.IO.Hashing.XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(request));
}
