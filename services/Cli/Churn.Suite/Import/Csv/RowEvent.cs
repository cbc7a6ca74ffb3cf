using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Churn.Suite.Import.Csv;

/// <summary>Identifies what one fact says of a row: which field, and which value of it.</summary>
/// <param name="Field">The field.</param>
/// <param name="Value">A hash of the fact's content.</param>
/// <param name="Version">1, or one more for each time that the value returned after it had been retracted.</param>
internal readonly record struct RowEvent(RowField Field, ulong Value, int Version)
{
    private const string Void = "/void";
    private const int HashDigits = 16;
    private const int LongestReadable = 120;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    // Nothing else is in an id as often: the words are kept short.
    private static readonly string[] Names = ["", "start", "end", "cancel", "profile"];

    /// <summary>Gives how a row is called in event ids: as its subscription, where that is short and plain.</summary>
    public static string RowName(string subscription)
    {
        if (subscription.Length <= LongestReadable && !subscription.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return subscription;
        }

        return $"id-{Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(subscription)))}";
    }

    /// <summary>Gives the event id.</summary>
    /// <param name="row">The row's name.</param>
    public string Id(string row) => Version == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{row}/{Names[(int)Field]}/{Value:x16}")
        : string.Create(CultureInfo.InvariantCulture, $"{row}/{Names[(int)Field]}/{Value:x16}~{Version}");

    /// <summary>Gives the event id of the retraction that takes it out.</summary>
    /// <param name="row">The row's name.</param>
    public string VoidId(string row) => Id(row) + Void;

    /// <summary>Tells whether an event id is one of <see cref="VoidId"/>.</summary>
    public static bool IsVoidId(string id) => id.EndsWith(Void, StringComparison.Ordinal);

    /// <summary>Reads an event id; false when it is none that an import gave.</summary>
    public static bool TryParse(string id, out ReadOnlySpan<char> row, out RowEvent parsed)
    {
        row = default;
        parsed = default;
        var value = id.LastIndexOf('/');
        var field = value > 0 ? id.LastIndexOf('/', value - 1) : -1;
        if (field < 1 || id.Length - value - 1 < HashDigits)
        {
            return false;
        }

        var name = Array.IndexOf(Names, id[(field + 1)..value]);
        var digits = id.AsSpan(value + 1, HashDigits);
        var version = 1;
        var rest = id.AsSpan(value + 1 + HashDigits);
        if (name < 1 || digits.ContainsAnyExcept(Digits)
            || !ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash)
            || (rest.Length > 0 && (rest[0] != '~' || !int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out version) || version < 2)))
        {
            return false;
        }

        row = id.AsSpan(0, field);
        parsed = new RowEvent((RowField)name, hash, version);
        return true;
    }
}
