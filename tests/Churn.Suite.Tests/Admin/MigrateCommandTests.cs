using System.Globalization;
using Churn.ServiceDefaults.Storage;
using Churn.Suite.Admin;
using Churn.TestServers;

namespace Churn.Suite.Tests.Admin;

public sealed class MigrateCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("churn-migrate-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Migrate_MakesTheTablesThatFilesHave_AndTheSecondTimeNothing()
    {
        await using var postgres = await PostgresServer.StartAsync(Cancellation);
        await postgres.CreateDatabaseAsync("churn", Cancellation);
        await postgres.ExecuteAsync("CREATE ROLE app LOGIN PASSWORD 'app'", Cancellation);
        var dsn = postgres.ConnectionStringOf("churn");
        var (status, output, error) = Run("--postgres", dsn, "--app-role", "app");
        Assert.Equal((0, ""), (status, error));
        Assert.All(MigrateCommand.Schemas, schema => Assert.Contains($"{schema.Name} 0001-tables", output, StringComparison.Ordinal));
        Assert.DoesNotContain(PostgresServer.Password, output, StringComparison.Ordinal);
        Assert.EndsWith("nothing was to be done", Run("--postgres", dsn, "--app-role", "app").Output.TrimEnd(), StringComparison.Ordinal);

        foreach (var schema in MigrateCommand.Schemas)
        {
            var path = Path.Combine(_folder.FullName, schema.Name + ".db");
            using var file = Database.Open(path, schema);
            Assert.Equal(ColumnsOf(file), (await postgres.ExecuteAsync(
                $"""
                SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' WHEN 'bytea' THEN 'BLOB' ELSE data_type END
                FROM information_schema.columns WHERE table_schema = '{schema.Name}' AND table_name <> 'schema_version' AND column_name <> 'rowid'
                """, Cancellation, "churn")).Split('\n').Order(StringComparer.Ordinal));

            // What is of a tenant is shown to no other, and the role of the services owns nothing. Administrators' tables are of all tenants.
            Assert.Equal("", await postgres.ExecuteAsync(
                $"""
                SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = '{schema.Name}' AND c.relkind = 'r' AND (pg_get_userbyid(c.relowner) = 'app'
                OR (n.nspname <> 'access' AND NOT c.relrowsecurity AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped)))
                """, Cancellation, "churn"));
            Database.Connect(new PostgresOptions { ConnectionString = $"Host=127.0.0.1;Port={postgres.Port.ToString(CultureInfo.InvariantCulture)};Database=churn;Username=app;Password=app" }, schema).Dispose();
        }
    }

    [Theory]
    [InlineData("name the PostgreSQL")]
    [InlineData("cannot be migrated", "--postgres", "postgres://u:hidden@127.0.0.1:1/x")]
    [InlineData("cannot be read", "--postgres", "postgres:/u:hidden@h")]
    public void Migrate_OfWhatIsNotThere_SaysWhy(string why, params string[] arguments)
    {
        var (status, output, error) = Run(arguments);
        Assert.Equal((1, ""), (status, output));
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var status = MigrateCommand.Create(_ => null).Parse(arguments).Invoke(new() { Output = output, Error = error });
        return (status, output.ToString(), error.ToString());
    }

    private static List<string> ColumnsOf(Database file) => file.Read(connection =>
    {
        var columns = new List<string>();
        var rows = connection.Prepare("SELECT t.name, c.name, c.type FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name <> 'sqlite_sequence'");
        while (rows.Step())
        {
            columns.Add($"{rows.Text(0)}.{rows.Text(1)} {rows.Text(2)}");
        }

        return columns.Order(StringComparer.Ordinal).ToList();
    });
}
