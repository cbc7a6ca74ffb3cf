namespace Churn.Notifications.Domain;

/// <summary>Names the way a message takes.</summary>
public enum Channel : byte
{
    /// <summary>Is e-mail by SMTP.</summary>
    Email = 1,

    /// <summary>Is a signed POST to a system; it disturbs nobody, so what a person wants does not bear on it.</summary>
    Webhook = 2,

    /// <summary>Is the inbox within the product.</summary>
    InApp = 3,
}
