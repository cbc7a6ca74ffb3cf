namespace Churn.Cli.Report.Input;

/// <summary>Holds one row of a file: one stretch of a subscription at one price. Names are numbers of the reader's own tables.</summary>
internal struct Row
{
    public long Start;
    public long End;
    public long Mrr;

    /// <summary>Stands for a record time that the source does not give: before every other.</summary>
    public const long NotRecorded = long.MinValue;

    /// <summary>When the source says it recorded the row. Decides between attribute values of one start.</summary>
    public long SourceRecordTime;

    /// <summary>The subscription id in 128 bits; zero where the file has none.</summary>
    public (ulong High, ulong Low) Id;

    /// <summary>A hash of all else that the row says.</summary>
    public ulong Content;
    public int Customer;
    public int Plan;
    public int Segment;

    /// <summary>The line in the block, from 0; its block knows the rest.</summary>
    public int Line;
}

/// <summary>Holds the rows of one block of a file, in its order.</summary>
internal sealed class RowBlock(int file, int number)
{
    public int File { get; } = file;

    public int Number { get; } = number;

    /// <summary>Gives the reader whose tables the numbers in the rows are of.</summary>
    public required RowReader Reader { get; init; }

    /// <summary>The rows; only the first <see cref="Count"/> are set.</summary>
    public Row[] Rows = [];

    public int Count;

    /// <summary>What else the rows say, as <see cref="RowParticulars"/> lays it out; empty unless rows are kept whole.</summary>
    public int[] Particulars = [];

    /// <summary>Gives the number of line ends in the block.</summary>
    public int Lines { get; set; }

    /// <summary>Gives the line of the file on which the block begins, from 1; known when all blocks before it were read.</summary>
    public int FirstLine { get; set; }

    public List<(int Line, string Column, string Reason)> Rejects { get; } = [];
}

/// <summary>Names a row that is not reported, and why.</summary>
/// <param name="File">The number of its file.</param>
/// <param name="Line">The line the row begins on, from 1.</param>
/// <param name="Column">The column at fault; empty where it is the whole row.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record Reject(int File, int Line, string Column, string Reason)
{
    /// <summary>Gives column and reason as one text.</summary>
    public string Text => Column.Length == 0 ? Reason : $"{Printable.Of(Column, 40)} {Reason}";
}
