using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Reads the rows of blocks; one for each thread, with name tables of its own.</summary>
internal sealed class RowReader
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
    private RowBlock _block = null!;
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
            else if (!row.Trim("\r\n"u8).IsEmpty && IsWhole(row, _scanner.Fields, line))
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

    private bool IsWhole(ReadOnlySpan<byte> row, int fields, int line)
    {
        if (fields != _columns)
        {
            Reject(line, -1, $"the row has {fields} {(fields == 1 ? "field" : "fields")}; the header has {_columns}");
            return false;
        }

        if (!_validUtf8 && !Utf8.IsValid(row))
        {
            Reject(line, -1, "the row is not UTF-8: save the file as UTF-8");
            return false;
        }

        return true;
    }

    private ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, int column)
    {
        var field = text[_starts[column].._ends[column]];
        return field.Length > 0 && (field[0] <= ' ' || field[^1] <= ' ') ? field.Trim(" \t"u8) : field;
    }

    private void Add(ReadOnlySpan<byte> text, int line)
    {
        if (_block.Count == _block.Rows.Length)
        {
            Array.Resize(ref _block.Rows, _block.Count * 2);
        }

        ref var row = ref _block.Rows[_block.Count];
        row = default;
        row.Line = line;
        row.SourceRecordTime = Row.NotRecorded;
        var customer = Field(text, _layout.Customer);
        if (customer.IsEmpty)
        {
            Reject(line, _layout.Customer, "is empty");
            return;
        }

        if (!ReadTimes(text, line, ref row) || !ReadPrice(text, line, ref row) || !ReadCurrency(text, line))
        {
            return;
        }

        row.Customer = Customers.Intern(customer);
        row.Plan = _layout.Plan >= 0 ? Plans.Intern(Field(text, _layout.Plan)) : Plans.Intern([]);
        row.Segment = _layout.Segment >= 0 ? Segments.Intern(Field(text, _layout.Segment)) : 0;
        if (_layout.Subscription >= 0)
        {
            var id = Field(text, _layout.Subscription);
            if (id.IsEmpty)
            {
                Reject(line, _layout.Subscription, "is empty");
                return;
            }

            row.Id = IdOf(id);
            row.Content = ContentOf(text, ref row, customer);
        }

        _block.Count++;
    }

    // Short ids are their own 128 bits, with their length; longer ones are hashed to as many.
    private static (ulong High, ulong Low) IdOf(ReadOnlySpan<byte> id)
    {
        if (id.Length >= 16)
        {
            return (Names.Hash(id), Names.Hash(id, seed: 0x589965CC75374CC3));
        }

        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        id.CopyTo(padded);
        padded[15] = (byte)id.Length;
        return (BinaryPrimitives.ReadUInt64LittleEndian(padded), BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]));
    }

    private bool ReadTimes(ReadOnlySpan<byte> text, int line, ref Row row)
    {
        if (_layout.Tenure >= 0)
        {
            return ReadTenure(text, line, ref row);
        }

        var start = Field(text, _layout.Start);
        if (Instants.Read(start, out row.Start) is { } badStart)
        {
            return Reject(line, _layout.Start, start.IsEmpty ? "is empty" : badStart, start);
        }

        row.End = Calendar.Open;
        if (_layout.End >= 0 && Field(text, _layout.End) is { IsEmpty: false } end && !Instants.IsNever(end))
        {
            if (Instants.Read(end, out row.End) is { } badEnd)
            {
                return Reject(line, _layout.End, badEnd, end);
            }

            if (row.End < row.Start)
            {
                return Reject(line, _layout.End, $"is before start_at ({Printable.Of(start)})", end);
            }
        }

        if (_layout.Recorded >= 0 && Field(text, _layout.Recorded) is { IsEmpty: false } recorded)
        {
            if (recorded.SequenceEqual(start))
            {
                row.SourceRecordTime = row.Start;
            }
            else if (Instants.Read(recorded, out row.SourceRecordTime) is { } bad)
            {
                return Reject(line, _layout.Recorded, bad, recorded);
            }
        }

        return true;
    }

    private bool ReadTenure(ReadOnlySpan<byte> text, int line, ref Row row)
    {
        var tenure = Field(text, _layout.Tenure);
        if (!System.Buffers.Text.Utf8Parser.TryParse(tenure, out int months, out var read) || read != tenure.Length
            || months < 0 || months >= _tenureStarts.Length)
        {
            return Reject(line, _layout.Tenure, tenure.IsEmpty ? "is empty" : $"is not a whole number of months from 0 to {_tenureStarts.Length - 1}", tenure);
        }

        row.Start = _tenureStarts[months];
        var churned = Field(text, _layout.Churned);
        if (churned.IsEmpty)
        {
            return Reject(line, _layout.Churned, $"is empty; it says {Printable.Of(_layout.ChurnedValue)} of who left");
        }

        row.End = churned.SequenceEqual(_layout.ChurnedValue) ? _tenureStarts[0] : Calendar.Open;
        return true;
    }

    private bool ReadPrice(ReadOnlySpan<byte> text, int line, ref Row row)
    {
        var price = Field(text, _layout.Price);
        var bad = _layout.PriceShape is PriceShape.Units ? ReadPricePerPeriod(text, price, line, ref row)
            : _layout.PriceShape is PriceShape.MonthlyUnits ? Amounts.ReadUnits(price, out row.Mrr)
            : Amounts.ReadCents(price, out row.Mrr);
        return bad is null
            ? _layout.PriceShape is not PriceShape.Cents || ReadMonthsPart(text, price, row.Mrr, 1, line, ref row)
            : bad.Length > 0 && Reject(line, _layout.Price, bad, price);
    }

    // Rounded once: where the month's part is taken, not before. An empty reason was given already.
    private string? ReadPricePerPeriod(ReadOnlySpan<byte> text, ReadOnlySpan<byte> price, int line, ref Row row) =>
        Amounts.ReadExact(price, out var parts)
        ?? (ReadMonthsPart(text, price, parts, Amounts.PartsOfMicro, line, ref row) ? null : "");

    private bool ReadMonthsPart(ReadOnlySpan<byte> text, ReadOnlySpan<byte> price, Int128 amount, long perMicro, int line, ref Row row)
    {
        var period = Field(text, _layout.BillingPeriod);
        if (UnitOf(period) is not { } unit)
        {
            return Reject(line, _layout.BillingPeriod, period.IsEmpty ? "is empty" : "is not day, week, month, quarter or year", period);
        }

        var mrr = Money.PerMonth(amount, unit, perMicro: perMicro);
        if (mrr > Money.Largest)
        {
            return Reject(line, _layout.Price, "is above 1000000000 units a month, the largest amount that is accepted", price);
        }

        row.Mrr = (long)mrr;
        return true;
    }

    private static BillingUnit? UnitOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("month"u8) ? BillingUnit.Month
        : text.SequenceEqual("year"u8) ? BillingUnit.Year
        : text.SequenceEqual("quarter"u8) ? BillingUnit.Quarter
        : text.SequenceEqual("week"u8) ? BillingUnit.Week
        : text.SequenceEqual("day"u8) ? BillingUnit.Day
        : UnitOfAnyCase(text);

    private static BillingUnit? UnitOfAnyCase(ReadOnlySpan<byte> text)
    {
        foreach (var unit in Enum.GetValues<BillingUnit>())
        {
            if (System.Text.Ascii.EqualsIgnoreCase(text, unit.ToString()))
            {
                return unit;
            }
        }

        return null;
    }

    private bool ReadCurrency(ReadOnlySpan<byte> text, int line)
    {
        if (_layout.Currency < 0)
        {
            return true;
        }

        var currency = Field(text, _layout.Currency);
        if (currency.SequenceEqual(_currency.Span) || (currency.IsEmpty && _options.Currency is not null))
        {
            return true;
        }

        if (!Currencies.IsCode(currency))
        {
            return Reject(line, _layout.Currency, currency.IsEmpty ? "is empty" : "is not a currency code such as USD", currency);
        }

        var code = Printable.Of(currency).ToUpperInvariant();
        return System.Text.Encoding.ASCII.GetString(_currency.Span) == code || Reject(
            line, _layout.Currency,
            $"is {code}, and this report is in {(_currency.IsEmpty ? "no currency" : Printable.Of(_currency.Span))}: --currency {code} reports those rows");
    }

    // Two rows of one id are the same when they say the same, however the same instant or amount is written.
    private ulong ContentOf(ReadOnlySpan<byte> text, ref Row row, ReadOnlySpan<byte> customer)
    {
        Span<byte> values = stackalloc byte[32];
        BinaryPrimitives.WriteInt64LittleEndian(values, row.Start);
        BinaryPrimitives.WriteInt64LittleEndian(values[8..], row.End);
        BinaryPrimitives.WriteInt64LittleEndian(values[16..], row.Mrr);
        BinaryPrimitives.WriteInt64LittleEndian(values[24..], row.SourceRecordTime);
        var hash = Names.Hash(customer, Names.Hash(values));
        hash = _layout.Plan >= 0 ? Names.Hash(Field(text, _layout.Plan), hash) : hash;
        foreach (var (first, last) in _attributeRuns)
        {
            hash = Names.Hash(text[_starts[first].._ends[last]], hash);
        }

        if (_holdsDelimiter)
        {
            // Where a field holds the delimiter, the text of several does not tell where each ends.
            foreach (var column in _layout.Attributes)
            {
                hash = Names.Hash(text[_starts[column].._ends[column]], hash);
            }
        }

        return hash;
    }

    private bool Reject(int line, int column, string reason, ReadOnlySpan<byte> value = default)
    {
        _block.Rejects.Add((line, column < 0 ? "" : _layout.Names[column], value.IsEmpty ? reason : $"\"{Printable.Of(value, 40)}\" {reason}"));
        return false;
    }
}
