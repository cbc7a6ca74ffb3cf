using System.Globalization;
using System.Text;
using Churn.ServiceDefaults.Storage;
using Churn.TestServers;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.ServiceDefaults.Tests.Storage;

public sealed class PostgresDatabaseTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly Column[] Columns =
        [new("tenant", ColumnType.Text), new("id", ColumnType.Number), new("name", ColumnType.Text), new("content", ColumnType.Bytes)];

    [Fact]
    public async Task Law_AnyWorks_LeaveTheSameRowsInAFileAndInPostgres()
    {
        using var folder = new TempFolder();
        using var file = Database.Open(folder.File("things.db"), PostgresFixture.Schema);
        using var server = Database.Connect(await postgres.MakeAsync(), PostgresFixture.Schema);
        string[] texts = ["", "a", "B", "\u00e9", "\ud83d\ude00", "it's", "\"?1\"", null!];
        byte[][] bytes = [[], [0], [255, 0, 1], null!];
        var row = from id in Gen.Choose(0, 5) from name in Gen.Elements(texts) from content in Gen.Elements(bytes) select (Id: id, Name: name, Content: content);
        var work = from kind in Gen.Choose(0, 3) from rows in row.ListOf() select (Kind: kind, Rows: rows.DistinctBy(r => r.Id).ToList());
        Prop.ForAll(Arb.From(work.ListOf()), works =>
        {
            foreach (var (kind, rows) in works)
            {
                Assert.Equal(Do(file, kind, rows), Do(server, kind, rows));
                Assert.Equal(All(file), All(server));
            }

            Clear(file);
            Clear(server);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

        static string Do(Database database, int kind, List<(int Id, string? Name, byte[]? Content)> rows)
        {
            try
            {
                return database.Write(connection =>
                {
                    var written = new Rows("thing", kind < 2 ? Columns : Columns[..2]);
                    rows.ForEach(r => _ = kind < 2 ? written.Add("t").Add(r.Id).Add(r.Name).Add(r.Content) : written.Add("t").Add(r.Id));
                    var seen = new StringBuilder();
                    switch (kind)
                    {
                        case 0:
                            connection.Insert(written);
                            break;
                        case 1:
                            connection.Upsert(written, key: 2);
                            break;
                        case 2:
                            connection.Delete(written);
                            break;
                        default:
                            connection.Find(written, "id, name, content", (i, found) => seen.Append(CultureInfo.InvariantCulture, $"{i}: {Shown(found)}; "));
                            break;
                    }

                    return seen.ToString();
                });
            }
            catch (StorageException)
            {
                // A row that is there already.
                return "refused";
            }
        }

        static void Clear(Database database) => database.Write(connection => connection.Execute("DELETE FROM thing"));
    }

    [Fact]
    public async Task Write_Throws_KeepsNothing()
    {
        using var database = Database.Connect(await postgres.MakeAsync(), PostgresFixture.Schema);
        var ended = new List<bool>();
        Assert.Throws<InvalidTimeZoneException>(() => database.Write(connection =>
        {
            connection.WhenEnded(ended.Add);
            Add(connection, "t", 1);
            throw new InvalidTimeZoneException();
        }));
        database.Write(connection =>
        {
            connection.WhenEnded(ended.Add);
            Add(connection, "t", 2);
        });
        Assert.Equal([false, true], ended);
        Assert.Equal("2  ", All(database));
    }

    [Fact]
    public async Task Step_WhileOtherStatementsRun_GivesEveryRow()
    {
        using var database = Database.Connect(await postgres.MakeAsync(), PostgresFixture.Schema);
        database.Write(connection =>
        {
            for (var i = 0; i < 500; i++)
            {
                Add(connection, "t", i);
            }
        });
        var seen = database.Write(connection =>
        {
            var count = 0;
            var rows = connection.Prepare("SELECT id FROM thing ORDER BY id");
            while (rows.Step())
            {
                Assert.Equal(count++, rows.Number(0));
                Assert.Equal(1, connection.Prepare("UPDATE thing SET name = ?2 WHERE tenant = 't' AND id = ?1").Bind(1, rows.Number(0)).Bind(2, "seen").Execute());
            }

            return count;
        });
        Assert.Equal(500, seen);
        Assert.Equal(1, database.Read(connection => connection.Prepare("SELECT id FROM thing ORDER BY id") is var rows && rows.Step() ? 1 : 0));
        Assert.Equal(500, database.Read(connection => Number(connection, "SELECT count(*) FROM thing WHERE name = 'seen'")));
    }

    [Fact]
    public async Task Law_CountersThatManyProcessesRaise_LoseNothing()
    {
        var options = await postgres.MakeAsync();
        using var first = Database.Connect(options, PostgresFixture.Schema);
        first.Write(connection => connection.Execute("INSERT INTO counter VALUES (1, 0)"));
        const int processes = 4, times = 25;
        await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => Task.Run(() =>
        {
            using var database = Database.Connect(options, PostgresFixture.Schema);
            for (var i = 0; i < times;)
            {
                try
                {
                    // Read, then written: right alone only as if it were alone.
                    database.Write(connection => connection.Prepare("UPDATE counter SET value = ?1 WHERE id = 1").Bind(1, Number(connection, "SELECT value FROM counter") + 1).Execute());
                    i++;
                }
                catch (StorageException exception)
                {
                    Assert.Contains("40001", exception.Message, StringComparison.Ordinal);
                }
            }
        }, Cancellation)));
        Assert.Equal(processes * times, first.Read(connection => Number(connection, "SELECT value FROM counter")));
    }

    [Fact]
    public async Task Write_WhoseConnectionIsCut_KeepsNothingAndTheNextOneWorks()
    {
        var options = await postgres.MakeAsync();
        using var database = Database.Connect(options, PostgresFixture.Schema);
        var cut = Assert.Throws<StorageException>(() => database.Write(connection =>
        {
            Add(connection, "t", 1);
            Cut(options);
            Add(connection, "t", 2);
        }));
        Assert.DoesNotContain('\n', cut.Message);
        database.Write(connection => Add(connection, "t", 3));
        Cut(options);
        Assert.Equal("3  ", All(database));
        database.Write(connection => Add(connection, "t", 4));

        void Cut(PostgresOptions of) => postgres.Server.ExecuteAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{PostgresFixture.DatabaseOf(of)}' AND pid <> pg_backend_pid()", Cancellation).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task Read_Cancelled_EndsAtOnce()
    {
        using var database = Database.Connect(await postgres.MakeAsync(), PostgresFixture.Schema);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        var began = TimeProvider.System.GetTimestamp();
        Assert.ThrowsAny<OperationCanceledException>(() => database.Read(connection => Number(connection, "SELECT 1 FROM pg_sleep(20)"), patience.Token));
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        Assert.Equal(1, database.Read(connection => Number(connection, "SELECT 1")));
    }

    [Fact]
    public async Task Write_LongerThanItsTime_IsEndedAndSaysSo()
    {
        using var database = Database.Connect(await postgres.MakeAsync() with { StatementTimeout = TimeSpan.FromMilliseconds(200) }, PostgresFixture.Schema);
        Assert.Contains("took too long", Assert.Throws<StorageException>(() => database.Write(connection => Number(connection, "SELECT 1 FROM pg_sleep(20)"))).Message, StringComparison.Ordinal);
        database.Write(connection => Add(connection, "t", 1));
    }

    [Fact]
    public async Task Read_OnBehalfOfATenant_ShowsNoOthersRowsWhateverItsSql()
    {
        using var database = Database.Connect(await postgres.MakeAsync(), PostgresFixture.Schema);
        database.Write(connection =>
        {
            Add(connection, "a", 1);
            Add(connection, "b", 2);
        });
        using (TenantScope.Enter("b"))
        {
            Assert.Equal("2  ", All(database));
            Assert.Equal(0, database.Write(connection => connection.Prepare("DELETE FROM thing WHERE id = 1").Execute()));
            Assert.Throws<StorageException>(() => database.Write(connection => Add(connection, "a", 3)));
        }

        Assert.Equal("1  \n2  ", All(database));
    }

    [Fact]
    public async Task Connect_ThroughAPooler_WorksWithTheServerItselfForWrites()
    {
        var options = await postgres.MakeAsync();
        await using var bouncer = await PgBouncerServer.StartAsync(postgres.Server, Cancellation);
        var pooled = options.ConnectionString.Replace(
            string.Create(CultureInfo.InvariantCulture, $":{postgres.Server.Port}/"), string.Create(CultureInfo.InvariantCulture, $":{bouncer.Port}/"), StringComparison.Ordinal);
        using var database = Database.Connect(new PostgresOptions { ConnectionString = pooled, Direct = options.ConnectionString }, PostgresFixture.Schema);
        using var another = Database.Connect(new PostgresOptions { ConnectionString = pooled, Direct = options.ConnectionString }, PostgresFixture.Schema);
        for (var i = 0; i < 20; i++)
        {
            var id = i;
            database.Write(connection => Add(connection, i % 2 == 0 ? "a" : "b", id));

            // The pooler hands one connection from one to the other: nothing of a transaction stays on it.
            using (TenantScope.Enter("a"))
            {
                Assert.Equal((i / 2) + 1, another.Read(connection => Number(connection, "SELECT count(*) FROM thing")));
            }

            Assert.Equal(i + 1, database.Read(connection => Number(connection, "SELECT count(*) FROM thing")));
        }
    }

    [Fact]
    public async Task Connect_ToWhatIsNotThere_SaysInOneLineWhatToDo()
    {
        var options = await postgres.MakeAsync();
        var name = PostgresFixture.DatabaseOf(options);
        await postgres.Server.ExecuteAsync("CREATE DATABASE empty", Cancellation);
        Refused(options.ConnectionString.Replace($"/{name}", "/nowhere", StringComparison.Ordinal), "no such database");
        Refused(options.ConnectionString.Replace($"/{name}", "/empty", StringComparison.Ordinal), "churn admin migrate");
        Refused(options.ConnectionString.Replace("secret", "wrong", StringComparison.Ordinal), "does not let this user in");
        Refused("postgres://u:hidden@127.0.0.1:1/x", "does not answer");
        Refused("postgres:/u:hidden@host", "cannot be read");
        Refused("Hots=x;Password=hidden", "cannot be read");
        Refused("mysql://u:hidden@h/x", "cannot be read");
        Refused("Username=u;Password=hidden", "names no host");

        static void Refused(string dsn, string why)
        {
            var message = Assert.Throws<StorageException>(() => Database.Connect(new PostgresOptions { ConnectionString = dsn }, PostgresFixture.Schema).Dispose()).Message;
            Assert.Contains(why, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
            Assert.DoesNotContain("hidden", message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Connect_ToASchemaOfAnotherVersion_GoesOnOrSaysWhyNot()
    {
        var options = await postgres.MakeAsync();
        var database = PostgresFixture.DatabaseOf(options);
        var owner = new PostgresOptions { ConnectionString = postgres.Server.ConnectionStringOf(database) };

        // The next version has added something: this one goes on beside it.
        await postgres.Server.ExecuteAsync("INSERT INTO things.schema_version (scriptname, applied) VALUES ('0002-more', now())", Cancellation, database);
        Database.Connect(options, PostgresFixture.Schema).Dispose();
        Assert.Contains("newer version", Assert.Throws<StorageException>(() => PostgresMigrations.Migrate(owner, [PostgresFixture.Schema], null, (_, _) => { })).Message, StringComparison.Ordinal);

        // The one after that has taken something away.
        await postgres.Server.ExecuteAsync("INSERT INTO things.schema_version (scriptname, applied) VALUES ('0003-less-contract', now())", Cancellation, database);
        Assert.Contains("0003-less-contract", Assert.Throws<StorageException>(() => Database.Connect(options, PostgresFixture.Schema).Dispose()).Message, StringComparison.Ordinal);

        await postgres.Server.ExecuteAsync("DELETE FROM things.schema_version", Cancellation, database);
        Assert.Contains("older than this program", Assert.Throws<StorageException>(() => Database.Connect(options, PostgresFixture.Schema).Dispose()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT a FROM t WHERE b = ? AND c = ?", "SELECT a FROM t WHERE b = $1 AND c = $2")]
    [InlineData("SELECT ?2, ?1, ?2", "SELECT $2, $1, $2")]
    [InlineData("SELECT '?', \"?1\", ?", "SELECT '?', \"?1\", $1")]
    [InlineData("SELECT 'it''s ?', ?3, ?", "SELECT 'it''s ?', $3, $4")]
    public void ToPostgres_AParameter_HasItsNumber(string sql, string expected) => Assert.Equal(expected, PostgresStatement.ToPostgres(sql));

    private static void Add(DatabaseConnection connection, string tenant, long id) => connection.Insert(new Rows("thing", Columns[..2]).Add(tenant).Add(id));

    private static long Number(DatabaseConnection connection, string sql)
    {
        var row = connection.Prepare(sql);
        Assert.True(row.Step());
        return row.Number(0);
    }

    private static string All(Database database) => database.Read(connection =>
    {
        var lines = new List<string>();
        var rows = connection.Prepare("SELECT id, name, content FROM thing ORDER BY tenant, id");
        while (rows.Step())
        {
            lines.Add(Shown(rows));
        }

        return string.Join('\n', lines);
    });

    private static string Shown(Statement row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Number(0)} {(row.IsNull(1) ? "" : $"'{row.Text(1)}'")} {(row.IsNull(2) ? "" : "x" + Convert.ToHexString(row.Blob(2)))}");
}
