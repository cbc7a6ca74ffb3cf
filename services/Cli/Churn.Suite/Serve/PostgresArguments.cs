using System.CommandLine;
using Churn.Cli;
using Churn.ServiceDefaults.Storage;

namespace Churn.Suite.Serve;

/// <summary>Makes the options that say where PostgreSQL is.</summary>
internal sealed class PostgresArguments
{
    private readonly Option<string> _postgres = TypedOption.Text("--postgres", "DSN", "The PostgreSQL that holds the data, as postgres://user:password@host:port/database");
    private readonly Option<string> _direct = TypedOption.Text("--postgres-direct", "DSN", "The server itself, where --postgres is a pooler before it");

    public void AddTo(Command command)
    {
        command.Add(_postgres);
        command.Add(_direct);
    }

    /// <summary>Reads them; null where none is named.</summary>
    public PostgresOptions? Read(ParseResult parsed, Func<string, string?> variables) => Variables.Of(parsed, _postgres, variables) is { } dsn
        ? new PostgresOptions { ConnectionString = dsn, Direct = Variables.Of(parsed, _direct, variables) }
        : null;
}
