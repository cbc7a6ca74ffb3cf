using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Keeps one SQLite file: one writer at a time, readers beside it, and what is committed is on disk.</summary>
internal sealed class SqliteDatabase : Database
{
    private const int PageBytes = 4096;

    // The log is copied into the file when it has so many pages. Large: a page that many commits change is copied once (random
    // keys go in twice as fast as with SQLite's 1,000), and a commit that copies, some 40 ms, is one in thousands. It is read
    // again in an instant after a crash, and on a small disk it takes a small share.
    private const int MostLogPages = 16_384;
    private const int LeastLogPages = 256;

    private readonly DatabaseOptions _options;
    private readonly SqliteDatabaseConnection _writer;
    private readonly Lock _writing = new();
    private readonly Stack<SqliteDatabaseConnection> _readers = [];
    private bool _disposed;

    private SqliteDatabase(string path, DatabaseOptions options, SqliteDatabaseConnection writer)
    {
        Place = path;
        _options = options;
        _writer = writer;
    }

    public override string Place { get; }

    public override bool IsShared => false;

    public static SqliteDatabase OpenFile(string path, DatabaseOptions options)
    {
        try
        {
            CheckHeader(path);
            var writer = Connect(path, options.WriterCache);
            try
            {
                CheckOwner(path, options, writer);
                CheckContent(path, options, writer);
                Migrate(path, options, writer);
                return new SqliteDatabase(path, options, writer);
            }
            catch
            {
                writer.Close();
                throw;
            }
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Explained(path, exception);
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
            try
            {
                T result;
                try
                {
                    _writer.Begin("BEGIN IMMEDIATE");
                    result = work(_writer);
                    _writer.Commit();
                }
                catch
                {
                    _writer.Rollback();
                    _writer.Ended(committed: false);
                    throw;
                }

                _writer.Ended(committed: true);
                return result;
            }
            catch (SqliteException exception)
            {
                var explained = Explained(Place, exception);
                if (explained is StorageFullException)
                {
                    MakeRoom();
                }

                throw explained;
            }
        }
    }

    public override T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reader = TakeReader();
        var interrupting = cancellationToken.Register(static reader => raw.sqlite3_interrupt(((SqliteDatabaseConnection)reader!).Sqlite.Handle!), reader);
        try
        {
            reader.Begin("BEGIN");
            return work(reader);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The read was cancelled.", exception, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw Explained(Place, exception);
        }
        finally
        {
            // After this nothing interrupts the connection any more: another work may have it.
            interrupting.Dispose();
            GiveBack(reader);
        }
    }

    public override void Dispose()
    {
        lock (_writing)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            lock (_readers)
            {
                while (_readers.TryPop(out var reader))
                {
                    reader.Close();
                }
            }

            // The last one to close moves the log into the file, so that one file is all there is to copy.
            _writer.Close();
        }
    }

    private SqliteDatabaseConnection TakeReader()
    {
        lock (_readers)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_readers.TryPop(out var reader))
            {
                return reader;
            }
        }

        try
        {
            var reader = Connect(Place, _options.ReaderCache);
            reader.Execute("PRAGMA query_only=1");
            return reader;
        }
        catch (SqliteException exception)
        {
            throw Explained(Place, exception);
        }
    }

    private void GiveBack(SqliteDatabaseConnection reader)
    {
        reader.Rollback();
        lock (_readers)
        {
            if (!_disposed && _readers.Count < _options.Readers)
            {
                _readers.Push(reader);
                return;
            }
        }

        reader.Close();
    }

    /// <summary>Moves the log into the file: what was written twice is then there once.</summary>
    private void MakeRoom()
    {
        try
        {
            _writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // There is no room for this either; the next work that finds some does it.
        }
    }

    private static SqliteDatabaseConnection Connect(string path, long cache)
    {
        // A pool would keep the file open after its owner has closed it.
        var sqlite = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            sqlite.Open();
            var connection = new SqliteDatabaseConnection(sqlite);
            _ = raw.sqlite3_busy_timeout(sqlite.Handle!, 10_000);

            // Read through the cache rather than mapped: an I/O error is then an error, and not the end of the process.
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"""
                PRAGMA page_size={PageBytes};
                PRAGMA cache_size={-cache / 1024};
                PRAGMA mmap_size=0;
                PRAGMA foreign_keys=0;
                PRAGMA temp_store=MEMORY;
                """));
            if (!string.Equals(Scalar(connection, "PRAGMA journal_mode=WAL"), "wal", StringComparison.Ordinal))
            {
                throw new StorageException($"{path}: the file system cannot share memory between readers and a writer; give a folder on a local disk.");
            }

            var logPages = LogPages(path);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"""
                PRAGMA synchronous=FULL;
                PRAGMA wal_autocheckpoint={logPages};
                PRAGMA journal_size_limit={(long)logPages * PageBytes};
                """));
            return connection;
        }
        catch
        {
            sqlite.Dispose();
            throw;
        }
    }

    private static int LogPages(string path)
    {
        var free = new DriveInfo(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!).AvailableFreeSpace;
        return (int)Math.Clamp(free / 16 / PageBytes, LeastLogPages, MostLogPages);
    }

    private static void CheckHeader(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length == 0)
        {
            return;
        }

        Span<byte> header = stackalloc byte[100];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < header.Length || !header.StartsWith("SQLite format 3\0"u8))
        {
            throw new StorageException($"{path} is not a database; move it away or name another folder.");
        }

        int size = BinaryPrimitives.ReadUInt16BigEndian(header[16..]);
        if (file.Length % (size == 1 ? 65_536 : Math.Max(size, 1)) != 0)
        {
            throw Damaged(path, "it ends within a page");
        }
    }

    private static void CheckOwner(string path, DatabaseOptions options, SqliteDatabaseConnection writer)
    {
        var mark = Mark(options);
        var found = int.Parse(Scalar(writer, "PRAGMA application_id"), CultureInfo.InvariantCulture);
        var version = Version(writer);
        var isNew = found == 0 && version == 0 && string.Equals(Scalar(writer, "SELECT count(*) FROM sqlite_master"), "0", StringComparison.Ordinal);
        if (!isNew && found != mark)
        {
            throw new StorageException($"{path} is a database, but none of \"{options.Name}\"; move it away or name another folder.");
        }

        if (version > options.Migrations.Count)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture,
                $"{path} was written by a newer version (schema {version}, this program knows {options.Migrations.Count}); use that version, or another folder."));
        }
    }

    private static void CheckContent(string path, DatabaseOptions options, SqliteDatabaseConnection writer)
    {
        var pages = long.Parse(Scalar(writer, "PRAGMA page_count"), CultureInfo.InvariantCulture);
        var size = long.Parse(Scalar(writer, "PRAGMA page_size"), CultureInfo.InvariantCulture);
        var log = new FileInfo(path + "-wal");

        // Pages that are still in the log only are no loss of the file's.
        if (new FileInfo(path).Length + (log.Exists ? log.Length : 0) < pages * size)
        {
            throw Damaged(path, "its end is missing");
        }

        if (pages * size <= options.WholeCheck && Scalar(writer, "PRAGMA quick_check(1)") is var found && found != "ok")
        {
            throw Damaged(path, found.ReplaceLineEndings(" "));
        }
    }

    private static void Migrate(string path, DatabaseOptions options, SqliteDatabaseConnection writer)
    {
        for (var version = Version(writer); version < options.Migrations.Count; version++)
        {
            writer.Execute("BEGIN IMMEDIATE");
            try
            {
                writer.Execute(options.Migrations[version]);
                writer.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={Mark(options)}; PRAGMA user_version={version + 1}"));
                writer.Execute("COMMIT");
            }
            catch (SqliteException exception)
            {
                writer.Rollback();
                throw Explained(path, exception);
            }
        }
    }

    private static int Version(SqliteDatabaseConnection connection) => int.Parse(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);

    private static int Mark(DatabaseOptions options) => (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(options.Name)) & int.MaxValue) | 1;

    private static string Scalar(SqliteDatabaseConnection connection, string sql)
    {
        using var command = connection.Sqlite.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }

    private static StorageException Damaged(string path, string what, Exception? inner = null) =>
        new($"{path} is damaged ({what}); restore it from a backup, or move it away to begin anew.", inner);

    private static StorageException Explained(string path, Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } => Full(path, "there is no room left to write; free some", exception),

        // A disk that is full or fails on writing shows as an error of input and output too; one that cannot be read is another matter.
        SqliteException { SqliteErrorCode: raw.SQLITE_IOERR, SqliteExtendedErrorCode: not (raw.SQLITE_IOERR_READ or raw.SQLITE_IOERR_SHORT_READ) } => Full(path, "there is no room left to write, or the disk fails; free some, or see to the disk", exception),
        SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB } => Damaged(path, exception.Message, exception),
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => new StorageException($"{path} is in use by another program; close that.", exception),
        SqliteException { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH } or UnauthorizedAccessException =>
            new StorageException($"{path} cannot be written; see that this user may write the file and its folder.", exception),
        _ => new StorageException($"{path} failed: {exception.Message.ReplaceLineEndings(" ")}", exception),
    };

    private static StorageFullException Full(string path, string what, Exception exception) =>
        new($"{path}: {what} ({exception.Message.ReplaceLineEndings(" ")}). Nothing of what was just to be written is kept.", exception);
}
