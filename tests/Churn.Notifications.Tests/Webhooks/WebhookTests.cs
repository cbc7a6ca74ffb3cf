using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Churn.Notifications.Sending.Webhooks;
using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Notifications.Tests.Webhooks;

public sealed class WebhookTests : IAsyncLifetime
{
    private static readonly Domain.RetryPolicy AtOnce = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4), 4);

    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<(string Id, string Timestamp, string Signature, byte[] Body)> _received = new();
    private WebApplication _receiver = null!;
    private Func<int, HttpResponse, Task> _answer = (_, _) => Task.CompletedTask;

    private string Address => $"{_receiver.Urls.Single()}/hook";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.MapPost("/hook", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers;
            _received.Enqueue((headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"]!, body.ToArray()));
            await _answer(_received.Count, context.Response);
        });
        await _receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Send_ToAReceiver_IsSignedSoThatPythonAgrees()
    {
        Assert.SkipUnless(Scripts.HasPython, "/usr/bin/python3 is not installed");
        await using var server = await NotifyServer.StartAsync(_folder);
        var message = await server.SendAsync(Request("k1"));
        await server.ReachAsync("k1", MessageState.Sent);
        var (id, timestamp, signature, body) = Assert.Single(_received);
        Assert.Equal(message.Id, id);
        var secret = (await File.ReadAllTextAsync(_folder.File(WebhookSigner.FileName))).Trim();
        Assert.Equal("right", await Scripts.PythonAsync("check_webhook.py", body, secret, id, timestamp, signature));
        Assert.Equal("wrong", await Scripts.PythonAsync("check_webhook.py", (byte[])[.. body, 32], secret, id, timestamp, signature));
        var data = JsonNode.Parse(body)!["data"]!;
        Assert.Equal(("c1", 5), ((string)data["customer_id"]!, (int)data["variables"]!["days"]!));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_folder.File(WebhookSigner.FileName)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task Send_ReceiverBusy_IsSentAgainWithTheSameIdAndBody()
    {
        _answer = (count, response) =>
        {
            response.StatusCode = count switch { 1 => 503, 2 => 429, _ => 200 };
            return Task.CompletedTask;
        };
        await using var server = await NotifyServer.StartAsync(_folder, options => options with { Retries = AtOnce });
        await server.SendAsync(Request("k1"));
        await server.ReachAsync("k1", MessageState.Sent);
        Assert.Equal(3, _received.Count);
        Assert.Single(_received.Select(call => (call.Id, Convert.ToHexString(call.Body))).Distinct());
    }

    [Theory]
    [InlineData(410, "REFUSED", "gone for good", 1)]
    [InlineData(404, "REFUSED", "404", 1)]
    [InlineData(307, "REFUSED", "a redirect, which is not followed", 1)]
    [InlineData(500, "TRIES_EXHAUSTED", "500", 4)]
    public async Task Send_ReceiverRefuses_Fails(int status, string reason, string detail, int calls)
    {
        _answer = (_, response) =>
        {
            response.StatusCode = status;
            response.Headers.Location = "/other";
            return Task.CompletedTask;
        };
        await using var server = await NotifyServer.StartAsync(_folder, options => options with { Retries = AtOnce });
        await server.SendAsync(Request("k1"));
        var failed = (await server.ReachAsync("k1", MessageState.Failed)).Message;
        Assert.Equal((reason, calls), (failed.Reason, _received.Count));
        Assert.Contains(detail, failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_RetryAfter_IsObeyed()
    {
        _answer = (_, response) =>
        {
            response.StatusCode = 503;
            response.Headers.RetryAfter = "120";
            return Task.CompletedTask;
        };
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.SendAsync(Request("k1"));
        await Eventually.IsAsync(async () => (await server.GetAsync("k1")).Message.Reason == "DEFERRED", "the refusal");
        var waiting = (await server.GetAsync("k1")).Message;
        Assert.InRange(waiting.NextTime.ToDateTimeOffset() - waiting.CreateTime.ToDateTimeOffset(), TimeSpan.FromSeconds(119), TimeSpan.FromSeconds(150));
    }

    [Fact]
    public async Task Send_ReceiverSilent_IsSentAgain()
    {
        _answer = (count, response) => count == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, response.HttpContext.RequestAborted) : Task.CompletedTask;
        await using var server = await NotifyServer.StartAsync(_folder, options => options with { Retries = AtOnce, ProviderTimeout = TimeSpan.FromMilliseconds(300) });
        await server.SendAsync(Request("k1"));
        var sent = await server.ReachAsync("k1", MessageState.Sent);
        Assert.Contains(sent.Events, e => e.Detail.Contains("does not answer in time", StringComparison.Ordinal));
    }

    // A name of this machine leads to a loopback address, which only shows when it is looked up.
    [Fact]
    public async Task Send_NameThatLeadsToAPrivateAddress_IsRefusedWhenItConnects()
    {
        var name = Dns.GetHostName();
        await using var server = await NotifyServer.StartAsync(_folder, options => options with { AllowPrivateNetworks = false, Retries = AtOnce });
        var request = Request("k1");
        request.WebhookUrl = $"https://{name}:{new Uri(Address).Port}/hook";
        Assert.SkipUnless(Uri.TryCreate(request.WebhookUrl, UriKind.Absolute, out _) && await ResolvesAsync(name), "this machine's name is not known to itself");
        await server.SendAsync(request);
        var failed = (await server.ReachAsync("k1", MessageState.Failed)).Message;
        Assert.Contains("ADDRESS_PRIVATE", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(_received);

        static async Task<bool> ResolvesAsync(string host)
        {
            try
            {
                return Array.Exists(await Dns.GetHostAddressesAsync(host), Domain.PrivateNetworks.Contains);
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void Secret_Wrong_StopsWithOneLine()
    {
        var wrong = Assert.Throws<ServiceDefaults.Storage.StorageException>(() => new WebhookSigner(new NotificationsOptions { DataFolder = _folder.Path, WebhookSecret = "secret" }));
        Assert.Contains("whsec_", wrong.Message, StringComparison.Ordinal);
    }

    private SendRequest Request(string key) => new()
    {
        Key = key,
        Channel = Channel.Webhook,
        Recipient = new Recipient { CustomerId = "c1" },
        WebhookUrl = Address,
        Variables = new Struct { Fields = { ["days"] = Value.ForNumber(5) } },
    };
}
