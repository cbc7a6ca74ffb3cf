using System.Security.Cryptography;
using Xunit;

namespace Churn.TestServers;

/// <summary>Runs a RabbitMQ node without plugins, with an Erlang of its own: its name, cookie, ports and directory of nodes meet no other's.</summary>
public sealed class RabbitMqServer : TestServer
{
    /// <summary>Names its administrator.</summary>
    public const string User = "churn";

    /// <summary>Gives the administrator's password.</summary>
    public const string Password = "churn-test";

    private const string Bin = "/usr/lib/rabbitmq/bin";

    private readonly EpmdServer _epmd;
    private readonly bool _ownsEpmd;

    internal RabbitMqServer(EpmdServer epmd, bool ownsEpmd)
        : base("rabbitmq") => (_epmd, _ownsEpmd) = (epmd, ownsEpmd);

    /// <summary>Gives why there is none on this machine, or null.</summary>
    public static string? Missing { get; } =
        Programs.Lacking(Programs.Find("rabbitmq-server", Bin), "RabbitMQ", "rabbitmq-server") ?? Programs.Lacking(EpmdServer.Program, "Erlang", "erlang-base");

    /// <summary>Gives its port of 127.0.0.1.</summary>
    public int Port { get; } = FreePorts.Next();

    /// <summary>Gives its address with the administrator's name and password.</summary>
    public string Address => $"amqp://{User}:{Password}@127.0.0.1:{Text(Port)}";

    internal string Node => $"churn{Text(Port)}@localhost";

    private int DistributionPort { get; } = FreePorts.Next();

    private protected override ServerCommand Command => new([Path.Combine(Bin, "rabbitmq-server")], "completed with ") { Environment = Surroundings };

    private Dictionary<string, string> Surroundings => new()
    {
        ["HOME"] = Folder,
        ["RABBITMQ_NODENAME"] = Node,
        ["RABBITMQ_BASE"] = Folder,
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "rabbitmq.conf"),
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(Folder, "rabbitmq-env.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "enabled_plugins"),
        ["RABBITMQ_DIST_PORT"] = Text(DistributionPort),
        ["RABBITMQ_CTL_ERL_ARGS"] = "+sbwt none",
        ["ERL_EPMD_PORT"] = Text(_epmd.Port),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        // Idle schedulers of Erlang spin otherwise, and the tests share the processors with it.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
    };

    /// <summary>Starts a node; where none is installed, the test is skipped.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="configuration">More lines of rabbitmq.conf; "{folder}" in them is replaced.</param>
    public static async Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken, params string[] configuration)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        var server = new RabbitMqServer(await EpmdServer.StartAsync(cancellationToken), ownsEpmd: true);
        return await StartAsync(server, RandomNumberGenerator.GetHexString(20), configuration, cancellationToken);
    }

    /// <summary>Executes a command of rabbitmqctl, and gives its output.</summary>
    public async Task<string> ExecuteAsync(CancellationToken cancellationToken, params string[] command) =>
        (await RunAsync([Path.Combine(Bin, "rabbitmqctl"), "--quiet", .. command], Surroundings, cancellationToken)).TrimEnd('\n');

    /// <summary>Kills the node and takes away all that it has stored, as a lost disk does.</summary>
    public void LoseDisk()
    {
        Kill();
        Directory.Delete(Path.Combine(Folder, "mnesia"), recursive: true);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_ownsEpmd)
        {
            await _epmd.DisposeAsync();
        }
    }

    internal static Task<RabbitMqServer> StartAsync(RabbitMqServer server, string secret, IEnumerable<string> configuration, CancellationToken cancellationToken) =>
        StartAsync(server, () => server.ConfigureAsync(secret, configuration, cancellationToken), cancellationToken);

    private async Task ConfigureAsync(string secret, IEnumerable<string> configuration, CancellationToken cancellationToken)
    {
        var cookie = Path.Combine(Folder, ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, secret, cancellationToken);
        await RunAsync(["chmod", "400", cookie], [], cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, "enabled_plugins"), "[].\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Folder, "rabbitmq-env.conf"), "", cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{Text(Port)}
            default_user = {User}
            default_pass = {Password}
            disk_free_limit.absolute = 50MB
            {string.Join('\n', configuration.Select(line => line.Replace("{folder}", Folder, StringComparison.Ordinal)))}

            """,
            cancellationToken);
    }
}
