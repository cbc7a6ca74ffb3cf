using System.Net.Http.Json;
using Xunit;

namespace Churn.TestServers;

/// <summary>Runs a toxiproxy: what stands between a client and a server and makes the network bad.</summary>
public sealed class Toxiproxy : TestServer
{
    private static readonly string? Program = Programs.Find("toxiproxy-server");
    private readonly HttpClient _client;

    private Toxiproxy()
        : base("toxiproxy") => _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Text(Port)}") };

    /// <summary>Gives why there is none on this machine, or null.</summary>
    public static string? Missing { get; } = Program is null ? "toxiproxy-server is not on PATH" : null;

    /// <summary>Gives the port of its own API.</summary>
    public int Port { get; } = FreePorts.Next();

    private protected override ServerCommand Command => new([Program!, "-host", "127.0.0.1", "-port", Text(Port)], "Starting HTTP server");

    /// <summary>Starts one; where none is installed, the test is skipped.</summary>
    public static async Task<Toxiproxy> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        var server = new Toxiproxy();
        await StartAsync(server, () => Task.CompletedTask, cancellationToken);
        while (true)
        {
            try
            {
                // It says that it starts before it listens.
                await server._client.GetStringAsync("/version", cancellationToken);
                return server;
            }
            catch (HttpRequestException) when (server.IsRunning)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Opens a way to a server, and gives its port of 127.0.0.1.</summary>
    public async Task<int> OpenAsync(string name, int serverPort, CancellationToken cancellationToken)
    {
        var port = FreePorts.Next();
        await SendAsync(HttpMethod.Post, "/proxies", new { name, listen = $"127.0.0.1:{Text(port)}", upstream = $"127.0.0.1:{Text(serverPort)}", enabled = true }, cancellationToken);
        return port;
    }

    /// <summary>Cuts a way: its connections end, and new ones are refused.</summary>
    public Task CutAsync(string name, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, $"/proxies/{name}", new { enabled = false }, cancellationToken);

    /// <summary>Makes a way bad, for instance by "latency" with its "latency" and "jitter" in milliseconds.</summary>
    /// <param name="name">The way.</param>
    /// <param name="type">The type: latency, bandwidth, slow_close, timeout, reset_peer, slicer, limit_data.</param>
    /// <param name="downstream">Whether from the server to the client, or the other way.</param>
    /// <param name="attributes">The type's attributes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task AddAsync(string name, string type, bool downstream, object attributes, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"/proxies/{name}/toxics", new { type, stream = downstream ? "downstream" : "upstream", attributes }, cancellationToken);

    /// <summary>Makes all ways good again.</summary>
    public Task HealAsync(CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, "/reset", new { }, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return base.DisposeAsync();
    }

    private async Task SendAsync(HttpMethod method, string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await _client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"toxiproxy answers {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }
}
