namespace Churn.Cli.Report.Input;

/// <summary>Holds what the rows of one reader say that a report does not need: ids, currencies, and the values of every attribute.</summary>
/// <remarks>Kept beside the rows, which stay as small as a report wants them; for each row the number of its id, its currency and its values.</remarks>
internal sealed class RowParticulars(Layout layout)
{
    public const int FirstAttribute = 2;

    private readonly int _stride = FirstAttribute + layout.Attributes.Count;

    /// <summary>Gives the layout of the file that the rows are of.</summary>
    public Layout Layout => layout;

    public Names Ids { get; } = new();

    /// <summary>Gives the currencies, in upper case.</summary>
    public Names Currencies { get; } = new();

    /// <summary>Gives the values of each attribute, in the order of the layout's.</summary>
    public Names[] Attributes { get; } = [.. layout.Attributes.Select(_ => new Names())];

    /// <summary>Gives the numbers of a row of a block.</summary>
    public Span<int> Of(RowBlock block, int row)
    {
        if (block.Particulars.Length < block.Rows.Length * _stride)
        {
            Array.Resize(ref block.Particulars, block.Rows.Length * _stride);
        }

        return block.Particulars.AsSpan(row * _stride, _stride);
    }
}
