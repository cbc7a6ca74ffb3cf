namespace Churn.TestServers;

/// <summary>Runs Erlang's directory of nodes, which would otherwise be one for the machine and outlive the test.</summary>
internal sealed class EpmdServer : TestServer
{
    public static readonly string? Program = Programs.Find("epmd");

    private EpmdServer()
        : base("epmd")
    {
    }

    public int Port { get; } = FreePorts.Next();

    // It announces itself in the debug log alone; a node needs far longer to start than it does to listen.
    private protected override ServerCommand Command => new([Program!, "-d", "-address", "127.0.0.1", "-port", Text(Port)], "epmd running");

    public static Task<EpmdServer> StartAsync(CancellationToken cancellationToken) => StartAsync(new EpmdServer(), () => Task.CompletedTask, cancellationToken);
}
