using Churn.Cli.Report.Input;
using Churn.Client.Facts;
using Churn.Suite.Import.Csv;

namespace Churn.Suite.Import.Ndjson;

/// <summary>Reads a file of facts, one a line, into batches.</summary>
/// <param name="file">The file.</param>
/// <param name="number">Its number, which the tags of its facts have.</param>
/// <param name="source">The source of facts that name none; null to leave them without.</param>
/// <param name="rejects">Takes the lines that are no facts.</param>
internal sealed class FactFile(ImportFile file, int number, string? source, ImportRejects rejects)
{
    /// <summary>Bounds a line in bytes; the largest fact that is taken is not longer.</summary>
    private const int LongestLine = RowScanner.LongestRow;

    private const int ReadSize = 1 << 18;

    private byte[] _buffer = new byte[ReadSize];
    private int _from;
    private int _to;
    private bool _ended;
    private int _line;

    /// <summary>Fills a batch with the facts of the next lines; false when there are no more.</summary>
    public bool Fill(FactBatch batch)
    {
        while (!batch.IsFull)
        {
            if (!NextLine(out var begin, out var length))
            {
                return batch.Count > 0;
            }

            if (length > LongestLine)
            {
                rejects.AddAt(file.Name, _line, 1, "", $"the line is longer than {LongestLine} bytes, the longest that is read");
                continue;
            }

            var text = _buffer.AsSpan(begin, length);
            text = (_line == 1 && text.StartsWith("\ufeff"u8) ? text[3..] : text).TrimEnd(" \t\r"u8);
            if (!text.IsEmpty && batch.AddJson(text, new Tag(number, _line, RowField.None).Packed, source) is { } error)
            {
                rejects.AddAt(file.Name, _line, error.Position, error.Field, error.Reason);
            }
        }

        return true;
    }

    // A line that is too long is given with a length that says so, and nothing of it.
    private bool NextLine(out int begin, out int length)
    {
        var searched = 0;
        var skipped = 0L;
        while (true)
        {
            var end = _buffer.AsSpan(_from + searched, _to - _from - searched).IndexOf((byte)'\n');
            if (end >= 0 || (_ended && (_to > _from || skipped > 0)))
            {
                begin = _from;
                length = end >= 0 ? searched + end : _to - _from;
                _from = end >= 0 ? _from + length + 1 : _to;
                _line++;
                length = skipped + length > LongestLine ? LongestLine + 1 : length;
                return true;
            }

            if (_ended)
            {
                (begin, length) = (0, 0);
                return false;
            }

            searched = _to - _from;
            if (skipped > 0 || searched > LongestLine)
            {
                skipped += searched;
                (_from, _to, searched) = (0, 0, 0);
            }

            Read();
            searched = Math.Min(searched, _to - _from);
        }
    }

    private void Read()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }

        if (_buffer.Length - _to < ReadSize)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        try
        {
            var read = file.Stream.Read(_buffer, _to, _buffer.Length - _to);
            _to += read;
            _ended = read == 0;
        }
        catch (InvalidDataException)
        {
            // What is before the break was whole lines but for the last.
            _ended = true;
            _to = _from + _buffer.AsSpan(_from, _to - _from).LastIndexOf((byte)'\n') + 1;
            rejects.AddAt(file.Name, _line + 1, 1, "", "the gzip stream is cut or damaged: what follows is missing");
        }
    }
}
