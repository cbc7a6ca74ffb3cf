using System.CommandLine;

namespace Churn.Cli;

/// <summary>Is a command whose help goes on below its options: what they do not say, the exit statuses, examples.</summary>
internal sealed class DetailedCommand(string name, string description, string details) : Command(name, description)
{
    /// <summary>Gives the text below the options.</summary>
    public string Details => details;
}
