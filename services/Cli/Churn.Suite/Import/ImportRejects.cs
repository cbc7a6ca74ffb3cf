using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;

namespace Churn.Suite.Import;

/// <summary>Tells the first rejects on the screen, writes all of them to a file, and counts them.</summary>
internal sealed class ImportRejects : IDisposable
{
    private const int MostShown = 10;

    private readonly Lock _lock = new();
    private readonly ImportScreen _screen;
    private readonly string? _path;
    private readonly RejectsFile? _file;

    public ImportRejects(ImportScreen screen, string? path)
    {
        (_screen, _path) = (screen, path);
        _file = path is null ? null : new RejectsFile(path);
    }

    public long Count { get; private set; }

    /// <summary>Adds what a reader could not take.</summary>
    public void Add(string file, Reject reject) => Add(file, reject, reject.Text);

    /// <summary>Adds what a reader could not take, with the character of the line at which it shows.</summary>
    public void AddAt(string file, int line, int position, string field, string reason) => Add(
        file,
        new Reject(0, line, field.Length > 0 ? field : $"{position}", reason),
        $"{(field.Length == 0 ? "" : $"{Printable.Of(field)} ")}{reason}",
        $":{position}");

    /// <summary>Adds what the server did not take.</summary>
    public void AddOfServer(string file, int line, string column, string message, string reason)
    {
        var text = Printable.Of(message, 1_000);
        Add(file, new Reject(0, line, column, text), $"{(column.Length == 0 ? "" : $"{Printable.Of(column, 40)}: ")}{text} ({reason})");
    }

    /// <summary>Says in one sentence how many there are, and where.</summary>
    public void Summarize()
    {
        if (Count == 0)
        {
            return;
        }

        var more = Count > MostShown ? $"; the first {MostShown} are above" : "";
        var where = _path is not null ? $"; all are in {Printable.OfPath(_path)}" : more.Length > 0 ? ", --rejects FILE writes all" : "";
        _screen.Tell($"churn import: {Numerals.Count(Count, "reject")}{more}{where}");
    }

    public void Dispose() => _file?.Dispose();

    private void Add(string file, Reject reject, string text, string position = "")
    {
        lock (_lock)
        {
            Count++;
            if (Count <= MostShown)
            {
                _screen.Tell($"{Printable.OfPath(file)}:{reject.Line}{position}: {text}");
            }

            _file?.Add(file, reject);
        }
    }
}
