using System.Diagnostics;
using System.Globalization;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Churn.Streams.V1;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Churn.Benchmarks;

/// <summary>Runs <c>./churn serve</c> on a folder and a free port; the launcher gives its place to the program.</summary>
internal sealed class LiveServer : IDisposable
{
    private readonly Process _process;
    private readonly GrpcChannel _channel;

    public LiveServer(string folder)
        : this(["--data", folder, "--listen", "127.0.0.1:0"])
    {
    }

    private LiveServer(string[] options)
    {
        _process = Process.Start(Whole.Command("./churn", ["serve", "--http", "127.0.0.1:0", .. options]))!;
        var ready = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(_process.StandardError.ReadToEnd());
        const string mark = "gRPC on ";
        Address = ready[(ready.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..];
        Address = Address[..Address.IndexOf(',', StringComparison.Ordinal)];
        _channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Ingestion = new IngestionService.IngestionServiceClient(_channel);
        Metrics = new MetricsService.MetricsServiceClient(_channel);
        Playbooks = new PlaybooksService.PlaybooksServiceClient(_channel);
        Notifications = new NotificationsService.NotificationsServiceClient(_channel);
        Streams = new StreamService.StreamServiceClient(_channel);
        Health = new Health.HealthClient(_channel);
    }

    /// <summary>Runs one service by itself; others must know its port, so that one is chosen that is free.</summary>
    public static LiveServer Apart(string service, string[] options) =>
        new(["--services", service, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{TestServers.FreePorts.Next()}"), .. options]);

    public string Address { get; }

    /// <summary>Gives the seconds of processors that it has used.</summary>
    public double CpuSeconds => _process.TotalProcessorTime.TotalSeconds;

    public IngestionService.IngestionServiceClient Ingestion { get; }

    public MetricsService.MetricsServiceClient Metrics { get; }

    public PlaybooksService.PlaybooksServiceClient Playbooks { get; }

    public NotificationsService.NotificationsServiceClient Notifications { get; }

    public StreamService.StreamServiceClient Streams { get; }

    public Health.HealthClient Health { get; }

    /// <summary>Gives the resident memory in MiB.</summary>
    public double ResidentMebibytes => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(l => double.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024).Single();

    /// <summary>Ends it as a crash does.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _channel.Dispose();
        if (_process.HasExited)
        {
            _process.Dispose();
            return;
        }

        using (var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            signal.WaitForExit();
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
