using System.CommandLine;
using Churn.Cli;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Tls;

namespace Churn.Suite.Serve;

/// <summary>Makes the options that say whether callers must show a key.</summary>
internal sealed class AccessArguments
{
    private const string InternalKey = "CHURN_INTERNAL_KEY";

    private readonly Option<bool> _require = new("--require-keys") { Description = "Refuses callers without an API key [default: with --postgres]" };
    private readonly Option<bool> _open = new("--open") { Description = "Asks nobody for a key, also with --postgres: let only a network that you trust reach it" };

    private readonly Option<string> _certificate = TypedOption.Text("--tls-certificate", "FILE", "The server's certificate and those that lead to its authority, in PEM [default: no TLS]");
    private readonly Option<string> _key = TypedOption.Text("--tls-key", "FILE", "The key of the certificate, in PEM");
    private readonly Option<string> _clientAuthorities = TypedOption.Text("--client-ca", "FILE", "Takes calls only from who shows a certificate of this authority, in PEM");
    private readonly Option<string> _peerAuthorities = TypedOption.Text("--ca", "FILE", "The authority of the other services' certificates, in PEM [default: those of the system]");
    private readonly Option<string> _peerCertificate = TypedOption.Text("--client-certificate", "FILE", "The certificate that is shown to other services, in PEM");
    private readonly Option<string> _peerKey = TypedOption.Text("--client-key", "FILE", "The key of that certificate, in PEM");

    public void AddTo(Command command)
    {
        command.Add(_require);
        command.Add(_open);
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_clientAuthorities);
        command.Add(_peerAuthorities);
        command.Add(_peerCertificate);
        command.Add(_peerKey);
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
            : options with { Access = access, Tls = Tls(parsed, variables), PeerTls = PeerTls(parsed, variables) };

        bool Is(Option<bool> option, string variable) => parsed.GetValue(option) || variables(variable) is "true" or "1";
    }

    private TlsFiles? Tls(ParseResult parsed, Func<string, string?> variables)
    {
        var (certificate, key, authorities) = (Variables.Of(parsed, _certificate, variables), Variables.Of(parsed, _key, variables), Variables.Of(parsed, _clientAuthorities, variables));
        return (certificate, key, authorities) switch
        {
            (null, null, null) => null,
            ({ } file, { } own, _) => new TlsFiles { Certificate = file, Key = own, ClientAuthorities = authorities },
            _ => throw new ServeException("--tls-certificate and --tls-key go together, and --client-ca goes with them; give both files"),
        };
    }

    private ClientTls? PeerTls(ParseResult parsed, Func<string, string?> variables)
    {
        var tls = new ClientTls
        {
            Authorities = Variables.Of(parsed, _peerAuthorities, variables),
            Certificate = Variables.Of(parsed, _peerCertificate, variables),
            Key = Variables.Of(parsed, _peerKey, variables),
        };
        return tls == new ClientTls() ? null : tls;
    }
}
