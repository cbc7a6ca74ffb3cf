using System.CommandLine;
using Churn.Cli;
using Churn.ServiceDefaults.Tls;
using Churn.Suite.Serve;

namespace Churn.Suite.Calls;

/// <summary>Says which server is called, and by whom.</summary>
/// <param name="Address">The server.</param>
internal sealed record ServerAccess(Uri Address)
{
    /// <summary>Gives the API key; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>Gives how the server is known, and the caller to it; null for what the system knows.</summary>
    public ClientTls? Tls { get; init; }
}

/// <summary>Holds the options of all commands that call a server.</summary>
internal sealed class ServerOptions(Func<string, string?>? environment = null)
{
    private const string KeyVariable = "CHURN_KEY";

    private readonly Option<Uri?> _address = Caller.AddressOption();

    private readonly Option<string> _authorities = TypedOption.Text("--ca", "FILE", "The authority of the server's certificate, in PEM [default: those of the system]");
    private readonly Option<string> _certificate = TypedOption.Text("--client-certificate", "FILE", "The certificate that is shown to the server, in PEM");
    private readonly Option<string> _certificateKey = TypedOption.Text("--client-key", "FILE", "The key of that certificate, in PEM");

    // Its value is a secret, and is not said again where it is wrong.
    private readonly Option<string> _key = new("--key")
    {
        HelpName = "KEY",
        Description = $"The API key; other users of the machine see it here, and not in {KeyVariable} [default: what {KeyVariable} says]",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (IsKey(text))
            {
                return text;
            }

            result.AddError("--key takes an API key such as churn admin keys create shows; what it was given is none.");
            return null;
        },
    };

    public void AddTo(Command command)
    {
        command.Add(_address);
        command.Add(_key);
        command.Add(_authorities);
        command.Add(_certificate);
        command.Add(_certificateKey);
    }

    public ServerAccess Read(ParseResult parsed)
    {
        var variables = environment ?? Environment.GetEnvironmentVariable;
        var variable = variables(KeyVariable);
        var tls = new ClientTls
        {
            Authorities = Variables.Of(parsed, _authorities, variables), Certificate = Variables.Of(parsed, _certificate, variables), Key = Variables.Of(parsed, _certificateKey, variables),
        };
        return new ServerAccess(parsed.GetValue(_address) ?? new Uri(Caller.DefaultAddress))
        {
            Key = parsed.GetValue(_key) ?? (string.IsNullOrWhiteSpace(variable) ? null : variable.Trim()),
            Tls = tls == new ClientTls() ? null : tls,
        };
    }

    // What has another form is told so by the server; what no header can hold, here.
    private static bool IsKey(string text) => text.StartsWith("churn_", StringComparison.Ordinal) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
