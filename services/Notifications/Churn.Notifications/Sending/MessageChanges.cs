using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Churn.ServiceDefaults.Storage;
using Happened = Churn.Ingestion.V1.MessageEvent.Types.Event;

namespace Churn.Notifications.Sending;

/// <summary>Writes that a message stands elsewhere: the row, its history, and the fact that tells of it, in one transaction.</summary>
internal static class MessageChanges
{
    /// <summary>Writes a change; nothing where there is none.</summary>
    public static MessageRow Apply(
        DatabaseConnection connection, MessageRow message, Standing standing, DateTimeOffset now, DateTimeOffset? slot = null, string detail = "")
    {
        if (standing == message.Standing)
        {
            return message;
        }

        var isSent = standing.State == MessageState.Sent;
        var moved = Messages.Move(connection, message, standing, slot, isSent ? now : null);
        var word = WordOf(standing);
        var told = standing.Detail.Length > 0 ? standing.Detail : detail;
        Messages.AddEvent(connection, moved, word, told, now);
        if (FactOf(standing.State) is var (happened, name))
        {
            Outbox.Add(connection, moved, happened, name, happened == Happened.Failed ? $"{standing.Reason}: {told}" : told, now);
        }

        return moved;
    }

    private static string WordOf(Standing standing) => standing.State switch
    {
        MessageState.Queued => standing.Reason.Length > 0 ? standing.Reason : Reasons.Deferred,
        MessageState.Held => "HELD",
        MessageState.Sending => "SENDING",
        MessageState.Sent => "SENT",
        MessageState.Delivered => "DELIVERED",
        MessageState.Bounced => "BOUNCED",
        _ => standing.Reason,
    };

    private static (Happened Happened, string Name)? FactOf(MessageState state) => state switch
    {
        MessageState.Sent => (Happened.Sent, "sent"),
        MessageState.Delivered => (Happened.Delivered, "delivered"),
        MessageState.Bounced => (Happened.Bounced, "bounced"),
        MessageState.Unknown or MessageState.Failed or MessageState.Suppressed or MessageState.Expired => (Happened.Failed, "failed"),
        _ => null,
    };
}
