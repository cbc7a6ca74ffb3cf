namespace Churn.ServiceDefaults.Storage;

/// <summary>Runs one prepared statement as often as it is needed.</summary>
/// <remarks>
/// Parameters count from 1 and keep their value until they are bound again; columns count from 0. It belongs to the thread that works
/// on its <see cref="DatabaseConnection"/>, and is rewound when that work ends.
/// </remarks>
public abstract class Statement
{
    /// <summary>Binds an integer.</summary>
    public abstract Statement Bind(int parameter, long value);

    /// <summary>Binds text.</summary>
    public abstract Statement Bind(int parameter, string value);

    /// <summary>Binds bytes.</summary>
    public abstract Statement Bind(int parameter, ReadOnlySpan<byte> value);

    /// <summary>Binds text that is UTF-8 already.</summary>
    public abstract Statement BindUtf8(int parameter, ReadOnlySpan<byte> value);

    /// <summary>Binds NULL.</summary>
    public abstract Statement BindNull(int parameter);

    /// <summary>Goes to the next row; false, and rewound, after the last.</summary>
    public abstract bool Step();

    /// <summary>Runs the statement to its end, and gives how many rows it has changed.</summary>
    public abstract int Execute();

    /// <summary>Reads an integer of the row.</summary>
    public abstract long Number(int column);

    /// <summary>Reads a text of the row; empty where it is NULL.</summary>
    public abstract string Text(int column);

    /// <summary>Reads bytes, or text as UTF-8, of the row: they are there until the next step.</summary>
    public abstract ReadOnlySpan<byte> Blob(int column);

    /// <summary>Says whether a column of the row is NULL.</summary>
    public abstract bool IsNull(int column);

    /// <summary>Leaves the rows that were not read: what was opened to read them is closed.</summary>
    public abstract void Rewind();
}
