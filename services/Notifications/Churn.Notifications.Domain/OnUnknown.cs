namespace Churn.Notifications.Domain;

/// <summary>Names what is done when a provider may have taken a message or not.</summary>
public enum OnUnknown : byte
{
    /// <summary>Leaves it: at most once.</summary>
    Leave = 1,

    /// <summary>Sends it again with the same id: at least once.</summary>
    Resend = 2,
}
