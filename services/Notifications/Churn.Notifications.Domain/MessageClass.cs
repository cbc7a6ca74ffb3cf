namespace Churn.Notifications.Domain;

/// <summary>Names what a message is, as the law sees it.</summary>
public enum MessageClass : byte
{
    /// <summary>Says that it is anything that does not belong to a contract: it carries a way to unsubscribe, which is obeyed.</summary>
    Marketing,

    /// <summary>Belongs to a contract: it is sent whatever the person has unsubscribed from.</summary>
    Transactional,
}
