using Churn.ServiceDefaults.Storage;
using Microsoft.Data.Sqlite;

namespace Churn.ServiceDefaults.Tests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private static readonly DatabaseOptions Options = new() { Name = "things", Migrations = ["CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL, content BLOB)"] };

    private readonly TempFolder _folder = new();

    private string Path => _folder.File("things.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_ThenReopened_IsThere()
    {
        using (var database = Database.Open(Path, Options))
        {
            Add(database, "a");
            Add(database, "b");
        }

        Assert.Equal(["things.db"], Directory.GetFiles(_folder.Path).Select(System.IO.Path.GetFileName));
        using var again = Database.Open(Path, Options);
        Assert.Equal(["a", "b"], Names(again));
    }

    [Fact]
    public void Writer_Pragmas_MakeACommitDurable()
    {
        using var database = Database.Open(Path, Options);
        database.Write(connection =>
        {
            Assert.Equal(2, Number(connection, "PRAGMA synchronous"));
            Assert.Equal("wal", connection.Prepare("PRAGMA journal_mode") is var mode && mode.Step() ? mode.Text(0) : "");
            Assert.Equal(0, Number(connection, "PRAGMA foreign_keys"));
            Assert.InRange(Number(connection, "PRAGMA wal_autocheckpoint"), 1, 100_000);
            Assert.InRange(Number(connection, "PRAGMA busy_timeout"), 1000, 60_000);
        });
        database.Read(connection =>
        {
            Assert.Equal(1, Number(connection, "PRAGMA query_only"));
            return 0;
        });
    }

    [Fact]
    public void Write_Throws_KeepsNothing()
    {
        using var database = Database.Open(Path, Options);
        var ended = new List<bool>();
        Assert.Throws<InvalidTimeZoneException>(() => database.Write(connection =>
        {
            connection.WhenEnded(ended.Add);
            Insert(connection, "a");
            throw new InvalidTimeZoneException();
        }));
        database.Write(connection =>
        {
            connection.WhenEnded(ended.Add);
            Insert(connection, "b");
        });
        Assert.Equal([false, true], ended);
        Assert.Equal(["b"], Names(database));
    }

    [Fact]
    public void Write_LeavingRowsUnread_Commits()
    {
        using var database = Database.Open(Path, Options);
        Add(database, "a");
        Add(database, "b");
        database.Write(connection =>
        {
            Assert.True(connection.Prepare("SELECT name FROM thing").Step());
            Insert(connection, "c");
        });
        Assert.Equal(["a", "b", "c"], Names(database));
    }

    [Fact]
    public void Write_WithinAnother_IsRefused()
    {
        using var database = Database.Open(Path, Options);
        database.Write(connection =>
        {
            Insert(connection, "a");
            Assert.Throws<InvalidOperationException>(() => Add(database, "b"));
        });
        Assert.Equal(["a"], Names(database));
    }

    [Fact]
    public void Write_OutOfRoom_KeepsNothingAndGoesOnWhenThereIsSome()
    {
        using var database = Database.Open(Path, Options);
        Add(database, "a");
        var pages = database.Write(connection => Number(connection, "PRAGMA page_count"));
        database.Write(connection => connection.Execute($"PRAGMA max_page_count={pages + 4}"));
        var full = Assert.Throws<StorageFullException>(() => database.Write(connection =>
        {
            for (var i = 0; i < 100; i++)
            {
                Insert(connection, "b", new byte[1000]);
            }
        }));
        AssertOneLine(full, "no room");
        Assert.Equal(["a"], Names(database));
        database.Write(connection => connection.Execute("PRAGMA max_page_count=1000000"));
        Add(database, "c");
        Assert.Equal(["a", "c"], Names(database));
    }

    [Fact]
    public void Read_WhileWriting_SeesWhatWasCommitted()
    {
        using var database = Database.Open(Path, Options);
        Add(database, "a");
        database.Write(connection =>
        {
            Insert(connection, "b");
            Assert.Equal(["a"], Names(database));
        });
        Assert.Equal(["a", "b"], Names(database));
    }

    [Fact]
    public void Read_Ended_HoldsNoTransaction()
    {
        using var database = Database.Open(Path, Options);
        Add(database, "a");
        database.Read(connection => connection.Prepare("SELECT name FROM thing").Step());
        Add(database, "b");
        using var other = new SqliteConnection($"Data Source={Path};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        Assert.Equal(0L, command.ExecuteScalar());
        Assert.Equal(0, new FileInfo(Path + "-wal").Length);
    }

    [Fact]
    public void Read_ManyAtOnce_EachHasAReader()
    {
        using var database = Database.Open(Path, Options with { Readers = 2 });
        Add(database, "a");
        using var together = new Barrier(8);
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() => database.Read(connection => together.SignalAndWait(TimeSpan.FromSeconds(30))))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(["a"], Names(database));
    }

    [Fact]
    public void Read_Writing_IsRefused()
    {
        using var database = Database.Open(Path, Options);
        Assert.Throws<StorageException>(() => database.Read(connection =>
        {
            Insert(connection, "a");
            return 0;
        }));
        Assert.Empty(Names(database));
    }

    [Fact]
    public void Open_SchemaBehind_RunsWhatIsNew()
    {
        using (var database = Database.Open(Path, Options))
        {
            Add(database, "a");
        }

        var next = Options with { Migrations = [.. Options.Migrations, "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 7", "CREATE TABLE other (id INTEGER PRIMARY KEY); INSERT INTO other VALUES (5);"] };
        using var again = Database.Open(Path, next);
        Assert.Equal(7, again.Read(connection => Number(connection, "SELECT size FROM thing")));
        Assert.Equal(5, again.Read(connection => Number(connection, "SELECT id FROM other")));
        Assert.Equal(3, again.Read(connection => Number(connection, "PRAGMA user_version")));
    }

    [Fact]
    public void Open_MigrationFails_LeavesTheVersionBefore()
    {
        Database.Open(Path, Options).Dispose();
        Assert.Throws<StorageException>(() => Database.Open(Path, Options with { Migrations = [.. Options.Migrations, "CREATE TABLE half (id INTEGER); CREATE TABLE thing (id INTEGER)"] }));
        using var again = Database.Open(Path, Options);
        Assert.Equal(1, again.Read(connection => Number(connection, "PRAGMA user_version")));
        Assert.Equal(0, again.Read(connection => Number(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'half'")));
    }

    [Fact]
    public void Open_NewerVersion_IsRefused()
    {
        Database.Open(Path, Options with { Migrations = [.. Options.Migrations, "CREATE TABLE later (id INTEGER)"] }).Dispose();
        AssertRefused("newer version (schema 2, this program knows 1)");
    }

    [Fact]
    public void Open_DatabaseOfSomethingElse_IsRefused()
    {
        Database.Open(Path, Options with { Name = "others" }).Dispose();
        AssertRefused("none of \"things\"");
    }

    [Fact]
    public void Open_DatabaseOfAnotherProgram_IsRefused()
    {
        using (var other = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE notes (id INTEGER)";
            command.ExecuteNonQuery();
        }

        AssertRefused("none of \"things\"");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void Open_SomethingElse_IsRefused(int length)
    {
        File.WriteAllText(Path, new string('x', length));
        AssertRefused("is not a database");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(5000)]
    public void Open_EndMissing_IsRefused(int missing)
    {
        Fill();
        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.SetLength(file.Length - missing);
        }

        AssertRefused("is damaged");
    }

    [Theory]
    [InlineData(100, 50)]
    [InlineData(4096, 4096)]
    [InlineData(20_000, 3000)]
    public void Open_BytesOverwritten_IsRefused(int at, int count)
    {
        Fill();
        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.Position = at;
            file.Write(Enumerable.Repeat((byte)0xA5, count).ToArray());
        }

        AssertRefused("is damaged");
    }

    [Fact]
    public void Read_DamagedPageOfALargeFile_SaysSo()
    {
        Fill();
        using (var file = new FileStream(Path, FileMode.Open))
        {
            file.Position = 4096;
            file.Write(new byte[4096]);
        }

        using var database = Database.Open(Path, Options with { WholeCheck = 0 });
        AssertOneLine(Assert.Throws<StorageException>(() => Names(database)), "is damaged");
    }

    [Fact]
    public void Open_FolderMissing_IsRefused() => AssertOneLine(
        Assert.Throws<StorageException>(() => Database.Open(_folder.File("nowhere/things.db"), Options)), "cannot be written");

    [Fact]
    public void Open_AFolder_IsRefused() => Assert.Contains(_folder.Path, Assert.Throws<StorageException>(() => Database.Open(_folder.Path, Options)).Message, StringComparison.Ordinal);

    [Fact]
    public void Dispose_ThenUsed_Throws()
    {
        var database = Database.Open(Path, Options);
        database.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Add(database, "a"));
        Assert.Throws<ObjectDisposedException>(() => Names(database));
        database.Dispose();
    }

    [Fact]
    public void Statement_Values_ComeBackAsTheyWere()
    {
        using var database = Database.Open(Path, Options);
        var text = new string('\u00fc', 700);
        database.Write(connection =>
        {
            var insert = connection.Prepare("INSERT INTO thing (id, name, content) VALUES (?1, ?2, ?3)");
            Assert.Equal(1, insert.Bind(1, long.MaxValue).Bind(2, text).Bind(3, ReadOnlySpan<byte>.Empty).Execute());
            Assert.Equal(1, insert.Bind(1, long.MinValue).Bind(2, "").BindNull(3).Execute());
            Assert.Equal(1, insert.Bind(1, 0).BindUtf8(2, "a\0b"u8).Bind(3, new byte[] { 0, 255 }).Execute());
            Assert.Equal(1, insert.Bind(1, 1).BindUtf8(2, default).Execute());
            Assert.Throws<SqliteException>(() => insert.Execute());
            Assert.Equal(0, connection.Prepare("INSERT INTO thing VALUES (1, 'x', NULL) ON CONFLICT DO NOTHING").Execute());
        });
        database.Read(connection =>
        {
            var rows = connection.Prepare("SELECT id, name, content FROM thing ORDER BY id");
            Assert.True(rows.Step());
            Assert.Equal((long.MinValue, "", true), (rows.Number(0), rows.Text(1), rows.IsNull(2)));
            Assert.True(rows.Step());
            Assert.Equal((0, "a\0b"), (rows.Number(0), rows.Text(1)));
            Assert.Equal([0, 255], rows.Blob(2).ToArray());
            Assert.True(rows.Step());
            Assert.Equal((1, "", false), (rows.Number(0), rows.Text(1), rows.IsNull(2)));
            Assert.True(rows.Step());
            Assert.Equal((long.MaxValue, text, false), (rows.Number(0), rows.Text(1), rows.IsNull(2)));
            Assert.Empty(rows.Blob(2).ToArray());
            Assert.False(rows.Step());
            return 0;
        });
    }

    private void Fill()
    {
        using var database = Database.Open(Path, Options);
        database.Write(connection =>
        {
            for (var i = 0; i < 200; i++)
            {
                Insert(connection, "thing", new byte[300]);
            }
        });
    }

    private void AssertRefused(string why)
    {
        AssertOneLine(Assert.Throws<StorageException>(() => Database.Open(Path, Options)), why);

        // A refusal leaves nothing behind and changes nothing, so that it comes again.
        AssertOneLine(Assert.Throws<StorageException>(() => Database.Open(Path, Options)), why);
    }

    private void AssertOneLine(StorageException exception, string why)
    {
        Assert.Contains(_folder.Path, exception.Message, StringComparison.Ordinal);
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    private static void Add(Database database, string name) => database.Write(connection => Insert(connection, name));

    private static void Insert(DatabaseConnection connection, string name, byte[]? content = null) =>
        connection.Prepare("INSERT INTO thing (name, content) VALUES (?1, ?2)").Bind(1, name).Bind(2, content).Execute();

    private static List<string> Names(Database database) => database.Read(connection =>
    {
        var names = new List<string>();
        var rows = connection.Prepare("SELECT name FROM thing ORDER BY id");
        while (rows.Step())
        {
            names.Add(rows.Text(0));
        }

        return names;
    });

    private static long Number(DatabaseConnection connection, string sql)
    {
        var row = connection.Prepare(sql);
        Assert.True(row.Step());
        var number = row.Number(0);
        row.Rewind();
        return number;
    }
}
