using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Holds one connection to a SQLite file.</summary>
internal sealed class SqliteDatabaseConnection(SqliteConnection sqlite) : DatabaseConnection
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    public SqliteConnection Sqlite => sqlite;

    public override bool IsShared => false;

    public override Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new SqliteStatement(Sqlite.Handle!, sql));
        }

        return statement;
    }

    public override void Execute(string sql)
    {
        var result = raw.sqlite3_exec(Sqlite.Handle!, sql);
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(Sqlite.Handle!).utf8_to_string(), result & 0xFF, raw.sqlite3_extended_errcode(Sqlite.Handle!));
        }
    }

    public override long Now(TimeProvider clock) => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public override string By(string index) => $" INDEXED BY {index}";

    public override void Insert(Rows rows) => Each(rows, Prepare(RowSql.Insert(rows)));

    public override void Upsert(Rows rows, int key) => Each(rows, Prepare($"{RowSql.Insert(rows)} {RowSql.OnConflict(rows, key)}"));

    public override void Delete(Rows rows) => Each(rows, Prepare($"DELETE FROM {rows.Table} WHERE {Where(rows)}"));

    public override void Find(Rows keys, string columns, Action<int, Statement> found, string tail = "", string locks = "")
    {
        var row = Prepare($"SELECT {columns} FROM {keys.Table} AS t WHERE {Where(keys)} {tail}");
        for (var i = 0; i < keys.Count; i++)
        {
            Bind(keys, i, row);
            while (row.Step())
            {
                found(i, row);
            }
        }
    }

    internal void Begin(string how) => Prepare(how).Execute();

    internal void Commit()
    {
        Committing();
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

    internal void Close()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Finish();
        }

        _statements.Clear();
        Sqlite.Dispose();
    }

    private void Rewind()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Rewind();
        }
    }

    private static string Where(Rows keys) => string.Join(" AND ", keys.Columns.Select((column, i) => $"{column.Name} {column.Comparison} ?{i + 1}"));

    private static void Each(Rows rows, Statement statement)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            Bind(rows, i, statement);
            statement.Execute();
        }
    }

    private static void Bind(Rows rows, int row, Statement statement)
    {
        for (var column = 0; column < rows.Columns.Count; column++)
        {
            _ = rows.Columns[column].Type switch
            {
                ColumnType.Number when rows.Numbers(column)[row] is { } number => statement.Bind(column + 1, number),
                ColumnType.Text when rows.Texts(column)[row] is { } text => statement.Bind(column + 1, text),
                ColumnType.Bytes when rows.Bytes(column)[row] is { } bytes => statement.Bind(column + 1, bytes.AsSpan()),
                _ => statement.BindNull(column + 1),
            };
        }
    }
}
