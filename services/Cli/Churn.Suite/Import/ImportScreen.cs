using System.Globalization;
using Churn.Cli.Report.Output;
using Churn.Client.Facts;

namespace Churn.Suite.Import;

/// <summary>Writes messages to standard error, and below them, on a terminal, one line that says how far the import is.</summary>
/// <param name="error">Standard error.</param>
/// <param name="isTerminal">Whether a line there can be written over.</param>
internal sealed class ImportScreen(TextWriter error, bool isTerminal)
{
    private const string Erase = "\r\u001b[K";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private string _line = "";
    private long _shown = long.MinValue;

    public static ImportScreen OfProcess() => new(
        Console.Error, !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <summary>Writes a line that stays.</summary>
    public void Tell(string message)
    {
        lock (_lock)
        {
            error.WriteLine(_line.Length > 0 ? $"{Erase}{message}" : message);
            if (_line.Length > 0)
            {
                error.Write(_line);
            }
        }
    }

    /// <summary>Shows how far the import is.</summary>
    public void Show(string line, TimeProvider time)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (!isTerminal || (_shown != long.MinValue && time.GetElapsedTime(_shown, now) < Pause))
            {
                return;
            }

            (_line, _shown) = (line, now);
            error.Write($"{Erase}{line}");
            error.Flush();
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_line.Length > 0)
            {
                error.Write(Erase);
                (_line, _shown) = ("", long.MinValue);
            }
        }
    }

    /// <summary>Says what became of the facts so far.</summary>
    public static string Counts(FactWriterProgress progress) =>
        $"{Numerals.Count(progress.Recorded)} recorded, {Numerals.Count(progress.Duplicates, "duplicate")}, {Numerals.Count(progress.Rejected)} rejected";

    /// <summary>Says how many facts a second were decided.</summary>
    public static string Rate(long facts, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Numerals.Count((Int128)(facts / Math.Max(time.TotalSeconds, 0.001)))} facts/s");
}
