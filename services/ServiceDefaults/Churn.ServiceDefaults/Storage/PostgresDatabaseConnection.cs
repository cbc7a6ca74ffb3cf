using Npgsql;
using NpgsqlTypes;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Holds one connection to PostgreSQL: many rows go and come in one statement.</summary>
internal sealed class PostgresDatabaseConnection(NpgsqlConnection postgres) : DatabaseConnection
{
    private readonly Dictionary<string, PostgresStatement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _filtered = new(StringComparer.Ordinal);
    private PostgresStatement? _open;
    private NpgsqlCommand? _running;
    private bool _isCancelled;

    public NpgsqlConnection Postgres => postgres;

    public override bool IsShared => true;

    public override Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new PostgresStatement(this, sql));
        }

        return statement;
    }

    public override void Execute(string sql) => Execute(sql, []);

    public override long Now(TimeProvider clock)
    {
        var now = Prepare("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)");
        now.Step();
        var micros = now.Number(0);
        now.Rewind();
        return micros;
    }

    public override string By(string index) => "";

    public override void Insert(Rows rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        if (IsFiltered(rows.Table))
        {
            Execute($"INSERT INTO {rows.Table} ({RowSql.Names(rows)}) SELECT * FROM {Unnest(rows)}", Parameters(rows));
            return;
        }

        Free();
        using var copy = postgres.BeginBinaryImport($"COPY {rows.Table} ({RowSql.Names(rows)}) FROM STDIN (FORMAT BINARY)");
        for (var i = 0; i < rows.Count; i++)
        {
            copy.StartRow();
            for (var column = 0; column < rows.Columns.Count; column++)
            {
                switch (rows.Columns[column].Type)
                {
                    case ColumnType.Number when rows.Numbers(column)[i] is { } number:
                        copy.Write(number, NpgsqlDbType.Bigint);
                        break;
                    case ColumnType.Text when rows.Texts(column)[i] is { } text:
                        copy.Write(text, NpgsqlDbType.Text);
                        break;
                    case ColumnType.Bytes when rows.Bytes(column)[i] is { } bytes:
                        copy.Write(bytes, NpgsqlDbType.Bytea);
                        break;
                    default:
                        copy.WriteNull();
                        break;
                }
            }
        }

        copy.Complete();
    }

    public override void Upsert(Rows rows, int key)
    {
        if (rows.Count > 0)
        {
            Execute(
                $"INSERT INTO {rows.Table} ({RowSql.Names(rows)}) SELECT * FROM {Unnest(rows)} {RowSql.OnConflict(rows, key)}",
                Parameters(rows));
        }
    }

    public override void Delete(Rows rows)
    {
        if (rows.Count > 0)
        {
            Execute($"DELETE FROM {rows.Table} AS t USING {Unnest(rows)} AS k({Aliases(rows)}) WHERE {On(rows)}", Parameters(rows));
        }
    }

    public override void Find(Rows keys, string columns, Action<int, Statement> found, string tail = "", string locks = "")
    {
        if (keys.Count == 0)
        {
            return;
        }

        var row = new PostgresStatement(this, "");
        var rows = new List<object[]>();
        var sql = $"""
            SELECT k.number, q.* FROM {Unnest(keys)} WITH ORDINALITY AS k({Aliases(keys)}, number)
            CROSS JOIN LATERAL (SELECT {columns} FROM {keys.Table} AS t WHERE {On(keys)} {tail} {locks}) AS q
            ORDER BY k.number
            """;
        using (var reader = Open(null, sql, Parameters(keys)))
        {
            while (reader.Read())
            {
                rows.Add(PostgresStatement.RowOf(reader));
            }
        }

        // What is called may use the connection.
        foreach (var values in rows)
        {
            row.Show(values[1..]);
            found((int)(long)values[0] - 1, row);
        }
    }

    /// <summary>Ends the statement that runs, from another thread.</summary>
    public void Cancel()
    {
        Volatile.Write(ref _isCancelled, true);
        Volatile.Read(ref _running)?.Cancel();
    }

    internal NpgsqlDataReader Open(PostgresStatement? statement, string sql, IReadOnlyList<NpgsqlParameter> parameters)
    {
        using var command = Command(sql, parameters);
        var reader = command.ExecuteReader();
        _open = statement;
        return reader;
    }

    internal void Closed(PostgresStatement statement) => _open = _open == statement ? null : _open;

    internal int Execute(string sql, IReadOnlyList<NpgsqlParameter> parameters)
    {
        using var command = Command(sql, parameters);
        return Math.Max(0, command.ExecuteNonQuery());
    }

    internal void Commit()
    {
        Committing();
        Execute("COMMIT");
    }

    /// <summary>Leaves the rows that were not read, of every statement.</summary>
    internal void Rewind()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Rewind();
        }
    }

    /// <summary>Forgets every result: the connection is gone.</summary>
    internal void Drop()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Drop();
        }

        _open = null;
    }

    private NpgsqlCommand Command(string sql, IReadOnlyList<NpgsqlParameter> parameters)
    {
        Free();
        var command = new NpgsqlCommand(sql, postgres);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter.Collection is null ? parameter : parameter.Clone());
        }

        Volatile.Write(ref _running, command);
        if (Volatile.Read(ref _isCancelled))
        {
            throw new OperationCanceledException("The work was cancelled.");
        }

        return command;
    }

    // COPY is refused to a role that row-level security binds.
    private bool IsFiltered(string table)
    {
        if (!_filtered.TryGetValue(table, out var filtered))
        {
            var row = Prepare("SELECT row_security_active(?1::regclass)").Bind(1, table);
            row.Step();
            _filtered.Add(table, filtered = row.Number(0) != 0);
            row.Rewind();
        }

        return filtered;
    }

    private void Free() => _open?.TakeRest();

    private static string Unnest(Rows rows) => $"unnest({string.Join(", ", rows.Columns.Select((column, i) => $"${i + 1}::{TypeOf(column.Type)}[]"))})";

    private static string Aliases(Rows rows) => string.Join(", ", rows.Columns.Select((_, i) => $"k{i}"));

    private static string On(Rows rows) => string.Join(" AND ", rows.Columns.Select((column, i) => $"t.{column.Name} {column.Comparison} k.k{i}"));

    private static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Number => "bigint",
        ColumnType.Text => "text",
        _ => "bytea",
    };

    private static List<NpgsqlParameter> Parameters(Rows rows) =>
    [
        .. rows.Columns.Select((column, i) => column.Type switch
        {
            ColumnType.Number => new NpgsqlParameter { Value = rows.Numbers(i), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
            ColumnType.Text => new NpgsqlParameter { Value = rows.Texts(i), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            _ => new NpgsqlParameter { Value = rows.Bytes(i), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
        }),
    ];
}
