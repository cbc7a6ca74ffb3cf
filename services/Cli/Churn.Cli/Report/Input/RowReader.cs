using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Reads the rows of blocks; one for each thread, with name tables of its own.</summary>
internal sealed partial class RowReader
{
    private readonly Layout _layout;
    private readonly InputOptions _options;
    private readonly byte _delimiter;
    private readonly RowScanner _scanner;
    private readonly int[] _starts;
    private readonly int[] _ends;
    private readonly long[] _tenureStarts = new long[1200];
    private readonly int _columns;
    private readonly List<(int First, int Last)> _attributeRuns = [];
    private readonly RowParticulars? _particulars;
    private RowBlock _block = null!;
    private readonly byte[] _rowCurrency = new byte[3];
    private byte[] _unescaped = [];
    private ReadOnlyMemory<byte> _currency;
    private bool _validUtf8;
    private bool _holdsDelimiter;

    public RowReader(Layout layout, InputOptions options, byte delimiter, byte[] currency)
    {
        (_layout, _options, _delimiter, _currency) = (layout, options, delimiter, currency);
        _columns = layout.Names.Count;
        _starts = new int[_columns + 2];
        _ends = new int[_columns + 2];
        _scanner = new RowScanner(delimiter);
        foreach (var column in layout.Attributes)
        {
            if (_attributeRuns.Count > 0 && _attributeRuns[^1].Last == column - 1)
            {
                _attributeRuns[^1] = (_attributeRuns[^1].First, column);
            }
            else
            {
                _attributeRuns.Add((column, column));
            }
        }

        _particulars = options.KeepsRowsWhole ? new RowParticulars(layout) : null;
        for (var i = 0; i < _tenureStarts.Length && layout.Tenure >= 0; i++)
        {
            _tenureStarts[i] = Calendar.AddMonths(options.SnapshotDay, -i) * Calendar.Day;
        }
    }

    public Names Customers { get; } = new();

    /// <summary>Gives the customers in byte order, after <see cref="SortCustomers"/>.</summary>
    public int[] SortedCustomers { get; private set; } = [];

    /// <summary>Gives the reader's place among all readers.</summary>
    public int Number { get; set; }

    public Names Plans { get; } = new();

    public Names Segments { get; } = new();

    /// <summary>Gives what else the rows say where they are kept whole.</summary>
    /// <exception cref="InvalidOperationException">They are not.</exception>
    public RowParticulars Particulars => _particulars ?? throw new InvalidOperationException("The rows are not kept whole.");

    public void SortCustomers() => SortedCustomers = Customers.Sorted();

    /// <summary>Reads a block.</summary>
    /// <param name="file">The number of its file.</param>
    /// <param name="block">The block; its buffer may be used again afterwards.</param>
    public RowBlock Read(int file, Block block)
    {
        _block = new RowBlock(file, block.Number) { Reader = this };
        if (block.Overlong > 0)
        {
            _block.Lines = 1;
            Reject(0, -1, TooLong(block.Overlong));
            return _block;
        }

        var text = block.Buffer.AsSpan(0, block.Length);
        _validUtf8 = Utf8.IsValid(text);
        _holdsDelimiter = false;
        _block.Rows = GC.AllocateUninitializedArray<Row>(Math.Max(16, block.Length / 64));
        if (block.HasQuotes)
        {
            ReadQuoted(text);
        }
        else
        {
            ReadPlain(text);
        }

        return _block;
    }

    private static string TooLong(long bytes) => $"the row is {bytes} bytes long; the longest that is read has {RowScanner.LongestRow}";

    // Without a quote in sight every delimiter is one: they are found 64 bytes at a time.
    private void ReadPlain(ReadOnlySpan<byte> text)
    {
        int row = 0, fields = 0, line = 0;
        _starts[0] = 0;
        var at = 0;
        var delimiters = Vector256.Create(_delimiter);
        var ends = Vector256.Create((byte)'\n');
        for (; at + 64 <= text.Length; at += 64)
        {
            var low = Vector256.Create(text.Slice(at, 32));
            var high = Vector256.Create(text.Slice(at + 32, 32));
            var mask = (Vector256.Equals(low, delimiters) | Vector256.Equals(low, ends)).ExtractMostSignificantBits()
                | ((ulong)(Vector256.Equals(high, delimiters) | Vector256.Equals(high, ends)).ExtractMostSignificantBits() << 32);
            for (; mask != 0; mask &= mask - 1)
            {
                Found(text, at + BitOperations.TrailingZeroCount(mask), ref row, ref fields, ref line);
            }
        }

        for (; at < text.Length; at++)
        {
            if (text[at] == _delimiter || text[at] == '\n')
            {
                Found(text, at, ref row, ref fields, ref line);
            }
        }

        if (row < text.Length)
        {
            EndField(text.Length, ref fields);
            PlainRow(text, row, text.Length, fields, line);
        }

        _block.Lines = line;
    }

    private void Found(ReadOnlySpan<byte> text, int at, ref int row, ref int fields, ref int line)
    {
        EndField(at, ref fields);
        if (text[at] == '\n')
        {
            PlainRow(text, row, at, fields, line);
            row = at + 1;
            fields = 0;
            _starts[0] = row;
            line++;
        }
    }

    private void EndField(int at, ref int fields)
    {
        // One more than there are columns is enough to see that there are too many.
        if (fields <= _columns)
        {
            _ends[fields] = at;
            _starts[fields + 1] = at + 1;
        }

        fields++;
    }

    private void PlainRow(ReadOnlySpan<byte> text, int start, int end, int fields, int line)
    {
        if (end > start && text[end - 1] == '\r')
        {
            end--;
            if (fields <= _columns)
            {
                _ends[fields - 1] = end;
            }
        }

        if (end == start)
        {
            return;
        }

        if (end - start > RowScanner.LongestRow)
        {
            Reject(line, -1, TooLong(end - start));
        }
        else if (IsWhole(text[start..end], fields, line))
        {
            Add(text, line);
        }
    }

    private void ReadQuoted(ReadOnlySpan<byte> text)
    {
        int line = 0, at = 0;
        while (at < text.Length)
        {
            var end = _scanner.Scan(text, at, isLast: true);
            var row = text[at.._scanner.Next];
            if (end == RowEnd.QuoteNotClosed)
            {
                Reject(line, -1, "a quote that opens a field is never closed");
            }
            else if (end == RowEnd.TextAfterQuote)
            {
                Reject(line, -1, "text follows the closing quote of a field (a quote inside a quoted field is written twice)");
            }
            else if (row.Length > RowScanner.LongestRow)
            {
                Reject(line, -1, TooLong(row.Length));
            }
            else if (!row.Trim("\r\n"u8).IsEmpty && IsWhole(row, _scanner.Fields, line, _scanner.Lines))
            {
                AddQuoted(text, line);
            }

            line += end == RowEnd.Complete ? _scanner.Lines : 1;
            at = _scanner.Next;
        }

        _block.Lines = line;
    }

    private void AddQuoted(ReadOnlySpan<byte> text, int line)
    {
        // The fields are laid out anew without their quotes, so that one reader serves both.
        var length = 0;
        for (var i = 0; i < _columns; i++)
        {
            length += _scanner.Field(text, i).Length + 1;
        }

        if (_unescaped.Length < length)
        {
            _unescaped = new byte[length * 2];
        }

        var at = 0;
        _holdsDelimiter = false;
        for (var i = 0; i < _columns; i++)
        {
            _starts[i] = at;
            var field = _scanner.Field(text, i);
            _holdsDelimiter |= field.Contains(_delimiter);
            for (var j = 0; j < field.Length; j++)
            {
                _unescaped[at++] = field[j];
                if (field[j] == '"' && _scanner.IsEscaped(i))
                {
                    j++;
                }
            }

            _ends[i] = at;
            _unescaped[at++] = _delimiter;
        }

        Add(_unescaped, line);
    }

    private bool IsWhole(ReadOnlySpan<byte> row, int fields, int line, int lines = 1)
    {
        if (fields != _columns)
        {
            var over = lines > 1 ? $" (quotes make one row of {lines} lines)" : "";
            Reject(line, -1, $"the row has {fields} {(fields == 1 ? "field" : "fields")}; the header has {_columns}{over}");
            return false;
        }

        if (!_validUtf8 && !Utf8.IsValid(row))
        {
            Reject(line, -1, "the row is not UTF-8: save the file as UTF-8");
            return false;
        }

        return true;
    }

    private bool Reject(int line, int column, string reason, ReadOnlySpan<byte> value = default)
    {
        _block.Rejects.Add((line, column < 0 ? "" : _layout.Names[column], value.IsEmpty ? reason : $"\"{Printable.Of(value, 40)}\" {reason}"));
        return false;
    }
}
