using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>Says in plain words how a message stands.</summary>
internal static class MessageWords
{
    public static Piece Of(MessageState state) => new(Shown.Word(state).Replace('_', ' '), state switch
    {
        MessageState.Sent or MessageState.Delivered => Ink.Gain,
        MessageState.Failed or MessageState.Bounced or MessageState.Unknown => Ink.Loss,
        MessageState.Suppressed or MessageState.Expired => Ink.Faint,
        _ => Ink.Plain,
    });

    /// <summary>Gives the state with its reason, and when it is tried next.</summary>
    public static string Of(Canvas canvas, Message message)
    {
        var why = string.Join(": ", new[] { message.Reason, message.Detail }.Where(t => t.Length > 0).Select(t => Shown.Safe(canvas, t)));

        // One that was just taken is sent at once.
        var next = message.NextTime is null || (message.State == MessageState.Queued && message.AttemptCount == 0) ? "" : $", next at {Shown.Time(message.NextTime)} UTC";
        return Of(message.State).Text + (why.Length == 0 ? "" : $" ({why})") + next;
    }

    /// <summary>Names whom it is for: the address for e-mail, the customer otherwise.</summary>
    public static string Recipient(Canvas canvas, Message message)
    {
        var recipient = message.Recipient ?? new Recipient();
        return Shown.Safe(canvas, recipient.Email.Length > 0 ? recipient.Email : recipient.ContactId.Length > 0 ? $"{recipient.CustomerId}/{recipient.ContactId}" : recipient.CustomerId);
    }
}
