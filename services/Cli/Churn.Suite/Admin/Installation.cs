using System.CommandLine;
using Churn.Cli;
using Churn.Ingestion.Storage;
using Churn.Metrics;
using Churn.Metrics.Signals;
using Churn.Notifications;
using Churn.Playbooks;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.Suite.Serve;

namespace Churn.Suite.Admin;

/// <summary>Names a stream, the schema that holds its log, and the schema of who consumes it.</summary>
internal sealed record StreamRoute(string Stream, DatabaseOptions Log, string Consumer, DatabaseOptions Applied);

/// <summary>Holds the databases of an installation, as an operator's command opens them: those of PostgreSQL while services run, files while none does.</summary>
internal sealed class Installation : IDisposable
{
    private static readonly (DatabaseOptions Schema, string File)[] Files =
    [
        (FactsStore.Schema, "facts.db"), (MetricsHost.Schema, "metrics.db"), (PlaybooksHost.Schema, "playbooks.db"), (NotificationsHost.Schema, "notifications.db"),
    ];

    private readonly DataFolder? _folder;
    private readonly PostgresOptions? _postgres;
    private readonly Dictionary<string, Database> _databases = new(StringComparer.Ordinal);

    private Installation(DataFolder? folder, PostgresOptions? postgres) => (_folder, _postgres) = (folder, postgres);

    /// <summary>Gives the streams, in the order in which facts flow.</summary>
    public static IReadOnlyList<StreamRoute> Streams { get; } =
    [
        new(FactsStore.Stream, FactsStore.Schema, "metrics", MetricsHost.Schema),
        new(SignalLog.Stream, MetricsHost.Schema, "playbooks", PlaybooksHost.Schema),
        new(PlaybooksHost.Requests, PlaybooksHost.Schema, "notifications", NotificationsHost.Schema),
    ];

    /// <summary>Says where it is.</summary>
    public string Place => _postgres?.Shown ?? _folder!.Path;

    /// <summary>Opens one.</summary>
    /// <exception cref="StorageException">It cannot be opened, or a server has the folder.</exception>
    public static Installation Open(PostgresOptions? postgres, string? data) => new(postgres is null ? DataFolder.Open(data) : null, postgres);

    public Database Of(DatabaseOptions schema)
    {
        if (!_databases.TryGetValue(schema.Name, out var database))
        {
            database = _postgres is null
                ? Database.Open(_folder!.File(Array.Find(Files, file => file.Schema.Name == schema.Name).File), schema)
                : Database.Connect(_postgres, schema);
            _databases.Add(schema.Name, database);
        }

        return database;
    }

    public StreamLog LogOf(StreamRoute route) => new(Of(route.Log), route.Stream, TimeProvider.System);

    /// <summary>Gives how far each shard of a stream is applied.</summary>
    public IReadOnlyList<AppliedPoint> AppliedOf(StreamRoute route) =>
        Of(route.Applied).Read(connection => Enumerable.Range(0, Shards.Count).Select(shard => AppliedRows.Of(connection, shard)).ToList());

    public void Dispose()
    {
        foreach (var database in _databases.Values)
        {
            database.Dispose();
        }

        _folder?.Dispose();
    }
}

/// <summary>Makes the commands that look into an installation's databases.</summary>
internal sealed class InstallationCommand(Func<string, string?>? environment)
{
    public const string Details =
        """
        Looks into the databases themselves: those of PostgreSQL, while services run or not; or, without it, the files of a data
        folder, which no server may have at the time.

        """;

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="details">What the help says below the options.</param>
    /// <param name="symbols">Its own options and arguments.</param>
    /// <param name="run">Does it, and gives the exit status.</param>
    public Command Create(string name, string description, string details, Symbol[] symbols, Func<ParseResult, Installation, TextWriter, CancellationToken, Task<int>> run)
    {
        var command = new DetailedCommand(name, description, details);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        var postgres = new PostgresArguments();
        postgres.AddTo(command);
        var data = TypedOption.Text("--data", "DIR", "The data folder, where there is no PostgreSQL [default: churn in the user's data folder]");
        command.Add(data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            try
            {
                var server = postgres.Read(parsed, environment ?? Environment.GetEnvironmentVariable);
                using var installation = Installation.Open(server, parsed.GetValue(data));
                return await run(parsed, installation, output, cancellationToken);
            }
            catch (StorageException e)
            {
                await error.WriteLineAsync($"churn admin {name}: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    /// <summary>Writes rows under a header, in columns as wide as what is in them; numbers to the right.</summary>
    public static void WriteTable(TextWriter output, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = header.Select((name, i) => rows.Select(row => row[i].Length).Append(name.Length).Max()).ToList();
        var isNumber = header.Select((_, i) => rows.Count > 0 && rows.All(row => row[i].Length > 0 && char.IsAsciiDigit(row[i][0]) && row[i].All(c => char.IsAsciiDigit(c) || c == ','))).ToList();
        foreach (var row in rows.Prepend(header))
        {
            output.WriteLine(("  " + string.Join("  ", row.Select((cell, i) => isNumber[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])))).TrimEnd());
        }
    }
}
