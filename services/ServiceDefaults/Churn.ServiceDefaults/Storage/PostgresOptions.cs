namespace Churn.ServiceDefaults.Storage;

/// <summary>Says how PostgreSQL is reached, and how long it may take.</summary>
public sealed record PostgresOptions
{
    /// <summary>Gives the connection string: of a server, or of a pooler before it that shares connections between transactions.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Gives the connection string of the server itself, where <see cref="ConnectionString"/> is that of a pooler.</summary>
    public string? Direct { get; init; }

    /// <summary>Gives where it is, without the password.</summary>
    public string Shown => PostgresDsn.Shown(PostgresDsn.Parse(Direct ?? ConnectionString, nameof(ConnectionString), "churn", prepares: false));

    /// <summary>Gives how long one statement may run.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives how long a statement may wait for a lock.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gives how long a transaction may stand idle, for example because its process is frozen, before it is ended.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
