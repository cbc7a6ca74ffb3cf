using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Runs one prepared statement as often as it is needed, without an allocation per row.</summary>
/// <remarks>
/// Parameters count from 1 and keep their value until they are bound again; columns count from 0. It belongs to the thread that works
/// on its <see cref="DatabaseConnection"/>, and is rewound when that work ends.
/// </remarks>
public sealed class Statement
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private bool _running;

    internal Statement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Binds an integer.</summary>
    public Statement Bind(int parameter, long value)
    {
        Rewind();
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    /// <summary>Binds text.</summary>
    public Statement Bind(int parameter, string value)
    {
        Rewind();
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = most <= 512 ? stackalloc byte[most] : new byte[most];
        Check(raw.sqlite3_bind_text(_statement, parameter, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
        return this;
    }

    /// <summary>Binds bytes.</summary>
    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Rewind();

        // An empty span has no address, which would bind NULL.
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <summary>Binds text that is UTF-8 already.</summary>
    public Statement BindUtf8(int parameter, ReadOnlySpan<byte> value)
    {
        Rewind();
        Check(value.IsEmpty ? raw.sqlite3_bind_text(_statement, parameter, "") : raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    /// <summary>Binds NULL.</summary>
    public Statement BindNull(int parameter)
    {
        Rewind();
        Check(raw.sqlite3_bind_null(_statement, parameter));
        return this;
    }

    /// <summary>Goes to the next row; false, and rewound, after the last.</summary>
    public bool Step()
    {
        _running = true;
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        if (result != raw.SQLITE_DONE)
        {
            Fail(result);
        }

        Rewind();
        return false;
    }

    /// <summary>Runs the statement to its end, and gives how many rows it has changed.</summary>
    public int Execute()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(_database);
    }

    /// <summary>Reads an integer of the row.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Reads a text of the row; empty where it is NULL.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    /// <summary>Reads bytes, or text as UTF-8, of the row without a copy: they are there until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>Says whether a column of the row is NULL.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>Leaves the rows that were not read: what was opened to read them is closed.</summary>
    public void Rewind()
    {
        if (_running)
        {
            _running = false;

            // It repeats the error of the last step, which has been thrown.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    internal void Finish() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            Fail(result);
        }
    }

    [DoesNotReturn]
    private void Fail(int result)
    {
        var exception = new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), result & 0xFF, raw.sqlite3_extended_errcode(_database));
        if (_running)
        {
            Rewind();
        }

        throw exception;
    }
}
