namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Sets rows of text in columns: the first to the left, the others to the right, or all where it is told so.</summary>
internal sealed class Grid
{
    private const string Gap = "  ";

    private readonly List<Piece[]> _rows = [];
    private readonly HashSet<int> _left = [0];

    /// <summary>Gives the rows so far.</summary>
    public int Count => _rows.Count;

    /// <summary>Gives the width of the widest line.</summary>
    public int Width => Widths().Sum() + (Gap.Length * Math.Max(0, Columns - 1));

    private int Columns => _rows.Count == 0 ? 0 : _rows.Max(r => r.Length);

    public void Add(params ReadOnlySpan<Piece> row) => _rows.Add(row.ToArray());

    /// <summary>Sets a column to the left.</summary>
    public Grid Left(int column)
    {
        _left.Add(column);
        return this;
    }

    /// <summary>Cuts the first column so that the grid becomes no wider than the given width, but not below a few characters.</summary>
    public void Shrink(int width, bool unicode)
    {
        const int few = 8;
        var first = Math.Max(few, Widths()[0] - Math.Max(0, Width - width));
        foreach (var row in _rows.Where(r => r.Length > 0))
        {
            row[0] = row[0] with { Text = Cells.Fit(row[0].Text, first, unicode) };
        }
    }

    public void Write(Canvas canvas)
    {
        var widths = Widths();
        var line = new List<Piece>();
        foreach (var row in _rows)
        {
            line.Clear();
            for (var column = 0; column < row.Length; column++)
            {
                if (column > 0)
                {
                    line.Add(Gap);
                }

                // Blanks at a line's end are no text that could be cut.
                var isLastLeft = column == row.Length - 1 && _left.Contains(column);
                var padding = isLastLeft ? "" : new string(' ', widths[column] - Cells.Width(row[column].Text));
                line.Add(row[column] with { Text = _left.Contains(column) ? row[column].Text + padding : padding + row[column].Text });
            }

            canvas.Line([.. line]);
        }
    }

    private int[] Widths()
    {
        var widths = new int[Columns];
        foreach (var row in _rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], Cells.Width(row[column].Text));
            }
        }

        return widths;
    }
}
