using Npgsql;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Reads connection strings of PostgreSQL: addresses such as postgres://user:password@host/database, and keywords such as Host=host;Database=database.</summary>
internal static class PostgresDsn
{
    private const int Port = 5432;

    /// <summary>Gives a connection string with what Churn needs.</summary>
    /// <param name="text">The connection string.</param>
    /// <param name="source">What it was given as, for messages.</param>
    /// <param name="schema">The schema, for the name by which the server lists the connection.</param>
    /// <param name="prepares">Whether statements stay prepared on the connection: not where a pooler hands it from one to another.</param>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static string Parse(string text, string source, string schema, bool prepares)
    {
        NpgsqlConnectionStringBuilder dsn;
        try
        {
            dsn = text.Contains("://", StringComparison.Ordinal) ? FromAddress(text) : new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or UriFormatException)
        {
            // The text may hold a password, and is not said again.
            throw new StorageException($"The connection string of PostgreSQL ({source}) cannot be read; it is such as postgres://user:password@host:5432/database or Host=host;Username=user;Password=password;Database=database.", exception);
        }

        if (string.IsNullOrEmpty(dsn.Host))
        {
            throw new StorageException($"The connection string of PostgreSQL ({source}) names no host.");
        }

        dsn.ApplicationName ??= $"churn {schema}";
        dsn.Timeout = Math.Min(dsn.Timeout, 5);
        dsn.CommandTimeout = 40;
        dsn.CancellationTimeout = 2_000;
        dsn.TcpKeepAlive = true;
        dsn.TcpKeepAliveTime = 5;
        dsn.TcpKeepAliveInterval = 2;
        dsn.NoResetOnClose = true;
        dsn.MaxAutoPrepare = prepares ? 200 : 0;
        dsn.AutoPrepareMinUsages = 3;
        dsn.IncludeErrorDetail = false;
        return dsn.ConnectionString;
    }

    /// <summary>Gives a connection string without its password.</summary>
    public static string Shown(string text)
    {
        var dsn = new NpgsqlConnectionStringBuilder(text);
        return $"PostgreSQL {dsn.Username}@{dsn.Host}:{dsn.Port}/{dsn.Database}";
    }

    private static NpgsqlConnectionStringBuilder FromAddress(string text)
    {
        var address = new Uri(text);
        if (address.Scheme is not ("postgres" or "postgresql"))
        {
            throw new FormatException();
        }

        var user = address.UserInfo.Split(':', 2);
        var dsn = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port > 0 ? address.Port : Port,
            Database = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/')),
        };
        if (user[0].Length > 0)
        {
            dsn.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length > 1)
        {
            dsn.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : throw new FormatException();
            dsn[name switch
            {
                "sslmode" => "SSL Mode",
                "sslrootcert" => "Root Certificate",
                "sslcert" => "SSL Certificate",
                "sslkey" => "SSL Key",
                "application_name" => "Application Name",
                _ => name,
            }] = value.Replace("-", "", StringComparison.Ordinal) is var plain && name == "sslmode" ? plain : value;
        }

        return dsn;
    }
}
