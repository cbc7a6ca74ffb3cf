using Churn.ServiceDefaults.Telemetry;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Keeps what a service owns: in a SQLite file, or in a schema of PostgreSQL that several processes share.</summary>
/// <remarks>The same SQL runs on both: parameters are ?1, ?2 ..., integers are of 64 bits, texts compare by their UTF-8 bytes.</remarks>
public abstract class Database : IDisposable
{
    /// <summary>Gives where it is, for messages; never with a password.</summary>
    public abstract string Place { get; }

    /// <summary>Tells whether other processes may write too, unseen by this one.</summary>
    public abstract bool IsShared { get; }

    /// <summary>Does work in a transaction of its own, alone in this process, and gives its result once it is on disk.</summary>
    /// <remarks>Where several processes write, a work that met another's is done again: it changes nothing outside before it returns.</remarks>
    /// <param name="work">The work.</param>
    /// <param name="isolation">What it sees of works of other processes.</param>
    /// <exception cref="StorageFullException">There is no room: nothing of the work is kept, and it may be tried again.</exception>
    /// <exception cref="StorageException">The storage fails: nothing of the work is kept, but where the answer to the commit was lost.</exception>
    public abstract T Write<T>(Func<DatabaseConnection, T> work, Isolation isolation = Isolation.Serializable);

    /// <summary>Does work in a transaction of its own, alone in this process, and returns once it is on disk.</summary>
    /// <inheritdoc cref="Write{T}"/>
    public void Write(Action<DatabaseConnection> work, Isolation isolation = Isolation.Serializable) => Write<object?>(
        connection =>
        {
            work(connection);
            return null;
        },
        isolation);

    /// <summary>Reads what was committed when it began, beside the writer; nothing stays open after it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends a statement that runs.</param>
    /// <exception cref="StorageException">The storage fails.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public abstract T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default);

    /// <summary>Closes it, after the work that is under way.</summary>
    public abstract void Dispose();

    /// <summary>Opens a SQLite file, makes it where there is none, and brings its schema up to date.</summary>
    /// <exception cref="StorageException">It cannot be opened, is damaged, is of a newer version, or is something else.</exception>
    public static Database Open(string path, DatabaseOptions options) =>
        MeasuredDatabase.Of(SqliteDatabase.OpenFile(path, options), options.Name);

    /// <summary>Connects to a schema of PostgreSQL that <c>churn admin migrate</c> has made.</summary>
    /// <exception cref="StorageException">It cannot be reached, is not migrated, or is of a newer version.</exception>
    public static Database Connect(PostgresOptions postgres, DatabaseOptions options) =>
        MeasuredDatabase.Of(PostgresDatabase.ConnectTo(postgres, options), options.Name);
}

/// <summary>Says what a work sees of works of other processes. In a SQLite file there are none.</summary>
public enum Isolation
{
    /// <summary>Has the work be as if it were alone: one that is not is done again.</summary>
    Serializable,

    /// <summary>Shows every statement what is committed when it begins: the work locks the rows that it decides by.</summary>
    ReadCommitted,
}
