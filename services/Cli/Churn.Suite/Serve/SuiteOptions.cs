using System.Net;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Tls;

namespace Churn.Suite.Serve;

/// <summary>Says where the suite serves, and where its data is.</summary>
internal sealed record SuiteOptions
{
    /// <summary>Gives the address that calls come to; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>Gives the address of probes and of the pages that mails link to; port 0 takes a free one.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Gives the services that run here.</summary>
    public ServiceSet Services { get; init; } = ServiceSet.All;

    /// <summary>Gives where the services are that do not run here.</summary>
    public IReadOnlyDictionary<ServiceSet, Uri> Peers { get; init; } = new Dictionary<ServiceSet, Uri>();

    /// <summary>Gives the PostgreSQL that holds the data; null for files in the data folder.</summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>Gives the RabbitMQ that carries news between processes; null where all services run here.</summary>
    public RabbitMqOptions? RabbitMq { get; init; }

    /// <summary>Gives the Redis that holds the sums of rolling windows; null for this process's memory.</summary>
    public string? Redis { get; init; }

    /// <summary>Gives where other processes reach this one; null for the address that it listens on.</summary>
    public Uri? Advertise { get; init; }

    /// <summary>Gives the data folder; null for the user's own.</summary>
    public string? Data { get; init; }

    /// <summary>Gives whether callers show a key.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>Gives the files of TLS; null for none.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Gives how other services are known, and this one to them; null for what the system knows.</summary>
    public ClientTls? PeerTls { get; init; }

    /// <summary>Gives the mail server, with its password; null for the development mailbox.</summary>
    public string? Smtp { get; init; }

    /// <summary>Gives from whom mails are; null for the usual sender.</summary>
    public string? MailFrom { get; init; }

    /// <summary>Gives the address under which recipients reach <see cref="Http"/>; null where they reach it itself.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Gives when nobody is sent anything, on the recipient's clock; null for never.</summary>
    public (TimeOnly From, TimeOnly To)? QuietHours { get; init; }

    /// <summary>Gives how long after its first failure a message is tried again; null for the usual time.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gives the secret that webhooks are signed with; null for one of its own in the data folder.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>Tells whether webhooks may go into private networks, and by http.</summary>
    public bool AllowPrivateWebhooks { get; init; }

    /// <summary>Gives the share of customers that are held out of all playbooks.</summary>
    public double GlobalHoldout { get; init; }

    /// <summary>Gives what is called when calls are taken and the ledger is still being read, if that takes long.</summary>
    public Action? Loading { get; init; }

    /// <summary>Gives how long calls are still taken when the end has begun, so that whoever sends them can hear of it; null for the usual time.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>Gives that time: none for a process that is alone, whose callers have nowhere else to go.</summary>
    public TimeSpan GraceOrUsual => Grace ?? (Postgres is null ? TimeSpan.Zero : TimeSpan.FromSeconds(3));

    /// <summary>Gives the age at which a connection takes no new calls.</summary>
    public TimeSpan ConnectionAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tells whether more than warnings is logged.</summary>
    public bool Verbose { get; init; }
}
