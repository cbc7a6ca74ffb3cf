namespace Churn.Cli.Report.Input;

/// <summary>Says how the scan of a row ended.</summary>
internal enum RowEnd
{
    /// <summary>The row is whole.</summary>
    Complete,

    /// <summary>The text ends inside the row.</summary>
    Open,

    /// <summary>A quoted field is never closed; the row is taken to end at its first line end.</summary>
    QuoteNotClosed,

    /// <summary>Something stands between a closing quote and the next delimiter; the row is taken to end at its first line end.</summary>
    TextAfterQuote,
}

/// <summary>Splits a row that may hold quoted fields (RFC 4180): delimiters, quotes and line ends inside quotes are text.</summary>
internal sealed class RowScanner(byte delimiter)
{
    /// <summary>Bounds a row in bytes, and with it what one unclosed quote can swallow.</summary>
    public const int LongestRow = 1_000_000;

    private int[] _starts = new int[64];
    private int[] _ends = new int[64];
    private bool[] _escaped = new bool[64];

    public int Fields { get; private set; }

    /// <summary>Gives where the next row starts.</summary>
    public int Next { get; private set; }

    /// <summary>Gives the line ends the row holds, its own included.</summary>
    public int Lines { get; private set; }

    /// <summary>Gives a field without its quotes; doubled quotes are still doubled where <see cref="IsEscaped"/>.</summary>
    public ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, int field) => text[_starts[field].._ends[field]];

    public bool IsEscaped(int field) => _escaped[field];

    /// <summary>Scans the row that starts at a place in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the row starts.</param>
    /// <param name="isLast">Whether nothing follows the text.</param>
    public RowEnd Scan(ReadOnlySpan<byte> text, int start, bool isLast)
    {
        Fields = 0;
        Lines = 1;
        var at = start;
        while (true)
        {
            if (at < text.Length && text[at] == '"')
            {
                var end = ScanQuoted(text, start, at, isLast, out var next);
                if (end != RowEnd.Complete)
                {
                    return end == RowEnd.Open ? end : EndAtFirstLineEnd(text, start, isLast, end);
                }

                at = next;
            }
            else
            {
                var length = text[at..].IndexOfAny(delimiter, (byte)'\n');
                if (length < 0 && !isLast)
                {
                    return RowEnd.Open;
                }

                var end = length < 0 ? text.Length : at + length;
                Add(at, end > at && text[end - 1] == '\r' && (end == text.Length || text[end] == '\n') ? end - 1 : end, escaped: false);
                at = end;
            }

            if (at >= text.Length || text[at] == '\n')
            {
                Next = Math.Min(at + 1, text.Length);
                return RowEnd.Complete;
            }

            at++;
        }
    }

    private RowEnd ScanQuoted(ReadOnlySpan<byte> text, int row, int open, bool isLast, out int next)
    {
        // A field that opens beyond the longest row is scanned too: where its row ends decides what is dropped.
        var limit = (int)Math.Min(text.Length, Math.Max(row, open) + (long)LongestRow);
        var escaped = false;
        var from = open + 1;
        next = from;
        while (true)
        {
            var length = text[from..limit].IndexOf((byte)'"');
            if (length < 0 || (from + length + 1 == text.Length && !isLast))
            {
                return limit == text.Length && !isLast ? RowEnd.Open : RowEnd.QuoteNotClosed;
            }

            var quote = from + length;
            if (quote + 1 < text.Length && text[quote + 1] == '"')
            {
                escaped = true;
                from = quote + 2;
                if (from > limit)
                {
                    return RowEnd.QuoteNotClosed;
                }

                continue;
            }

            next = quote + 1;
            if (next < text.Length && text[next] == '\r')
            {
                next++;
                if (next == text.Length && !isLast)
                {
                    // What follows decides whether the quote closed the field.
                    return RowEnd.Open;
                }
            }

            if (next < text.Length && text[next] != delimiter && text[next] != '\n')
            {
                return RowEnd.TextAfterQuote;
            }

            Lines += text[open..quote].Count((byte)'\n');
            Add(open + 1, quote, escaped);
            return RowEnd.Complete;
        }
    }

    private RowEnd EndAtFirstLineEnd(ReadOnlySpan<byte> text, int start, bool isLast, RowEnd end)
    {
        var length = text[start..].IndexOf((byte)'\n');
        if (length < 0 && !isLast)
        {
            return RowEnd.Open;
        }

        Next = length < 0 ? text.Length : start + length + 1;
        Lines = 1;
        return end;
    }

    private void Add(int start, int end, bool escaped)
    {
        if (Fields == _starts.Length)
        {
            Array.Resize(ref _starts, Fields * 2);
            Array.Resize(ref _ends, Fields * 2);
            Array.Resize(ref _escaped, Fields * 2);
        }

        (_starts[Fields], _ends[Fields], _escaped[Fields]) = (start, end, escaped);
        Fields++;
    }
}
