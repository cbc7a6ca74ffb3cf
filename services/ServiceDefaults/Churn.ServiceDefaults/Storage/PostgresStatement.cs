using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Runs one statement on PostgreSQL.</summary>
/// <remarks>
/// A connection carries one result at a time: rows that were not read yet when another statement runs are taken into memory first. SQL
/// that may give many rows of which few are read has a LIMIT.
/// </remarks>
internal sealed class PostgresStatement(PostgresDatabaseConnection connection, string sql) : Statement
{
    private readonly string _sql = ToPostgres(sql);
    private readonly List<NpgsqlParameter> _parameters = [];
    private readonly Queue<object[]> _taken = [];
    private NpgsqlDataReader? _reader;
    private bool _isRunning;
    private object[] _row = [];

    public override Statement Bind(int parameter, long value) => Bind(parameter, value, NpgsqlDbType.Bigint);

    public override Statement Bind(int parameter, string value) => Bind(parameter, value, NpgsqlDbType.Text);

    public override Statement Bind(int parameter, ReadOnlySpan<byte> value) => Bind(parameter, value.ToArray(), NpgsqlDbType.Bytea);

    public override Statement BindUtf8(int parameter, ReadOnlySpan<byte> value) => Bind(parameter, Encoding.UTF8.GetString(value), NpgsqlDbType.Text);

    public override Statement BindNull(int parameter) => Bind(parameter, DBNull.Value, NpgsqlDbType.Unknown);

    public override bool Step()
    {
        if (!_isRunning)
        {
            _reader = connection.Open(this, _sql, _parameters);
            _isRunning = true;
        }

        if (_taken.TryDequeue(out var row))
        {
            _row = row;
            return true;
        }

        if (_reader is { } reader && reader.Read())
        {
            _row = RowOf(reader);
            return true;
        }

        Rewind();
        return false;
    }

    public override int Execute()
    {
        Rewind();
        return connection.Execute(_sql, _parameters);
    }

    public override long Number(int column) => _row[column] switch
    {
        long number => number,
        int number => number,
        bool truth => truth ? 1 : 0,
        DBNull => 0,
        var other => Convert.ToInt64(other, CultureInfo.InvariantCulture),
    };

    public override string Text(int column) => _row[column] switch
    {
        string text => text,
        DBNull => "",
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "",
    };

    public override ReadOnlySpan<byte> Blob(int column) => _row[column] switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        _ => [],
    };

    public override bool IsNull(int column) => _row[column] is DBNull;

    public override void Rewind()
    {
        _isRunning = false;
        _taken.Clear();
        if (_reader is { } reader)
        {
            _reader = null;
            connection.Closed(this);
            reader.Dispose();
        }
    }

    /// <summary>Takes the rows that were not read into memory: the connection is needed.</summary>
    internal void TakeRest()
    {
        if (_reader is { } reader)
        {
            while (reader.Read())
            {
                _taken.Enqueue(RowOf(reader));
            }

            _reader = null;
            connection.Closed(this);
            reader.Dispose();
        }
    }

    /// <summary>Forgets a result whose connection is gone.</summary>
    internal void Drop()
    {
        _isRunning = false;
        _taken.Clear();
        _reader = null;
    }

    internal static object[] RowOf(NpgsqlDataReader reader)
    {
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        return row;
    }

    internal void Show(object[] row) => _row = row;

    /// <summary>Writes parameters as PostgreSQL has them: "?2" is "$2", and "?" the one after that before it.</summary>
    internal static string ToPostgres(string sql)
    {
        var written = new StringBuilder(sql.Length + 8);
        var quote = '\0';
        var last = 0;
        for (var i = 0; i < sql.Length; i++)
        {
            var c = sql[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == '?')
            {
                var digits = i + 1;
                while (digits < sql.Length && char.IsAsciiDigit(sql[digits]))
                {
                    digits++;
                }

                last = digits > i + 1 ? int.Parse(sql.AsSpan(i + 1, digits - i - 1), CultureInfo.InvariantCulture) : last + 1;
                written.Append('$').Append(last);
                i = digits - 1;
                continue;
            }

            written.Append(c);
        }

        return written.ToString();
    }

    private PostgresStatement Bind(int parameter, object value, NpgsqlDbType type)
    {
        Rewind();
        while (_parameters.Count < parameter)
        {
            _parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        _parameters[parameter - 1] = new NpgsqlParameter { Value = value, NpgsqlDbType = type };
        return this;
    }
}
