using System.CommandLine;
using Churn.ServiceDefaults.Access;

namespace Churn.Suite.Serve;

/// <summary>Makes the options that say whether callers must show a key.</summary>
internal sealed class AccessArguments
{
    private const string InternalKey = "CHURN_INTERNAL_KEY";

    private readonly Option<bool> _require = new("--require-keys") { Description = "Refuses callers without an API key [default: with --postgres]" };
    private readonly Option<bool> _open = new("--open") { Description = "Asks nobody for a key, also with --postgres: let only a network that you trust reach it" };

    public void AddTo(Command command)
    {
        command.Add(_require);
        command.Add(_open);
    }

    /// <summary>Gives the options of a server with what these say.</summary>
    /// <exception cref="ServeException">They do not go together.</exception>
    public SuiteOptions Read(ParseResult parsed, Func<string, string?> variables, SuiteOptions options)
    {
        var (require, open) = (Is(_require, "CHURN_REQUIRE_KEYS"), Is(_open, "CHURN_OPEN"));
        if (require && open)
        {
            throw new ServeException("--require-keys and --open are opposites; give one of them");
        }

        var key = variables(InternalKey) is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        var access = new AccessOptions { RequireKeys = require || (options.Postgres is not null && !open), InternalKey = key };
        return access is { RequireKeys: true, InternalKey: null } && options.Peers.Count > 0
            ? throw new ServeException(
                $"services that run apart show each other a key: make one with churn admin keys create --scope internal --postgres DSN and give it to each in {InternalKey}, or give --open, which asks nobody for a key")
            : options with { Access = access };

        bool Is(Option<bool> option, string variable) => parsed.GetValue(option) || variables(variable) is "true" or "1";
    }
}
