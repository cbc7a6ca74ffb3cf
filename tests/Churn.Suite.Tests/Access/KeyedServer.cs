using System.CommandLine;
using System.Net;
using System.Text;
using Churn.Cli.Report;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Churn.Suite.Admin;
using Churn.Suite.Serve;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Suite.Tests.Access;

/// <summary>Serves the suite, which asks for keys, from a temporary folder.</summary>
internal sealed class KeyedServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-access-").FullName;
    private readonly List<GrpcChannel> _channels = [];

    private KeyedServer()
    {
    }

    public SuiteServer Suite { get; private set; } = null!;

    public string Admin { get; private set; } = "";

    public static async Task<KeyedServer> StartAsync(TimeProvider? clock = null)
    {
        var server = new KeyedServer();

        // The first key is made before there is a server.
        server.Admin = (await server.LocalAsync("keys", "create", "--scope", "admin")).Output.Trim();
        server.Suite = await SuiteServer.StartAsync(
            new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = server._folder, Access = new AccessOptions { RequireKeys = true } },
            services =>
            {
                if (clock is not null)
                {
                    services.AddSingleton(clock);
                }
            },
            TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Runs <c>churn admin</c> on the store.</summary>
    public Task<(int Status, string Output, string Error)> LocalAsync(params string[] arguments) => RunAsync([.. arguments, "--data", _folder]);

    /// <summary>Runs <c>churn admin</c> on the server, with a key.</summary>
    public Task<(int Status, string Output, string Error)> AskAsync(string? key, params string[] arguments) =>
        RunAsync([.. arguments, "--address", Suite.Address, .. key is null ? Array.Empty<string>() : ["--key", key]]);

    /// <summary>Makes a key.</summary>
    public async Task<string> KeyAsync(string tenant, params string[] scopes)
    {
        var made = await AskAsync(Admin, ["keys", "create", "--tenant", tenant, .. scopes.SelectMany(scope => new[] { "--scope", scope })]);
        Assert.True(made.Status == 0, made.Error);
        return made.Output.Trim();
    }

    /// <summary>Gives what calls with a key.</summary>
    public CallInvoker Calls(string? key)
    {
        var channel = GrpcChannel.ForAddress(Suite.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        _channels.Add(channel);
        return key is null ? channel.CreateCallInvoker() : channel.Intercept(metadata =>
        {
            metadata.Add(AccessHeaders.Authorization, AccessHeaders.Bearer + key);
            return metadata;
        });
    }

    public static string ReasonOf(RpcException failure) => failure.ToRichStatus()?.Details.FirstOrDefault(detail => detail.Is(ErrorInfo.Descriptor))?.Unpack<ErrorInfo>().Reason ?? "";

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(channel => channel.Dispose());
        if (Suite is not null)
        {
            await Suite.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var streams = new ReportStreams(() => new MemoryStream(), output, error, _ => null, null);
        var parsed = AdminCommand.Create(streams, environment: _ => null).Parse(arguments);
        Assert.Empty(parsed.Errors);
        var status = await parsed.InvokeAsync(new InvocationConfiguration { Output = error, Error = error }, TestContext.Current.CancellationToken);
        return (status, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
