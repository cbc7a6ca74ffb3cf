using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Google.Protobuf;

namespace Churn.Notifications.Sending.Webhooks;

/// <summary>Posts webhooks. A receiver knows a repetition by webhook-id, so what was not answered is posted again.</summary>
internal sealed class WebhookSender : IProvider, IDisposable
{
    private readonly Lazy<WebhookSigner> _signer;
    private readonly NotificationsOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public WebhookSender(Lazy<WebhookSigner> signer, NotificationsOptions options, TimeProvider clock)
    {
        (_signer, _options, _clock) = (signer, options, clock);

        // A proxy would connect for us, to wherever a name leads; a redirect would lead on to where nobody looked.
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<Outcome> SendAsync(MessageRow message, Action handOver, CancellationToken cancellationToken)
    {
        var now = _clock.Now();
        var body = Body(message);
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Request.WebhookUrl) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.TryAddWithoutValidation("webhook-id", message.Id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", _signer.Value.Sign(message.Id, timestamp, body));
        request.Headers.UserAgent.ParseAdd("churn-notifications");
        using var patience = new CancellationTokenSource(_options.ProviderTimeout, _clock);
        await using var hurry = cancellationToken.Register(patience.Cancel);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return HttpReply.Outcome((int)response.StatusCode, RetryAfter(response, now));
        }
        catch (HttpRequestException e) when (e.InnerException is PrivateAddressException closed)
        {
            return new Outcome(OutcomeKind.Permanent, $"ADDRESS_PRIVATE: {closed.Message}");
        }
        catch (HttpRequestException e)
        {
            return new Outcome(OutcomeKind.Transient, $"the receiver cannot be reached: {e.Message.ReplaceLineEndings(" ")}");
        }
        catch (OperationCanceledException)
        {
            return new Outcome(OutcomeKind.Transient, "the receiver does not answer in time");
        }
    }

    public void Dispose() => _client.Dispose();

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };

    private static byte[] Body(MessageRow message)
    {
        var request = message.Request;
        var body = new JsonObject
        {
            ["type"] = "churn.message",
            ["timestamp"] = message.CreateTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["data"] = new JsonObject
            {
                ["message_id"] = message.Id,
                ["customer_id"] = request.Recipient.CustomerId,
                ["contact_id"] = request.Recipient.ContactId,
                ["playbook"] = request.Playbook,
                ["run_id"] = request.RunId,
                ["template"] = request.Template,
                ["subject"] = message.Subject,
                ["text"] = message.Text,
                ["variables"] = request.Variables is null ? new JsonObject() : JsonNode.Parse(JsonFormatter.Default.Format(request.Variables)),
            },
        };
        return System.Text.Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    // Looked at here and not before: a name may lead somewhere else by the time it is connected to.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        if (!_options.AllowPrivateNetworks && Array.Find(addresses, PrivateNetworks.Contains) is { } closed)
        {
            throw new PrivateAddressException($"{host} leads to {closed}, in a private network or this machine, where webhooks are not sent");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Says that an address lies where webhooks are not sent.</summary>
    private sealed class PrivateAddressException(string message) : Exception(message);
}
