using System.Net;
using Churn.Ingestion.V1;
using Churn.Notifications.Pages;
using Churn.Notifications.Storage;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Churn.Notifications.Tests.Hosting;

/// <summary>The service on ports of its own, with a stream of requests and an ingestion that the test looks into.</summary>
internal sealed class NotifyServer : IAsyncDisposable
{
    private const string Playbooks = "playbooks";

    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private NotifyServer(WebApplication app, KeptFacts facts)
    {
        _app = app;
        Facts = facts;
        _channel = GrpcChannel.ForAddress(app.Urls.First());
        Client = new NotificationsService.NotificationsServiceClient(_channel);
        Pages = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Last()) };
    }

    public NotificationsService.NotificationsServiceClient Client { get; }

    public HttpClient Pages { get; }

    public KeptFacts Facts { get; }

    public NotificationsStore Store => _app.Services.GetRequiredService<NotificationsStore>();

    public StreamConsumer Consumer => _app.Services.GetRequiredKeyedService<StreamConsumer>(NotificationsHost.Requests);

    public static async Task<NotifyServer> StartAsync(
        TempFolder folder, Func<NotificationsOptions, NotificationsOptions>? change = null, TimeProvider? clock = null, KeptFacts? facts = null)
    {
        facts ??= new KeptFacts();
        WebApplication? app = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddSingleton(facts);
        builder.Services.AddSingleton(_ => new IngestionService.IngestionServiceClient(GrpcChannel.ForAddress(app!.Urls.First())));
        builder.Services.AddDatabase(_ => folder.File("playbooks.db"), new DatabaseOptions { Name = Playbooks, Migrations = [StreamLog.Schema(NotificationsHost.Requests)] });
        builder.Services.AddStreamLog(NotificationsHost.Requests, Playbooks);
        var options = new NotificationsOptions { DataFolder = folder.Path, From = "Acme <hello@acme.example>", PublicUrl = () => app!.Urls.Last(), AllowPrivateNetworks = true };
        builder.Services.AddNotifications(change?.Invoke(options) ?? options);
        app = builder.Build();
        app.MapGrpcDefaults();
        app.MapNotifications();
        app.MapNotificationPages();
        app.MapGrpcService<KeptFacts>();
        await app.StartAsync();
        return new NotifyServer(app, facts);
    }

    /// <summary>Asks for messages as a playbook does: by the stream.</summary>
    public void Request(params IReadOnlyList<SendRequest> requests) => RequestBytes([.. requests.Select(request => request.ToByteArray())]);

    public void RequestBytes(params IReadOnlyList<byte[]> records)
    {
        var log = _app.Services.GetRequiredKeyedService<StreamLog>(NotificationsHost.Requests);
        _app.Services.GetRequiredKeyedService<Database>(Playbooks).Write(connection =>
        {
            var append = log.Append(connection);
            foreach (var record in records)
            {
                append.Add(3, Tenants.Default, record);
            }

            append.Complete();
        });
    }

    public async Task<Message> SendAsync(SendRequest request) => (await Client.SendAsync(request)).Message;

    public async Task<GetMessageResponse> GetAsync(string key) => await Client.GetMessageAsync(new GetMessageRequest { Key = key });

    public async Task<GetMessageResponse> ReachAsync(string key, params MessageState[] states)
    {
        GetMessageResponse? found = null;
        await Eventually.IsAsync(
            async () =>
            {
                try
                {
                    found = await GetAsync(key);
                    return states.Contains(found.Message.State);
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
                {
                    return false;
                }
            },
            $"{key} to be {string.Join(" or ", states)}; it is {found}");
        return found!;
    }

    public Task PutAsync(string document) => Client.PutTemplateAsync(new PutTemplateRequest { Document = document, File = "test.yaml" }).ResponseAsync;

    public async ValueTask DisposeAsync()
    {
        Pages.Dispose();
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
