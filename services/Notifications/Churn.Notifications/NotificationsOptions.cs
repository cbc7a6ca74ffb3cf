using Churn.ServiceDefaults.Storage;
using Churn.Notifications.Domain;

namespace Churn.Notifications;

/// <summary>Says how the notifications service is set up.</summary>
internal sealed record NotificationsOptions
{
    /// <summary>Gives the folder of the database and of the webhooks' secret.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Gives the PostgreSQL that holds it instead of a file; null for a file.</summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>Gives the name under which leases are held; the same one takes its own back at once after a crash.</summary>
    public string Owner { get; init; } = "embedded";

    /// <summary>Gives where other replicas call this one.</summary>
    public string Address { get; init; } = "";

    /// <summary>Gives the mail server, smtp://user:password@host:587?tls=starttls|required|none or smtps://...; null keeps mails in the development mailbox.</summary>
    public string? Smtp { get; init; }

    /// <summary>Gives from whom mails are: an address, or a name with one in angle brackets.</summary>
    public string From { get; init; } = "Churn <churn@localhost.example>";

    /// <summary>Gives the address under which recipients reach the pages, without a slash at its end; asked when a mail is made.</summary>
    public Func<string?> PublicUrl { get; init; } = () => null;

    /// <summary>Gives the quiet hours of those who have none of their own; null for none.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>Gives how many marketing messages a person may have; null for any number.</summary>
    public SendingCap? Cap { get; init; } = new(3, TimeSpan.FromDays(7));

    /// <summary>Gives when failed tries are made again.</summary>
    public RetryPolicy Retries { get; init; } = RetryPolicy.Usual;

    /// <summary>Gives how many messages are handed to providers at the same time.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>Gives how long a provider may take for one step of its protocol.</summary>
    public TimeSpan ProviderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives what webhooks are signed with, whsec_ and base64; null for a secret made at the first start, in the file webhook-secret of the data folder.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>Tells whether webhooks may go into private networks, and by http: for development and tests.</summary>
    public bool AllowPrivateNetworks { get; init; }

    /// <summary>Gives the seed of the chance in waits, so that replicas do not all come at once.</summary>
    public int Seed { get; init; }
}
