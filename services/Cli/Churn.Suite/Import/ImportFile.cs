using Churn.Cli.Report;
using Churn.Cli.Report.Input;

namespace Churn.Suite.Import;

/// <summary>Holds a file that is open, and whether it is NDJSON or CSV: its first character that is no space says so.</summary>
internal sealed class ImportFile : IDisposable
{
    private const int LongestBlank = 1 << 16;

    private ImportFile(string name, Stream stream, bool isNdjson)
    {
        (Name, Stream, IsNdjson) = (name, stream, isNdjson);
    }

    /// <summary>Gives the name, as it is shown.</summary>
    public string Name { get; }

    /// <summary>Gives the text; what was compressed is not any more.</summary>
    public Stream Stream { get; }

    public bool IsNdjson { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="ReportException">It cannot be opened or read.</exception>
    public static ImportFile Open(string path, Func<Stream> standardInput)
    {
        var name = path == "-" ? "standard input" : path;
        try
        {
            var text = Blocks.Decompress(InputFiles.Open(path, standardInput));
            var begin = new byte[LongestBlank];
            var length = 0;
            int read;
            ReadOnlySpan<byte> written;
            do
            {
                read = text.Read(begin, length, begin.Length - length);
                length += read;
                written = begin.AsSpan(0, length);
                written = (written.StartsWith("\ufeff"u8) ? written[3..] : written).TrimStart(" \t\r\n"u8);
            }
            while (read > 0 && written.Length < 1 && length < begin.Length);
            var isNdjson = written.IsEmpty ? IsNamedNdjson(path) : written[0] == '{';
            return new ImportFile(name, new PrefixedStream(begin[..length], text), isNdjson);
        }
        catch (InvalidDataException)
        {
            throw new ReportException($"{Printable.OfPath(name)} is not a whole gzip file");
        }
        catch (ReportException e)
        {
            throw new ReportException($"{Printable.OfPath(name)} {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ReportException($"{Printable.OfPath(name)} does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"{Printable.OfPath(name)} cannot be read: {Printable.OfPath(e.Message)}");
        }
    }

    public void Dispose() => Stream.Dispose();

    // An empty file has no first character.
    private static bool IsNamedNdjson(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return name.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
    }
}
