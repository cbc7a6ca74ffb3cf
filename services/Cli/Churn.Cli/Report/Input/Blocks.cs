using System.Buffers;

namespace Churn.Cli.Report.Input;

/// <summary>Holds some whole rows of a file.</summary>
/// <param name="Number">The place of the block in its file, from 0.</param>
/// <param name="Buffer">What holds the text; returned to the shared pool by who has read it.</param>
/// <param name="Length">How much of the buffer is text.</param>
/// <param name="HasQuotes">Whether any field of it may be quoted.</param>
/// <param name="Overlong">The bytes of one row that is too long to be held and stands for the whole block; 0 otherwise.</param>
internal sealed record Block(int Number, byte[] Buffer, int Length, bool HasQuotes, long Overlong);

/// <summary>Cuts a file into blocks of whole rows; several readers may ask at once.</summary>
internal sealed class Blocks : IDisposable
{
    /// <summary>What a processor's second cache holds beside the rows made of it.</summary>
    public const int DefaultSize = 1 << 18;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly RowScanner _scanner;
    private readonly int _blockSize;
    private byte[] _carried;
    private int _carriedLength;
    private int _blocks;
    private bool _ended;

    private Blocks(Stream stream, byte[] first, int firstLength, byte delimiter, int blockSize)
    {
        (_stream, _carried, _carriedLength, _blockSize) = (stream, first, firstLength, blockSize);
        _scanner = new RowScanner(delimiter);
    }

    /// <summary>Gives the sentence about a gzip stream that ended early; null otherwise.</summary>
    public string? Fault { get; private set; }

    /// <summary>Gives whether the last row read had a line end.</summary>
    public bool EndsWithLineEnd { get; private set; } = true;

    /// <summary>Reads the header and leaves the rows to be read.</summary>
    /// <param name="raw">The file; gzip is recognised by its first bytes.</param>
    /// <param name="header">The fields of the header.</param>
    /// <param name="blockSize">How many bytes are read at once.</param>
    /// <exception cref="ReportException">The file has no header that can be read.</exception>
    public static Blocks Open(Stream raw, out IReadOnlyList<string> header, int blockSize = DefaultSize)
    {
        var stream = Decompress(raw);
        byte[] buffer = [];
        var (length, ended, fault) = (0, false, (string?)null);
        while (true)
        {
            Array.Resize(ref buffer, buffer.Length + blockSize);
            length += Read(stream, buffer.AsSpan(length), ref ended, ref fault);
            var text = WithoutMark(buffer.AsSpan(0, length)).TrimStart("\r\n"u8);
            var delimiter = FindDelimiter(text);
            var scanner = new RowScanner(delimiter);
            var end = scanner.Scan(text, 0, isLast: ended && fault is null);
            if ((end == RowEnd.Open || text.IsEmpty) && !ended && length <= RowScanner.LongestRow)
            {
                continue;
            }

            Refuse(text, end, scanner, fault);
            var names = new string[scanner.Fields];
            for (var i = 0; i < names.Length; i++)
            {
                var name = System.Text.Encoding.UTF8.GetString(scanner.Field(text, i));
                names[i] = (scanner.IsEscaped(i) ? name.Replace("\"\"", "\"", StringComparison.Ordinal) : name).Trim();
            }

            header = names;
            var rows = text[scanner.Next..];
            var line = buffer.AsSpan(0, length - rows.Length).Count((byte)'\n');
            var rowsLength = rows.Length;
            rows.CopyTo(buffer);
            return new Blocks(stream, buffer, rowsLength, delimiter, blockSize)
            {
                Delimiter = delimiter, FirstLine = line + 1, _ended = ended, Fault = fault,
            };
        }
    }

    /// <summary>Gives the byte between fields.</summary>
    public byte Delimiter { get; private init; }

    /// <summary>Gives the line of the first row, from 1.</summary>
    public int FirstLine { get; private init; }

    /// <summary>Gives whether all of the file is in the first block.</summary>
    public bool IsSmall => _ended;

    /// <summary>Looks ahead for the first value of a column that is acceptable, as far as the first block goes.</summary>
    public byte[] FirstField(int column, int columns, Func<ReadOnlySpan<byte>, bool> accepts)
    {
        var text = _carried.AsSpan(0, _carriedLength);
        var scanner = new RowScanner(Delimiter);
        for (var at = 0; at < text.Length; at = scanner.Next)
        {
            var end = scanner.Scan(text, at, isLast: true);
            if (end == RowEnd.Complete && scanner.Fields == columns && scanner.Field(text, column).Trim(" \t"u8) is var field
                && accepts(field))
            {
                return field.ToArray();
            }
        }

        return [];
    }

    /// <summary>Gives the next block, or null at the end.</summary>
    public Block? Next()
    {
        lock (_lock)
        {
            while (!_ended || _carriedLength > 0)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(_carriedLength + (_ended ? 0 : _blockSize));
                _carried.AsSpan(0, _carriedLength).CopyTo(buffer);
                var length = _carriedLength + Fill(buffer.AsSpan(_carriedLength));
                _carriedLength = 0;
                var text = buffer.AsSpan(0, length);
                var quotes = text.Contains((byte)'"');
                // The last row of a stream that broke off is not whole, even if it looks so.
                var isWhole = _ended && Fault is null;
                var end = isWhole ? length : quotes ? LastRowEnd(text) : text.LastIndexOf((byte)'\n') + 1;
                if (_ended && end == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    return null;
                }

                if (end == 0 && length > RowScanner.LongestRow)
                {
                    // No row may be this long: it is dropped up to its line end, and said.
                    var overlong = length + Skip();
                    ArrayPool<byte>.Shared.Return(buffer);
                    return new Block(_blocks++, [], 0, HasQuotes: false, overlong);
                }

                Carry(_ended ? [] : text[end..]);
                if (end > 0)
                {
                    EndsWithLineEnd = text[end - 1] == '\n';
                    return new Block(_blocks++, buffer, end, quotes, Overlong: 0);
                }

                ArrayPool<byte>.Shared.Return(buffer);
            }

            return null;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static Span<byte> WithoutMark(Span<byte> text) =>
        text.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? text[3..]
        : text.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || text.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            ? throw new ReportException("is UTF-16: save it as UTF-8")
        : text;

    private static void Refuse(ReadOnlySpan<byte> text, RowEnd end, RowScanner scanner, string? fault)
    {
        if (fault is not null && end != RowEnd.Complete)
        {
            throw new ReportException("is not a whole gzip file");
        }

        if (text.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new ReportException("is empty");
        }

        if (end != RowEnd.Complete || scanner.Next > RowScanner.LongestRow)
        {
            throw new ReportException("does not begin with a header that can be read: a line of comma-separated column names");
        }

        if (!System.Text.Unicode.Utf8.IsValid(text[..scanner.Next]))
        {
            throw new ReportException("has a header that is not UTF-8: save it as UTF-8");
        }
    }

    // The first delimiter that stands outside quotes in the first line.
    private static byte FindDelimiter(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        foreach (var value in text)
        {
            quoted ^= value == '"';
            if (!quoted && value is (byte)',' or (byte)';' or (byte)'\t')
            {
                return value;
            }

            if (!quoted && value == '\n')
            {
                break;
            }
        }

        return (byte)',';
    }

    /// <summary>Gives what a file holds: gzip is recognised by its first bytes.</summary>
    public static Stream Decompress(Stream raw)
    {
        var magic = new byte[2];
        var read = raw.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        Stream whole = raw;
        if (raw.CanSeek)
        {
            raw.Seek(-read, SeekOrigin.Current);
        }
        else
        {
            whole = new PrefixedStream(magic[..read], raw);
        }

        return read == 2 && magic[0] == 0x1F && magic[1] == 0x8B ? new WholeGzipStream(whole) : whole;
    }

    private int Fill(Span<byte> buffer)
    {
        if (_ended)
        {
            return 0;
        }

        // A pool's array may be longer than asked for; blocks of one size keep the readers even.
        var fault = Fault;
        var length = Read(_stream, buffer[..Math.Min(buffer.Length, _blockSize)], ref _ended, ref fault);
        Fault = fault;
        return length;
    }

    private static int Read(Stream stream, Span<byte> buffer, ref bool ended, ref string? fault)
    {
        var length = 0;
        try
        {
            while (length < buffer.Length)
            {
                var read = stream.Read(buffer[length..]);
                if (read == 0)
                {
                    ended = true;
                    break;
                }

                length += read;
            }
        }
        catch (InvalidDataException)
        {
            (ended, fault) = (true, "the gzip stream is cut or damaged: what follows is missing");
        }

        return length;
    }

    private int LastRowEnd(ReadOnlySpan<byte> text)
    {
        var end = 0;
        while (end < text.Length && _scanner.Scan(text, end, isLast: false) != RowEnd.Open)
        {
            end = _scanner.Next;
        }

        return end;
    }

    private void Carry(ReadOnlySpan<byte> rest)
    {
        if (_carried.Length < rest.Length)
        {
            _carried = new byte[rest.Length];
        }

        rest.CopyTo(_carried);
        _carriedLength = rest.Length;
    }

    // Drops what is left of a row and keeps what follows its line end.
    private long Skip()
    {
        long skipped = 0;
        var buffer = new byte[_blockSize];
        while (!_ended)
        {
            var length = Fill(buffer);
            var end = buffer.AsSpan(0, length).IndexOf((byte)'\n');
            if (end >= 0)
            {
                Carry(buffer.AsSpan((end + 1)..length));
                return skipped + end;
            }

            skipped += length;
        }

        return skipped;
    }
}
