using Xunit;

namespace Churn.TestServers;

/// <summary>Runs a PostgreSQL, as Debian packages it, which forces every commit to disk.</summary>
public sealed class PostgresServer : TestServer
{
    /// <summary>Names the superuser.</summary>
    public const string User = "churn";

    /// <summary>Gives the superuser's password.</summary>
    public const string Password = "churn-test";

    // The newest one that is installed.
    private static readonly string? Bin = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => Version.Parse(Path.GetFileName(folder) + ".0")).Select(folder => Path.Combine(folder, "bin")).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")))
        : Path.GetDirectoryName(Programs.Find("postgres"));

    private readonly string[] _settings;

    private PostgresServer(string[] settings)
        : base("postgres") => _settings = settings;

    /// <summary>Gives why there is none on this machine, or null.</summary>
    public static string? Missing { get; } = Programs.Lacking(Bin, "PostgreSQL", "postgresql");

    /// <summary>Gives its port of 127.0.0.1.</summary>
    public int Port { get; } = FreePorts.Next();

    /// <summary>Gives the superuser's connection string to the database "postgres".</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    private protected override ServerCommand Command => new(
        As(Unprivileged, [
            Path.Combine(Bin!, "postgres"), "-D", Data, "-p", Text(Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=300", .. _settings.SelectMany(setting => new[] { "-c", setting }),
        ]),
        "database system is ready to accept connections")
    {
        // The fast shutdown, which does not wait for its clients.
        StopSignal = ProcessTree.Interrupt,
    };

    private string Data => Path.Combine(Folder, "data");

    /// <summary>Starts one with an empty database; where none is installed, the test is skipped.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="settings">More settings, such as "max_prepared_transactions=10".</param>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken, params string[] settings)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        var server = new PostgresServer(settings);
        return await StartAsync(server, () => server.InitialiseAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Gives the superuser's connection string to a database.</summary>
    public string ConnectionStringOf(string database) => $"Host=127.0.0.1;Port={Text(Port)};Database={database};Username={User};Password={Password}";

    /// <summary>Creates a database, and gives its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"CREATE DATABASE \"{name}\"", cancellationToken);
        return ConnectionStringOf(name);
    }

    /// <summary>Executes SQL with PostgreSQL's own client, and gives the rows: a line each, without header, columns parted by "|".</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="database">The database.</param>
    public async Task<string> ExecuteAsync(string sql, CancellationToken cancellationToken, string database = "postgres") => (await RunAsync(
        [Path.Combine(Bin!, "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Text(Port), "-U", User, "-d", database, "-c", sql],
        [new("PGPASSWORD", Password)],
        cancellationToken)).TrimEnd('\n');

    private async Task InitialiseAsync(CancellationToken cancellationToken)
    {
        var secret = Path.Combine(Folder, "password");
        await File.WriteAllTextAsync(secret, Password, cancellationToken);
        if (Unprivileged is { } user)
        {
            await RunAsync(["chown", "-R", user, Folder], [], cancellationToken);
        }

        // What is forced to disk here is thrown away when the machine fails.
        await RunAsync(
            As(Unprivileged, Path.Combine(Bin!, "initdb"), "-D", Data, "-U", User, "--pwfile", secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync"),
            [],
            cancellationToken);
    }
}
