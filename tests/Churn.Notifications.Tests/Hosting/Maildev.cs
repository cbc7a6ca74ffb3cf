using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Churn.Notifications.Tests.Hosting;

/// <summary>The mail server maildev, from npm, on free ports.</summary>
internal sealed class Maildev : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private Maildev(Process process, int port, int web)
    {
        _process = process;
        Port = port;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}") };
    }

    public int Port { get; }

    /// <summary>Gives where it is installed; null where it is not.</summary>
    public static string? Script
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Churn.sln")))
            {
                folder = Path.GetDirectoryName(folder);
            }

            var script = Path.Combine(folder ?? "", "tests", "node_modules", ".bin", "maildev");
            return File.Exists(script) ? script : null;
        }
    }

    public static async Task<Maildev> StartAsync(TempFolder folder)
    {
        var (port, web) = (FreePort(), FreePort());
        var start = new ProcessStartInfo("node") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Script!, "--silent", "--ip", "127.0.0.1", "--web-ip", "127.0.0.1", "-s", Text(port), "-w", Text(web), "--mail-directory", folder.File("maildev")])
        {
            start.ArgumentList.Add(argument);
        }

        var server = new Maildev(Process.Start(start)!, port, web);
        await Eventually.IsAsync(
            async () =>
            {
                try
                {
                    return await server.MailsAsync() is not null && await TakesAsync(port);
                }
                catch (Exception e) when (e is HttpRequestException or SocketException)
                {
                    Assert.False(server._process.HasExited);
                    return false;
                }
            },
            "maildev");
        return server;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    public async Task<JsonArray> MailsAsync() => (JsonArray)JsonNode.Parse(await _client.GetStringAsync(new Uri("/api/email", UriKind.Relative)))!;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> TakesAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        return true;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
