using Xunit;

namespace Churn.TestServers;

/// <summary>Runs a PgBouncer that pools by transaction before a PostgreSQL.</summary>
public sealed class PgBouncerServer : TestServer
{
    private static readonly string? Program = Programs.Find("pgbouncer");

    private PgBouncerServer()
        : base("pgbouncer")
    {
    }

    /// <summary>Gives why there is none on this machine, or null.</summary>
    public static string? Missing { get; } = Programs.Lacking(Program, "PgBouncer", "pgbouncer");

    /// <summary>Gives its port of 127.0.0.1.</summary>
    public int Port { get; } = FreePorts.Next();

    /// <summary>Gives the superuser's connection string to the database "postgres" through it.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    private protected override ServerCommand Command => new(As(Unprivileged, Program!, Path.Combine(Folder, "pgbouncer.ini")), "process up");

    /// <summary>Starts one; where none is installed, the test is skipped.</summary>
    public static async Task<PgBouncerServer> StartAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        var server = new PgBouncerServer();
        return await StartAsync(server, () => server.ConfigureAsync(postgres, cancellationToken), cancellationToken);
    }

    /// <summary>Gives the superuser's connection string to a database through it.</summary>
    public string ConnectionStringOf(string database) =>
        $"Host=127.0.0.1;Port={Text(Port)};Database={database};Username={PostgresServer.User};Password={PostgresServer.Password}";

    private async Task ConfigureAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        // Whoever is not in the file is looked up in PostgreSQL by the superuser, who is.
        var users = Path.Combine(Folder, "users.txt");
        await File.WriteAllTextAsync(users, $"\"{PostgresServer.User}\" \"{PostgresServer.Password}\"\n", cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "pgbouncer.ini"),
            $"""
            [databases]
            * = host=127.0.0.1 port={Text(postgres.Port)}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Text(Port)}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            auth_user = {PostgresServer.User}
            pool_mode = transaction
            max_client_conn = 500
            default_pool_size = 20

            """,
            cancellationToken);
        if (Unprivileged is { } user)
        {
            await RunAsync(["chown", "-R", user, Folder], [], cancellationToken);
        }
    }
}
