using System.CommandLine;
using System.CommandLine.Help;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify</c>: messages to people, and what became of them.</summary>
internal static class NotifyCommand
{
    /// <summary>Names the channels for the command line.</summary>
    public static readonly (string Word, Channel Value)[] Channels = Shown.Words(Channel.Email, Channel.InApp, Channel.Webhook);

    /// <summary>Makes the command.</summary>
    /// <param name="streams">What the commands write to; the streams of the process when left out.</param>
    /// <param name="time">Measures waiting.</param>
    /// <param name="newKey">Makes a key for a message that has none.</param>
    public static Command Create(ReportStreams? streams = null, TimeProvider? time = null, Func<string>? newKey = null)
    {
        var caller = new Caller("churn notify", () => streams ?? ReportStreams.OfProcess(), time ?? TimeProvider.System);
        var notify = new Command("notify", "Messages to people: sent, previewed, followed")
        {
            SendCommand.Create(caller, newKey ?? (() => $"cli-{Guid.CreateVersion7():N}")),
            PreviewCommand.Create(caller),
            StatusCommand.Create(caller),
            InboxCommand.Create(caller),
            TemplatesCommand.Create(caller),
            PreferencesCommand.Create(caller),
            SuppressCommand.Create(caller),
            SuppressCommand.CreateUndo(caller),
            SuppressionsCommand.Create(caller),
        };
        notify.SetAction(new HelpAction().Invoke);
        return notify;
    }

    /// <summary>Makes the option that names a customer.</summary>
    public static Option<string> CustomerOption(string description, bool isRequired = false)
    {
        var customer = TypedOption.Text("--customer", "ID", description);
        customer.Required = isRequired;
        return customer;
    }

    /// <summary>Makes the option that names a person of the customer's.</summary>
    public static Option<string> ContactOption() => TypedOption.Text("--contact", "ID", "The person of the customer's [default: the customer itself]");
}
