using Churn.Cli.Report.Output.Terminal;

namespace Churn.Suite.Metrics;

/// <summary>Sets a table whose columns may be more than the terminal is wide: as many side by side as fit, the rest below.</summary>
internal sealed class Bands
{
    private readonly List<Piece[]> _rows = [];

    /// <summary>Adds a row: its label and a cell for every column.</summary>
    public void Add(Piece label, IEnumerable<Piece> cells) => _rows.Add([label, .. cells]);

    public void Write(Canvas canvas)
    {
        var columns = _rows.Max(r => r.Length) - 1;
        for (var from = 0; from < columns;)
        {
            if (from > 0)
            {
                canvas.Blank();
            }

            var count = columns - from;
            Grid grid;
            while ((grid = GridOf(from, count)).Width > canvas.Style.Width && count > 1)
            {
                count--;
            }

            grid.Shrink(canvas.Style.Width, canvas.Style.Unicode);
            grid.Write(canvas);
            from += count;
        }
    }

    private Grid GridOf(int from, int count)
    {
        var grid = new Grid();
        foreach (var row in _rows)
        {
            grid.Add([row[0], .. row.Skip(1 + from).Take(count)]);
        }

        return grid;
    }
}
