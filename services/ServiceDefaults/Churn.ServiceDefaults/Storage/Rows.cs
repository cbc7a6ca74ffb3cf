namespace Churn.ServiceDefaults.Storage;

/// <summary>Says what a column of <see cref="Rows"/> holds.</summary>
public enum ColumnType
{
    /// <summary>Integers of 64 bits.</summary>
    Number,

    /// <summary>Texts.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>Names a column of <see cref="Rows"/>.</summary>
/// <param name="Name">The name, as SQL.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Comparison">How a stored value is compared with the one given, where rows are found by it.</param>
public readonly record struct Column(string Name, ColumnType Type, string Comparison = "=");

/// <summary>Gathers rows of one table, column by column, that are written or looked for together.</summary>
/// <param name="table">The table.</param>
/// <param name="columns">The columns that are given.</param>
public sealed class Rows(string table, params Column[] columns)
{
    private readonly List<long?>[] _numbers = Array.ConvertAll(columns, _ => new List<long?>());
    private readonly List<string?>[] _texts = Array.ConvertAll(columns, _ => new List<string?>());
    private readonly List<byte[]?>[] _bytes = Array.ConvertAll(columns, _ => new List<byte[]?>());
    private int _next;

    /// <summary>Gives the table.</summary>
    public string Table => table;

    /// <summary>Gives the columns.</summary>
    public IReadOnlyList<Column> Columns => columns;

    /// <summary>Gives how many whole rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the row's next value.</summary>
    public Rows Add(long? value)
    {
        _numbers[Next(ColumnType.Number)].Add(value);
        return this;
    }

    /// <summary>Adds the row's next value.</summary>
    public Rows Add(string? value)
    {
        _texts[Next(ColumnType.Text)].Add(value);
        return this;
    }

    /// <summary>Adds the row's next value, which is kept as it is given.</summary>
    public Rows Add(byte[]? value)
    {
        _bytes[Next(ColumnType.Bytes)].Add(value);
        return this;
    }

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        Count = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            _numbers[i].Clear();
            _texts[i].Clear();
            _bytes[i].Clear();
        }
    }

    internal List<long?> Numbers(int column) => _numbers[column];

    internal List<string?> Texts(int column) => _texts[column];

    internal List<byte[]?> Bytes(int column) => _bytes[column];

    private int Next(ColumnType type)
    {
        var column = _next;
        if (columns[column].Type != type)
        {
            throw new InvalidOperationException($"Column \"{columns[column].Name}\" of \"{table}\" holds {columns[column].Type}, not {type}.");
        }

        _next = (column + 1) % columns.Length;
        Count += _next == 0 ? 1 : 0;
        return column;
    }
}
