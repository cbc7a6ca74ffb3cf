namespace Churn.ServiceDefaults.Storage;

/// <summary>Holds one connection of a <see cref="Database"/> with the statements that were prepared on it, during one piece of work.</summary>
public abstract class DatabaseConnection
{
    private readonly List<Action> _committing = [];
    private readonly List<Action<bool>> _ended = [];

    /// <summary>Tells whether other processes may write too: what is decided by a row holds only while the row is locked.</summary>
    public abstract bool IsShared { get; }

    /// <summary>Gives what locks the rows of a SELECT at its end, where that is needed: nobody else changes or locks them before this transaction ends.</summary>
    public string ForUpdate => IsShared ? " FOR UPDATE" : "";

    /// <summary>Gives the statement of this SQL, prepared at the first call and kept with the connection.</summary>
    public abstract Statement Prepare(string sql);

    /// <summary>Runs SQL that gives no rows and is not worth keeping prepared.</summary>
    public abstract void Execute(string sql);

    /// <summary>Gives the time in microseconds since 1970-01-01T00:00Z: by the clock that all who write share.</summary>
    /// <param name="clock">The clock of this process, which is that of a file.</param>
    public abstract long Now(TimeProvider clock);

    /// <summary>Gives what makes a SELECT of a table take one index, where the database can be told.</summary>
    public abstract string By(string index);

    /// <summary>Adds rows that are new; one that is there is an error.</summary>
    public abstract void Insert(Rows rows);

    /// <summary>Puts rows in the place of those with the same key, or adds them. No two have the same key.</summary>
    /// <param name="rows">The rows; the first columns are the key.</param>
    /// <param name="key">How many columns are the key.</param>
    public abstract void Upsert(Rows rows, int key);

    /// <summary>Deletes the rows that have the values of the columns.</summary>
    public abstract void Delete(Rows rows);

    /// <summary>Finds the rows of a table by many keys at once, in the order of the keys.</summary>
    /// <param name="keys">The keys, and the table; a column may be compared otherwise than for equality.</param>
    /// <param name="columns">The columns to read, as SQL.</param>
    /// <param name="found">Is called for each row with the number of its key, from 0, and the row.</param>
    /// <param name="tail">What comes after the WHERE of one key, as SQL: GROUP BY, ORDER BY, LIMIT.</param>
    /// <param name="locks">What locks the rows, as SQL, where others write; empty for nothing.</param>
    public abstract void Find(Rows keys, string columns, Action<int, Statement> found, string tail = "", string locks = "");

    /// <summary>Has an action called when the transaction has ended: with true after its COMMIT, with false when nothing of it is kept.</summary>
    /// <remarks>The actions of commits are called in the order of the commits, before the next transaction begins. They must not throw.</remarks>
    public void WhenEnded(Action<bool> action) => _ended.Add(action);

    internal void WhenCommitting(Action action) => _committing.Add(action);

    internal void Committing()
    {
        foreach (var action in _committing)
        {
            action();
        }
    }

    internal void Ended(bool committed)
    {
        Action<bool>[] actions = [.. _ended];
        _committing.Clear();
        _ended.Clear();
        foreach (var action in actions)
        {
            action(committed);
        }
    }
}
