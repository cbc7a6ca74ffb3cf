using System.Globalization;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.TestServers;

namespace Churn.ServiceDefaults.Tests.Storage;

/// <summary>Runs one PostgreSQL for the tests of a class; each asks for a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private const string Role = "app";
    private const string RolePassword = "it's a \"secret\"";

    private int _databases;

    public PostgresServer Server { get; private set; } = null!;

    public static DatabaseOptions Schema { get; } = new()
    {
        Name = "things",
        Migrations =
        [
            "CREATE TABLE thing (tenant TEXT NOT NULL, id INTEGER NOT NULL, name TEXT, content BLOB, PRIMARY KEY (tenant, id))",
            "CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)",
            LeaseTable.Schema,
            StreamLog.Schema("things"),
        ],
        Scripts = typeof(PostgresFixture).Assembly,
    };

    public async ValueTask InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(TestContext.Current.CancellationToken);
        await Server.ExecuteAsync($"CREATE ROLE {Role} LOGIN PASSWORD '{RolePassword.Replace("'", "''", StringComparison.Ordinal)}'", TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }

    /// <summary>Makes a database with the schema; the options log in as a role that does not own it.</summary>
    public async Task<PostgresOptions> MakeAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"d{Interlocked.Increment(ref _databases)}");
        var owner = new PostgresOptions { ConnectionString = await Server.CreateDatabaseAsync(name, TestContext.Current.CancellationToken) };
        PostgresMigrations.Migrate(owner, [Schema], Role, (_, _) => { });
        return new PostgresOptions { ConnectionString = As(name) };
    }

    public string As(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"postgres://{Role}:{Uri.EscapeDataString(RolePassword)}@127.0.0.1:{Server.Port}/{database}");

    public static string DatabaseOf(PostgresOptions options) => new Uri(options.ConnectionString).AbsolutePath.TrimStart('/');
}
