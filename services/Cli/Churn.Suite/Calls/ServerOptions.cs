using System.CommandLine;

namespace Churn.Suite.Calls;

/// <summary>Says which server is called, and by whom.</summary>
/// <param name="Address">The server.</param>
internal sealed record ServerAccess(Uri Address)
{
    /// <summary>Gives the API key; null for none.</summary>
    public string? Key { get; init; }
}

/// <summary>Holds the options of all commands that call a server.</summary>
internal sealed class ServerOptions(Func<string, string?>? environment = null)
{
    private const string KeyVariable = "CHURN_KEY";

    private readonly Option<Uri?> _address = Caller.AddressOption();

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
    }

    public ServerAccess Read(ParseResult parsed)
    {
        var variable = (environment ?? Environment.GetEnvironmentVariable)(KeyVariable);
        return new ServerAccess(parsed.GetValue(_address) ?? new Uri(Caller.DefaultAddress))
        {
            Key = parsed.GetValue(_key) ?? (string.IsNullOrWhiteSpace(variable) ? null : variable.Trim()),
        };
    }

    // What has another form is told so by the server; what no header can hold, here.
    private static bool IsKey(string text) => text.StartsWith("churn_", StringComparison.Ordinal) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
