using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Storage;
using Churn.Suite.Calls;
using Churn.Suite.Serve;
using Caller = Churn.Suite.Calls.Caller;

namespace Churn.Suite.Admin;

/// <summary>Makes the commands that manage keys and tenants: they ask a server, or work on its store where it is.</summary>
/// <param name="group">What is typed before a command's name: "churn admin keys".</param>
/// <param name="streams">Gives what a command writes to.</param>
/// <param name="time">Measures waiting.</param>
/// <param name="environment">Gives variables.</param>
internal sealed class AdminCaller(string group, Func<ReportStreams> streams, TimeProvider time, Func<string, string?>? environment)
{
    /// <summary>Says how commands get at what they manage.</summary>
    public const string Where =
        """

        Where:
          On a server, with a key that has the scope admin, or none where the server asks for none. The first key is made on the store
          itself: --data names the data folder of churn serve, which may run meanwhile, and --postgres the PostgreSQL.

        """;

    private readonly Caller _caller = new(group, streams, time, environment);

    /// <summary>Makes a command.</summary>
    public Command Command(string name, string description, string examples, IReadOnlyList<Symbol> symbols, Func<ParseResult, Call, Task<int>> ask)
    {
        var data = TypedOption.Text("--data", "DIR", "Works on the store in this data folder, and asks no server");
        var postgres = new PostgresArguments();
        var command = _caller.Command(name, description, Where + Caller.ExitStatus.TrimStart('\n') + examples, [.. symbols, data], ask, parsed => Store(parsed, data, postgres));
        postgres.AddTo(command);
        return command;
    }

    // A variable that names the PostgreSQL of services on this machine does not turn a call of a server into work on a store.
    private LocalStore? Store(ParseResult parsed, Option<string> data, PostgresArguments postgres) =>
        postgres.Read(parsed, _ => null) is { } server ? new LocalStore(Database.Connect(server, AccessStore.Options), time)
        : parsed.GetValue(data) is { } folder ? new LocalStore(Database.Open(Path.Combine(DataFolder.Make(folder), AccessStore.File), AccessStore.Options), time)
        : null;
}
