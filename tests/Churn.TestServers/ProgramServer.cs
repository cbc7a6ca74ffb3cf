namespace Churn.TestServers;

/// <summary>Runs any program as a server for a test.</summary>
public sealed class ProgramServer : TestServer
{
    private readonly string[] _line;
    private readonly string _ready;

    private ProgramServer(string name, string[] line, string ready)
        : base(name) => (_line, _ready) = (line, ready);

    private protected override ServerCommand Command => new(_line, _ready);

    /// <summary>Starts one.</summary>
    /// <param name="name">What it is called in errors.</param>
    /// <param name="line">The program and its arguments; "{folder}" in them is replaced.</param>
    /// <param name="ready">What it writes when it can be called.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static Task<ProgramServer> StartAsync(string name, IEnumerable<string> line, string ready, CancellationToken cancellationToken)
    {
        var server = new ProgramServer(name, [.. line], ready);
        for (var i = 0; i < server._line.Length; i++)
        {
            server._line[i] = server._line[i].Replace("{folder}", server.Folder, StringComparison.Ordinal);
        }

        return StartAsync(server, () => Task.CompletedTask, cancellationToken);
    }
}
