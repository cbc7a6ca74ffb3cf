using Xunit;

namespace Churn.TestServers;

/// <summary>Runs a Redis that appends every write to a file.</summary>
public sealed class RedisServer : TestServer
{
    private static readonly string? Program = Programs.Find("redis-server");
    private readonly string[] _arguments;

    private RedisServer(string[] arguments)
        : base("redis") => _arguments = arguments;

    /// <summary>Gives why there is none on this machine, or null.</summary>
    public static string? Missing { get; } = Programs.Lacking(Program, "Redis", "redis-server");

    /// <summary>Gives its port of 127.0.0.1.</summary>
    public int Port { get; } = FreePorts.Next();

    /// <summary>Gives host and port, which is a configuration of StackExchange.Redis.</summary>
    public string Endpoint => $"127.0.0.1:{Text(Port)}";

    private protected override ServerCommand Command => new(
        [Program!, "--bind", "127.0.0.1", "--port", Text(Port), "--dir", Folder, "--appendonly", "yes", "--save", "", .. _arguments.Select(Placed)], "Ready to accept connections");

    /// <summary>Starts one; where none is installed, the test is skipped.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="arguments">More arguments, such as "--maxmemory", "10mb"; "{port}" and "{folder}" in them are replaced.</param>
    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return await StartAsync(new RedisServer(arguments), () => Task.CompletedTask, cancellationToken);
    }

    /// <summary>Executes a command with Redis's own client, and gives the answer, be it an error.</summary>
    public async Task<string> ExecuteAsync(CancellationToken cancellationToken, params string[] command) =>
        (await RunAsync([Programs.Find("redis-cli")!, "-h", "127.0.0.1", "-p", Text(Port), .. command], [], cancellationToken)).TrimEnd('\n');

    private string Placed(string argument) =>
        argument.Replace("{port}", Text(Port), StringComparison.Ordinal).Replace("{folder}", Folder, StringComparison.Ordinal);
}
