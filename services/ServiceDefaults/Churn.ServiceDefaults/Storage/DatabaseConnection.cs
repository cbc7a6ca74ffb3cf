using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Holds one connection of a <see cref="Database"/> with the statements that were prepared on it, during one piece of work.</summary>
public sealed class DatabaseConnection
{
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);
    private readonly List<Action> _committing = [];
    private readonly List<Action<bool>> _ended = [];

    internal DatabaseConnection(SqliteConnection sqlite) => Sqlite = sqlite;

    /// <summary>Gives the connection for what is not worth a prepared statement; its transaction is not to be ended.</summary>
    public SqliteConnection Sqlite { get; }

    /// <summary>Gives the statement of this SQL, prepared at the first call and kept with the connection.</summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new Statement(Sqlite.Handle!, sql));
        }

        return statement;
    }

    /// <summary>Runs SQL that gives no rows and is not worth keeping prepared.</summary>
    public void Execute(string sql)
    {
        var result = raw.sqlite3_exec(Sqlite.Handle!, sql);
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(Sqlite.Handle!).utf8_to_string(), result & 0xFF, raw.sqlite3_extended_errcode(Sqlite.Handle!));
        }
    }

    /// <summary>Has an action called when the transaction has ended: with true after its COMMIT, with false when nothing of it is kept.</summary>
    /// <remarks>The actions of commits are called in the order of the commits, before the next transaction begins. They must not throw.</remarks>
    public void WhenEnded(Action<bool> action) => _ended.Add(action);

    internal void Begin(string how) => Prepare(how).Execute();

    internal void WhenCommitting(Action action) => _committing.Add(action);

    internal void Commit()
    {
        foreach (var action in _committing)
        {
            action();
        }

        Rewind();
        Prepare("COMMIT").Execute();
    }

    internal void Rollback()
    {
        Rewind();

        // Out of room or of memory, SQLite may have rolled back by itself.
        if (raw.sqlite3_get_autocommit(Sqlite.Handle!) == 0)
        {
            Execute("ROLLBACK");
        }
    }

    internal void Rewind()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Rewind();
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

    internal void Close()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Finish();
        }

        _statements.Clear();
        Sqlite.Dispose();
    }
}
