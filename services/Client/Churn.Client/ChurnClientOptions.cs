namespace Churn.Client;

/// <summary>Says how a <see cref="ChurnClient"/> calls; every value has a default that suits a server nearby.</summary>
public sealed record ChurnClientOptions
{
    /// <summary>Gives the API key, as churn admin keys create has shown it; null for a server that asks for none.</summary>
    public string? Key { get; init; }

    /// <summary>Gives how a server is known that has a certificate, and the certificate that it is shown; null for what the system knows.</summary>
    public System.Net.Security.SslClientAuthenticationOptions? Ssl { get; init; }

    /// <summary>Gives how long a call may take that has no deadline of its own; 30 seconds by default. Streams have none.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gives how often a call is tried while the server is UNAVAILABLE: 1 (never again) to 5, the default.</summary>
    public int MostAttempts { get; init; } = 5;

    /// <summary>Gives how long the client waits before it tries again; twice as long each time, at most 2 seconds.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Tells whether reads hold everything that this client has written; true by default. A read waits for it then.</summary>
    public bool ReadsOwnWrites { get; init; } = true;

    /// <summary>Gives the clock of waits: before a batch is sent, and before a stream tries again.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gives what carries the calls, for proxies, certificates and tests; null for one of the client's own.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
