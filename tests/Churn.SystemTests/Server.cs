using System.Diagnostics;
using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Grpc.Net.Client;

namespace Churn.SystemTests;

/// <summary>Runs <c>churn serve</c> as a process of its own, on a free port.</summary>
internal sealed class Server : IDisposable
{
    private readonly Process _process;
    private readonly GrpcChannel _channel;

    private Server(Process process, string address, string httpAddress)
    {
        (_process, Address, HttpAddress) = (process, address, httpAddress);
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Ingestion = new IngestionService.IngestionServiceClient(_channel);
        Playbooks = new PlaybooksService.PlaybooksServiceClient(_channel);
        Notifications = new NotificationsService.NotificationsServiceClient(_channel);
        Metrics = new MetricsService.MetricsServiceClient(_channel);
    }

    public string Address { get; }

    public string HttpAddress { get; }

    public IngestionService.IngestionServiceClient Ingestion { get; }

    public MetricsService.MetricsServiceClient Metrics { get; }

    public PlaybooksService.PlaybooksServiceClient Playbooks { get; }

    public NotificationsService.NotificationsServiceClient Notifications { get; }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="before">A program with its arguments that runs it, strace for instance.</param>
    public static Task<Server> StartAsync(string folder, params string[] before) => StartAsync(folder, [], before);

    /// <summary>Starts it with more options.</summary>
    public static async Task<Server> StartAsync(string folder, string[] options, string[] before)
    {
        string[] command =
        [
            .. before, "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll"), "serve", "--data", folder, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
            .. options,
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var process = Process.Start(start)!;
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var ready = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        const string mark = "gRPC on ";
        if (ready?.IndexOf(mark, StringComparison.Ordinal) is not (>= 0 and var at))
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            throw new InvalidOperationException($"churn serve did not start: {ready}{errors}");
        }

        var words = ready[(at + mark.Length)..].Split(", ");
        return new Server(process, words[0], words[1]["HTTP on ".Length..]);
    }

    /// <summary>Ends it as a crash does: nothing of it runs any more when this returns.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>Tells it to end, and gives its exit status.</summary>
    public async Task<int> StopAsync()
    {
        await TellAsync();
        return await EndedAsync();
    }

    /// <summary>Tells it to end.</summary>
    public async System.Threading.Tasks.Task TellAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until it has ended, and gives its exit status.</summary>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _channel.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
