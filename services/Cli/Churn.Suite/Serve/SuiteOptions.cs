using System.Net;

namespace Churn.Suite.Serve;

/// <summary>Says where the suite serves, and where its data is.</summary>
internal sealed record SuiteOptions
{
    /// <summary>Gives the address that calls come to; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>Gives the data folder; null for the user's own.</summary>
    public string? Data { get; init; }

    /// <summary>Gives what is called when calls are taken and the ledger is still being read, if that takes long.</summary>
    public Action? Loading { get; init; }

    /// <summary>Tells whether more than warnings is logged.</summary>
    public bool Verbose { get; init; }
}
