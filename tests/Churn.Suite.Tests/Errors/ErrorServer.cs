using System.Net;
using Churn.Suite.Serve;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Churn.Suite.Tests.Errors;

/// <summary>Is a real server in this process, every method of which can be called with bytes, and whose stores can be broken.</summary>
internal sealed class ErrorServer : IAsyncDisposable
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    private readonly DirectoryInfo _folder;
    private readonly SuiteServer _server;

    private ErrorServer(DirectoryInfo folder, SuiteServer server)
    {
        (_folder, _server) = (folder, server);
        Channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
    }

    public GrpcChannel Channel { get; }

    /// <summary>Gives every method of the suite's own services.</summary>
    public static IReadOnlyList<MethodDescriptor> Methods { get; } =
    [
        .. typeof(Ingestion.V1.IngestionReflection).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>()
            .SelectMany(file => file.Services).Where(service => service.FullName.StartsWith("churn.", StringComparison.Ordinal)).SelectMany(service => service.Methods),
    ];

    public static async Task<ErrorServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("churn-errors-");
        return new ErrorServer(folder, await SuiteServer.StartAsync(
            new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = folder.FullName },
            services => services.RemoveAll<ILoggerProvider>(),
            TestContext.Current.CancellationToken));
    }

    /// <summary>Takes every table away from under the services.</summary>
    public void BreakStores()
    {
        foreach (var file in _folder.GetFiles("*.db"))
        {
            using var sqlite = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file.FullName, Pooling = false, DefaultTimeout = 10 }.ConnectionString);
            sqlite.Open();
            using var command = sqlite.CreateCommand();
            command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            var tables = new List<string>();
            using (var rows = command.ExecuteReader())
            {
                while (rows.Read())
                {
                    tables.Add(rows.GetString(0));
                }
            }

            foreach (var table in tables)
            {
                command.CommandText = $"ALTER TABLE \"{table}\" RENAME TO \"gone_{table}\"";
                command.ExecuteNonQuery();
            }
        }
    }

    /// <summary>Calls a method; gives why it failed, or null where it did not, or had not after a while.</summary>
    public async Task<RpcException?> CallAsync(MethodDescriptor descriptor, byte[] request)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(1.5));
        var type = (descriptor.IsClientStreaming, descriptor.IsServerStreaming) switch
        {
            (false, false) => MethodType.Unary,
            (false, true) => MethodType.ServerStreaming,
            (true, false) => MethodType.ClientStreaming,
            _ => MethodType.DuplexStreaming,
        };
        var method = new Method<byte[], byte[]>(type, descriptor.Service.FullName, descriptor.Name, Bytes, Bytes);
        var options = new CallOptions(cancellationToken: patience.Token);
        try
        {
            switch (type)
            {
                case MethodType.Unary:
                    await Channel.CreateCallInvoker().AsyncUnaryCall(method, null, options, request);
                    return null;
                case MethodType.ServerStreaming:
                    using (var call = Channel.CreateCallInvoker().AsyncServerStreamingCall(method, null, options, request))
                    {
                        await call.ResponseStream.MoveNext(patience.Token);
                        return null;
                    }

                default:
                    using (var call = Channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, options))
                    {
                        await call.RequestStream.WriteAsync(request, patience.Token);
                        await call.RequestStream.CompleteAsync();
                        while (await call.ResponseStream.MoveNext(patience.Token))
                        {
                        }

                        return null;
                    }
            }
        }
        catch (RpcException exception) when (exception.StatusCode != StatusCode.Cancelled || !patience.IsCancellationRequested)
        {
            return exception;
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
