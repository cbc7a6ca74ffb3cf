using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Google.Protobuf;

namespace Churn.Metrics.Sums;

/// <summary>Holds the hot sums of a tenant in one shard, by one attribute, as Redis has them.</summary>
/// <param name="Raw">The bytes.</param>
/// <param name="Term">The term under which they were written.</param>
/// <param name="Offset">The offset through which they hold everything.</param>
/// <param name="Day">The day with which the windows end.</param>
/// <param name="Life">Which taking of the shard wrote them.</param>
/// <param name="Currencies">The currencies of the customers.</param>
/// <param name="Attributes">The attributes of the customers.</param>
/// <param name="Sums">The sums by currency and value; not to be changed.</param>
internal sealed record HotValue(
    byte[] Raw, long Term, long Offset, int Day, ulong Life, IReadOnlyList<string> Currencies, IReadOnlyList<string> Attributes,
    Dictionary<(string Currency, int Value), WindowSums[]> Sums)
{
    // The version comes first, in digits of one length: a script compares it as text, in any language of Redis.
    private const int TermDigits = 20;
    private const int DayDigits = 10;

    /// <summary>Gives the length of the version.</summary>
    public const int VersionLength = TermDigits + TermDigits + DayDigits;

    private const int HeadLength = VersionLength + sizeof(ulong);

    /// <summary>Writes a value.</summary>
    public static byte[] Write(DirtyField field, int day, V1.HotField content)
    {
        var body = content.CalculateSize();
        var bytes = new byte[HeadLength + body];
        var version = string.Create(CultureInfo.InvariantCulture, $"{field.Term:D20}{field.Offset:D20}{day:D10}");
        Encoding.ASCII.GetBytes(version, bytes);
        content.WriteTo(bytes.AsSpan(HeadLength));
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(VersionLength), HashOf(bytes));
        return bytes;
    }

    /// <summary>Reads a value; null where it is none that this version has written.</summary>
    public static HotValue? Read(byte[] raw, Vocabulary vocabulary)
    {
        if (raw.Length < HeadLength || BinaryPrimitives.ReadUInt64BigEndian(raw.AsSpan(VersionLength)) != HashOf(raw)
            || !TryNumber(raw.AsSpan(0, TermDigits), out var term)
            || !TryNumber(raw.AsSpan(TermDigits, TermDigits), out var offset)
            || !TryNumber(raw.AsSpan(TermDigits + TermDigits, DayDigits), out var day) || day > int.MaxValue)
        {
            return null;
        }

        try
        {
            var content = V1.HotField.Parser.ParseFrom(raw.AsSpan(HeadLength));
            var sums = new Dictionary<(string, int), WindowSums[]>();
            foreach (var part in content.Windows)
            {
                var windows = HotSums.NewSums();
                var unpacker = new SumsUnpacker(part.Windows.Sums.Memory, place => place);
                Array.ForEach(windows, window => window.Carry(unpacker));
                unpacker.End();
                sums.Add((part.Currency, vocabulary.Values.Add(part.Windows.Part)), windows);
            }

            return new HotValue(raw, term, offset, (int)day, content.Life, content.Currencies, content.Attributes, sums);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException or ArgumentException or NullReferenceException)
        {
            return null;
        }
    }

    private static ulong HashOf(byte[] bytes)
    {
        var hash = new XxHash64();
        hash.Append(bytes.AsSpan(0, VersionLength));
        hash.Append(bytes.AsSpan(HeadLength));
        return hash.GetCurrentHashAsUInt64();
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
