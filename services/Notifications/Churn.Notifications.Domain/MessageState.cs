namespace Churn.Notifications.Domain;

/// <summary>Names where a message stands.</summary>
public enum MessageState : byte
{
    /// <summary>Says that it will be sent as soon as possible, or again after a failure that may pass.</summary>
    Queued = 1,

    /// <summary>Waits for the end of quiet hours or of a cap's window.</summary>
    Held = 2,

    /// <summary>Is being handed to the provider.</summary>
    Sending = 3,

    /// <summary>Was taken over by the provider.</summary>
    Sent = 4,

    /// <summary>Says that it reached the recipient.</summary>
    Delivered = 5,

    /// <summary>Says that it may have been taken over or not: the provider did not answer.</summary>
    Unknown = 6,

    /// <summary>Says that it will not be sent: it was refused for good, or all tries failed.</summary>
    Failed = 7,

    /// <summary>Says that it will not be sent: the person does not want it, the address is suppressed, or there is none.</summary>
    Suppressed = 8,

    /// <summary>Was not sent before its expiry.</summary>
    Expired = 9,

    /// <summary>Says that it came back.</summary>
    Bounced = 10,
}
