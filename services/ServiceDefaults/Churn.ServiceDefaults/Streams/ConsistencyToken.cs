using System.Buffers.Text;

namespace Churn.ServiceDefaults.Streams;

/// <summary>Holds how far a reader wants each shard to be applied: what a write returns, so that a read can wait for it.</summary>
/// <remarks>As text it is base64url of a version byte and pairs of varints, shard and offset, by shard. The empty text asks for nothing.</remarks>
public sealed class ConsistencyToken
{
    private const byte Version = 1;

    private readonly long[] _offsets;

    private ConsistencyToken(long[] offsets) => _offsets = offsets;

    /// <summary>Gives the token that asks for nothing.</summary>
    public static ConsistencyToken None { get; } = new(new long[Shards.Count]);

    /// <summary>Says whether it asks for nothing.</summary>
    public bool IsEmpty => !_offsets.AsSpan().ContainsAnyExcept(0);

    /// <summary>Gives the offset that the shard is to be applied to; 0 for none.</summary>
    public long Offset(int shard) => _offsets[shard];

    /// <summary>Makes the token of offsets by shard, of which each may come often and the highest counts.</summary>
    public static ConsistencyToken Of(IEnumerable<(int Shard, long Offset)> points)
    {
        var offsets = new long[Shards.Count];
        foreach (var (shard, offset) in points)
        {
            offsets[shard] = Math.Max(offsets[shard], offset);
        }

        return new ConsistencyToken(offsets);
    }

    /// <summary>Gives the token that asks for what both ask for.</summary>
    public ConsistencyToken Join(ConsistencyToken other) => Of(Points().Concat(other.Points()));

    /// <summary>Reads tokens that are separated by commas, and gives the one that asks for all that they ask for.</summary>
    /// <exception cref="FormatException">One of them is none.</exception>
    public static ConsistencyToken ParseAll(string text)
    {
        var all = None;
        foreach (var token in text.Split(','))
        {
            all = all.Join(Parse(token));
        }

        return all;
    }

    /// <summary>Reads the token from its text.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static ConsistencyToken Parse(string text)
    {
        if (text.Length == 0)
        {
            return None;
        }

        var offsets = new long[Shards.Count];
        Span<byte> bytes = stackalloc byte[1 + (Shards.Count * 11)];
        if (text.Length > Base64Url.GetEncodedLength(bytes.Length)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length == 0
            || bytes[0] != Version)
        {
            throw Bad();
        }

        var before = -1L;
        for (ReadOnlySpan<byte> rest = bytes[1..length]; rest.Length > 0;)
        {
            var shard = Varint.Read(ref rest);
            var offset = Varint.Read(ref rest);
            if (shard <= before || shard >= Shards.Count || offset <= 0)
            {
                throw Bad();
            }

            offsets[shard] = offset;
            before = shard;
        }

        return new ConsistencyToken(offsets);
    }

    /// <summary>Gives the text.</summary>
    public override string ToString()
    {
        if (IsEmpty)
        {
            return "";
        }

        Span<byte> bytes = stackalloc byte[1 + (Shards.Count * 11)];
        bytes[0] = Version;
        var length = 1;
        for (var shard = 0; shard < _offsets.Length; shard++)
        {
            if (_offsets[shard] > 0)
            {
                length += Varint.Write(bytes[length..], shard);
                length += Varint.Write(bytes[length..], _offsets[shard]);
            }
        }

        return Base64Url.EncodeToString(bytes[..length]);
    }

    private IEnumerable<(int Shard, long Offset)> Points() => _offsets.Select((offset, shard) => (shard, offset));

    private static FormatException Bad() => new("The consistency token is none that a write has returned.");
}
