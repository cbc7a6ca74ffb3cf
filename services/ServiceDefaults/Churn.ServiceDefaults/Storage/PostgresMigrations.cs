using DbUp;
using DbUp.Engine;
using Npgsql;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Makes the schemas of PostgreSQL, and tells whether a program can work with what is there.</summary>
/// <remarks>
/// A script only adds, so that programs of the version before go on beside it: a rolling upgrade needs nobody to stop. One that must
/// take something away comes a version later, is named "-contract", and older programs are refused after it.
/// </remarks>
public static class PostgresMigrations
{
    private const string Journal = "schema_version";
    private const string Contract = "-contract";
    private const long Lock = 0x436875726E;

    /// <summary>Brings schemas up to date; what is up to date is left alone.</summary>
    /// <param name="postgres">The server, with a user who may make schemas.</param>
    /// <param name="schemas">Which.</param>
    /// <param name="role">The role that services log in with, which is granted what they need and no more; null where it owns the schemas.</param>
    /// <param name="ran">Is told of each script that ran, as schema and name.</param>
    /// <exception cref="StorageException">The server refuses, or the schema is of a newer version.</exception>
    public static void Migrate(PostgresOptions postgres, IEnumerable<DatabaseOptions> schemas, string? role, Action<string, string> ran)
    {
        var dsn = PostgresDsn.Parse(postgres.Direct ?? postgres.ConnectionString, nameof(postgres.Direct), "admin", prepares: false);
        try
        {
            using var connection = new NpgsqlConnection(dsn);
            connection.Open();

            // Two who migrate at once go one after the other.
            Run(connection, $"SELECT pg_advisory_lock({Lock})");
            foreach (var options in schemas)
            {
                var schema = options.Name;
                var known = Scripts(options);
                if (Applied(connection, schema) is { } applied && applied.Except(known.Select(script => script.Name)).FirstOrDefault() is { } newer)
                {
                    throw new StorageException($"{PostgresDsn.Shown(dsn)}: schema {schema} was migrated by a newer version (it has {newer}); use that version's churn admin migrate.");
                }

                Run(connection, $"CREATE SCHEMA IF NOT EXISTS {schema}");
                var path = new NpgsqlConnectionStringBuilder(dsn) { SearchPath = schema }.ConnectionString;
                var upgrade = DeployChanges.To.PostgresqlDatabase(path, schema)
                    .WithScripts(known).JournalToPostgresqlTable(schema, Journal).WithTransactionPerScript().WithVariablesDisabled().LogToNowhere().Build().PerformUpgrade();
                if (!upgrade.Successful)
                {
                    throw new StorageException($"{PostgresDsn.Shown(dsn)}: {upgrade.ErrorScript?.Name ?? schema} failed: {upgrade.Error.Message.ReplaceLineEndings(" ")}", upgrade.Error);
                }

                foreach (var script in upgrade.Scripts)
                {
                    ran(schema, script.Name);
                }

                if (role is not null)
                {
                    Grant(connection, schema, role);
                }
            }
        }
        catch (NpgsqlException exception)
        {
            throw new StorageException($"{PostgresDsn.Shown(dsn)} cannot be migrated: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>Makes sure that this program can work with a schema.</summary>
    /// <exception cref="StorageException">It is not made, is older than this program, or takes away what this program needs.</exception>
    internal static void Check(Database database, DatabaseOptions options)
    {
        List<string> applied;
        try
        {
            applied = database.Read(connection =>
            {
                var row = connection.Prepare($"SELECT scriptname FROM {Journal} ORDER BY schemaversionsid");
                var names = new List<string>();
                while (row.Step())
                {
                    names.Add(row.Text(0));
                }

                return names;
            });
        }
        catch (StorageException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
        {
            throw new StorageException($"{database.Place} is not made yet; run churn admin migrate.", exception);
        }

        var known = Scripts(options).ConvertAll(script => script.Name);
        if (known.Except(applied, StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new StorageException($"{database.Place} is older than this program (it lacks {missing}); run churn admin migrate.");
        }

        if (applied.Except(known, StringComparer.Ordinal).FirstOrDefault(name => name.EndsWith(Contract, StringComparison.Ordinal)) is { } contract)
        {
            throw new StorageException($"{database.Place} was made by a newer version that this program cannot work with (it has {contract}); use that version.");
        }
    }

    // Resources are named "postgres/0001-what.sql".
    private static List<SqlScript> Scripts(DatabaseOptions options) =>
    [
        .. (options.Scripts?.GetManifestResourceNames() ?? []).Where(name => name.StartsWith("postgres/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var reader = new StreamReader(options.Scripts!.GetManifestResourceStream(name)!);
            return new SqlScript(Path.GetFileNameWithoutExtension(name), reader.ReadToEnd());
        }),
    ];

    private static List<string>? Applied(NpgsqlConnection connection, string schema)
    {
        using var exists = new NpgsqlCommand($"SELECT to_regclass('{schema}.{Journal}') IS NOT NULL", connection);
        if (!(bool)exists.ExecuteScalar()!)
        {
            return null;
        }

        using var select = new NpgsqlCommand($"SELECT scriptname FROM {schema}.{Journal}", connection);
        using var reader = select.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static void Grant(NpgsqlConnection connection, string schema, string role)
    {
        using var builder = new NpgsqlCommandBuilder();
        var name = builder.QuoteIdentifier(role);
        Run(connection, $"GRANT USAGE ON SCHEMA {schema} TO {name}");
        Run(connection, $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}");
        Run(connection, $"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {name}");
        Run(connection, $"REVOKE INSERT, UPDATE, DELETE ON {schema}.{Journal} FROM {name}");
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
