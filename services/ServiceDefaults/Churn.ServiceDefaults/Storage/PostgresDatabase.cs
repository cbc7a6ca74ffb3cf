using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Keeps what a service owns in a schema of PostgreSQL, which any number of processes read and write.</summary>
/// <remarks>
/// A process writes by one connection, straight to the server, in one transaction at a time; reads go by a pool, which may be one
/// outside that shares connections between transactions.
/// </remarks>
internal sealed class PostgresDatabase : Database
{
    private const int MostTries = 8;
    private const int MostBroken = 4;

    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _writers;
    private readonly string _session;
    private readonly Random _chance = new(Environment.ProcessId);
    private readonly ManualResetEventSlim _closing = new();
    private readonly Lock _writing = new();
    private PostgresDatabaseConnection? _writer;
    private bool _disposed;

    private PostgresDatabase(PostgresOptions options, string schema)
    {
        _readers = NpgsqlDataSource.Create(PostgresDsn.Parse(options.ConnectionString, nameof(options.ConnectionString), schema, prepares: options.Direct is null));
        _writers = NpgsqlDataSource.Create(PostgresDsn.Parse(options.Direct ?? options.ConnectionString, nameof(options.Direct), schema, prepares: true));
        Place = $"{PostgresDsn.Shown(_writers.ConnectionString)}, schema {schema}";
        _session = string.Create(CultureInfo.InvariantCulture, $"""
            SET LOCAL search_path TO {schema};
            SET LOCAL statement_timeout = {(long)options.StatementTimeout.TotalMilliseconds};
            SET LOCAL lock_timeout = {(long)options.LockTimeout.TotalMilliseconds};
            SET LOCAL idle_in_transaction_session_timeout = {(long)options.IdleTimeout.TotalMilliseconds};
            """);
    }

    public override string Place { get; }

    public override bool IsShared => true;

    public static PostgresDatabase ConnectTo(PostgresOptions postgres, DatabaseOptions options)
    {
        var database = new PostgresDatabase(postgres, options.Name);
        try
        {
            PostgresMigrations.Check(database, options);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public override T Write<T>(Func<DatabaseConnection, T> work, Isolation isolation = Isolation.Serializable)
    {
        if (_writing.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException("A transaction cannot begin within another.");
        }

        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (var tries = 1; ; tries++)
            {
                try
                {
                    return WriteOnce(work, isolation);
                }
                catch (PostgresException exception) when (tries < MostTries && IsMet(exception))
                {
                    // Whoever met whom: one goes first, and the other does its work again.
                    _closing.Wait(_chance.Next(1 << Math.Min(tries, 6)));
                }
                catch (Exception exception) when (IsStorage(exception))
                {
                    throw Explained(exception);
                }
            }
        }
    }

    public override T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var connection = Begin(() => new PostgresDatabaseConnection(_readers.OpenConnection()), "REPEATABLE READ READ ONLY");
            using var postgres = connection.Postgres;
            using var cancelling = cancellationToken.Register(static connection => ((PostgresDatabaseConnection)connection!).Cancel(), connection);
            var result = work(connection);
            connection.Rewind();
            connection.Execute("COMMIT");
            return result;
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The read was cancelled.", exception, cancellationToken);
        }
        catch (Exception exception) when (IsStorage(exception))
        {
            throw Explained(exception);
        }
    }

    public override void Dispose()
    {
        _closing.Set();
        lock (_writing)
        {
            _disposed = true;
            _writer?.Postgres.Dispose();
            _writer = null;
        }

        _readers.Dispose();
        _writers.Dispose();
        _closing.Dispose();
    }

    private T WriteOnce<T>(Func<DatabaseConnection, T> work, Isolation isolation)
    {
        var writer = Begin(Writer, isolation == Isolation.Serializable ? "SERIALIZABLE" : "READ COMMITTED");
        T result;
        try
        {
            result = work(writer);
            writer.Rewind();
            writer.Commit();
        }
        catch
        {
            try
            {
                Rollback(writer);
            }
            finally
            {
                // Whatever the connection came to: who waits for the end of the transaction is told.
                writer.Ended(committed: false);
            }

            throw;
        }

        writer.Ended(committed: true);
        return result;
    }

    // A connection that broke while it lay idle is found out here, where nothing has been done yet: another one is taken.
    private PostgresDatabaseConnection Begin(Func<PostgresDatabaseConnection> connect, string isolation)
    {
        for (var tries = 1; ; tries++)
        {
            var connection = connect();
            try
            {
                connection.Execute($"BEGIN ISOLATION LEVEL {isolation}; {_session} {Tenant()}");
                return connection;
            }
            catch (Exception exception)
            {
                connection.Postgres.Dispose();
                if (tries == MostBroken || !IsStorage(exception) || connection.Postgres.FullState == System.Data.ConnectionState.Open)
                {
                    throw;
                }
            }
        }
    }

    private PostgresDatabaseConnection Writer()
    {
        if (_writer is { Postgres.FullState: System.Data.ConnectionState.Open } writer)
        {
            return writer;
        }

        _writer?.Postgres.Dispose();
        _writer = null;
        return _writer = new PostgresDatabaseConnection(_writers.OpenConnection());
    }

    // A connection whose state nobody knows is not used again.
    private void Rollback(PostgresDatabaseConnection writer)
    {
        try
        {
            writer.Rewind();
            if (writer.Postgres.FullState == System.Data.ConnectionState.Open)
            {
                writer.Execute("ROLLBACK");
                return;
            }
        }
        catch (Exception exception) when (IsStorage(exception) || exception is InvalidOperationException)
        {
            // What broke the transaction is what is told.
        }

        writer.Drop();
        writer.Postgres.Dispose();
        _writer = null;
    }

    // Quoted as a literal: the names of tenants are a-z, 0-9 and dashes, and are checked again here.
    private static string Tenant()
    {
        var tenant = TenantScope.Current ?? "*";
        return tenant.Contains('\'', StringComparison.Ordinal) || tenant.Contains('\\', StringComparison.Ordinal)
            ? throw new InvalidOperationException("The name of a tenant has no quotes.")
            : $"SET LOCAL churn.tenant = '{tenant}'";
    }

    private static bool IsMet(PostgresException exception) => exception.SqlState is
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation;

    private static bool IsStorage(Exception exception) =>
        exception is NpgsqlException or TimeoutException or SocketException or IOException || (exception is InvalidOperationException && exception.Source == "Npgsql");

    private StorageException Explained(Exception exception)
    {
        const string again = "nothing of what was just to be written is kept, unless the answer to the commit was lost";
        return exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory } full =>
                new StorageFullException($"{Place}: there is no room left to write ({full.MessageText}); free some. Nothing of what was just to be written is kept.", exception),
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
                new StorageException($"{Place} does not let this user in; see the user and the password of the connection string.", exception),
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                new StorageException($"{Place}: there is no such database; create it, or correct the connection string.", exception),
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
                new StorageException($"{Place} refuses this user something ({refused.MessageText}); churn admin migrate --app-role grants what is needed.", exception),
            PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName } =>
                new StorageException($"{Place} is not made yet; run churn admin migrate.", exception),
            PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable } late =>
                new StorageException($"{Place} took too long ({late.MessageText}); {again}.", exception),
            PostgresException other => new StorageException($"{Place} failed: {other.MessageText} ({other.SqlState}); {again}.", exception),
            _ => new StorageException($"{Place} does not answer ({exception.Message.ReplaceLineEndings(" ")}); {again}.", exception),
        };
    }
}
