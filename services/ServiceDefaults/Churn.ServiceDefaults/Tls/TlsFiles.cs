namespace Churn.ServiceDefaults.Tls;

/// <summary>Names the files, in PEM, by which a server shows who it is, and by which it knows its callers.</summary>
public sealed record TlsFiles
{
    /// <summary>Gives the server's certificate, followed by those that lead to its authority.</summary>
    public required string Certificate { get; init; }

    /// <summary>Gives the key of the certificate.</summary>
    public required string Key { get; init; }

    /// <summary>Gives the authorities whose certificates callers must show; null where callers show none.</summary>
    public string? ClientAuthorities { get; init; }
}

/// <summary>Says in one line what is wrong with a file of TLS, and what to do.</summary>
/// <param name="message">One line for the operator.</param>
/// <param name="inner">What was thrown below.</param>
public sealed class TlsException(string message, Exception? inner = null) : Exception(message, inner);
