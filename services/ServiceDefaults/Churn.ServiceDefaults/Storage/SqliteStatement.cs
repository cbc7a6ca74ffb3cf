using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Runs one prepared statement without an allocation per row.</summary>
internal sealed class SqliteStatement : Statement
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private bool _running;

    internal SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public override Statement Bind(int parameter, long value)
    {
        Rewind();
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public override Statement Bind(int parameter, string value)
    {
        Rewind();
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = most <= 512 ? stackalloc byte[most] : new byte[most];
        Check(raw.sqlite3_bind_text(_statement, parameter, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
        return this;
    }

    public override Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Rewind();

        // An empty span has no address, which would bind NULL.
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    public override Statement BindUtf8(int parameter, ReadOnlySpan<byte> value)
    {
        Rewind();
        Check(value.IsEmpty ? raw.sqlite3_bind_text(_statement, parameter, "") : raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    public override Statement BindNull(int parameter)
    {
        Rewind();
        Check(raw.sqlite3_bind_null(_statement, parameter));
        return this;
    }

    public override bool Step()
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

    public override int Execute()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(_database);
    }

    public override long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public override string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    public override ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    public override bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public override void Rewind()
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
