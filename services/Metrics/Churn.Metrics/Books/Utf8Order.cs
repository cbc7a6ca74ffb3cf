namespace Churn.Metrics.Books;

/// <summary>Orders texts by the bytes of their UTF-8, as files have them; ordinal order of UTF-16 differs beyond the basic plane.</summary>
internal static class Utf8Order
{
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(Compare);

    public static int Compare(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            var (x, y) = (a[i], b[i]);
            if (x != y)
            {
                // Of two that differ, only a half of a pair is out of its place: pairs come after everything else.
                return char.IsSurrogate(x) != char.IsSurrogate(y) ? (char.IsSurrogate(x) ? 1 : -1) : x.CompareTo(y);
            }
        }

        return a.Length.CompareTo(b.Length);
    }
}
