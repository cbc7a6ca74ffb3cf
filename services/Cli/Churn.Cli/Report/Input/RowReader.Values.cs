using System.Buffers.Binary;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Turns the fields of a row into what they say.</summary>
internal sealed partial class RowReader
{
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

        if (_particulars is not null)
        {
            KeepWhole(text, _particulars);
        }

        _block.Count++;
    }

    private void KeepWhole(ReadOnlySpan<byte> text, RowParticulars particulars)
    {
        var space = particulars.Of(_block, _block.Count);
        space[0] = _layout.Subscription >= 0 ? particulars.Ids.Intern(Field(text, _layout.Subscription)) : 0;
        space[1] = particulars.Currencies.Intern(_rowCurrency);
        for (var i = 0; i < _layout.Attributes.Count; i++)
        {
            space[RowParticulars.FirstAttribute + i] = particulars.Attributes[i].Intern(Field(text, _layout.Attributes[i]));
        }
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
        if (_layout.PriceShape is PriceShape.Units)
        {
            // Rounded once: where the month's part is taken, not before.
            return Amounts.ReadExact(price, out var parts) is { } wrong
                ? Reject(line, _layout.Price, wrong, price)
                : ReadMonthsPart(text, price, parts, Amounts.PartsOfMicro, line, ref row);
        }

        var bad = _layout.PriceShape is PriceShape.MonthlyUnits
            ? Amounts.ReadUnits(price, out row.Mrr)
            : Amounts.ReadCents(price, out row.Mrr);
        return bad is not null
            ? Reject(line, _layout.Price, bad, price)
            : _layout.PriceShape is not PriceShape.Cents || ReadMonthsPart(text, price, row.Mrr, 1, line, ref row);
    }

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
        if (_particulars is not null)
        {
            return ReadOwnCurrency(text, line);
        }

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

    private bool ReadOwnCurrency(ReadOnlySpan<byte> text, int line)
    {
        var currency = _layout.Currency < 0 ? [] : Field(text, _layout.Currency);
        if (currency.IsEmpty)
        {
            return _currency.IsEmpty
                ? Reject(line, _layout.Currency, "is empty: --currency CODE states what such rows are in")
                : _currency.Span.TryCopyTo(_rowCurrency);
        }

        return !Currencies.IsCode(currency)
            ? Reject(line, _layout.Currency, "is not a currency code such as USD", currency)
            : System.Text.Ascii.ToUpper(currency, _rowCurrency, out _) == System.Buffers.OperationStatus.Done;
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
        hash = _particulars is null ? hash : Names.Hash(_rowCurrency, hash);
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
}
