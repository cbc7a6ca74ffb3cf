using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Churn.Cli;

/// <summary>Shows the usual help, and below it what a command's options do not say.</summary>
internal sealed class DetailedHelp(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Puts itself before the usual help.</summary>
    public static void AddTo(Command root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new DetailedHelp((HelpAction)option.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var status = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is DetailedCommand { Details: var details })
        {
            parseResult.InvocationConfiguration.Output.Write(details);
        }

        return status;
    }
}
