using System.Net.Sockets;
using Churn.Ingestion;
using Churn.Metrics;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Churn.Suite.Serve;

/// <summary>Says in one line why the suite cannot serve.</summary>
internal sealed class ServeException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Runs all services in this process, on one SQLite file a service and a bus in memory.</summary>
internal sealed class SuiteServer : IAsyncDisposable
{
    /// <summary>Gives how long what was taken may take to finish.</summary>
    public static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(25);

    private readonly WebApplication _app;
    private readonly DataFolder _folder;

    private SuiteServer(WebApplication app, DataFolder folder) => (_app, _folder) = (app, folder);

    /// <summary>Gives the address that clients call.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Gives the whole path of the data folder.</summary>
    public string Folder => _folder.Path;

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts serving; returns when calls are taken and the ledger is loaded.</summary>
    /// <param name="options">Where.</param>
    /// <param name="change">Puts other services in the place of the usual ones.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ServeException">It cannot serve there.</exception>
    public static async Task<SuiteServer> StartAsync(
        SuiteOptions options, Action<IServiceCollection>? change = null, CancellationToken cancellationToken = default)
    {
        var folder = OpenFolder(options.Data);
        try
        {
            // Asked first: nothing is begun that a busy port would cut short.
            using (var listener = new TcpListener(options.Listen))
            {
                listener.Start();
            }

            var app = Build(options, folder.Path, change);
            try
            {
                await app.StartAsync(cancellationToken);
                await LoadedAsync(app, cancellationToken);
                return new SuiteServer(app, folder);
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        }
        catch (Exception e)
        {
            folder.Dispose();
            throw e switch
            {
                StorageException => new ServeException(e.Message, e),
                IOException or SocketException => new ServeException(
                    $"{options.Listen} cannot be listened on ({(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}); end the program that does, or choose another with --listen", e),
                _ => e,
            };
        }
    }

    /// <summary>Waits until the process is told to end or the server stops.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static DataFolder OpenFolder(string? path)
    {
        try
        {
            return DataFolder.Open(path);
        }
        catch (StorageException e)
        {
            throw new ServeException(e.Message, e);
        }
    }

    private static WebApplication Build(SuiteOptions options, string folder, Action<IServiceCollection>? change)
    {
        // Settings of whatever folder the command is called in are not meant for it.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Warning);
        // A start that fails is told in one line, and a server that loads is no failure: health answers whoever asks.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddFilter("MassTransit", LogLevel.Error);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestDrain);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(options.Listen, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddIngestion(new IngestionOptions { DataFolder = folder });
        builder.Services.AddMetrics(new MetricsOptions { DataFolder = folder });
        change?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapGrpcDefaults();
        app.MapIngestion();
        app.MapMetrics();
        app.MapStreams();
        return app;
    }

    private static async Task LoadedAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var progress = app.Services.GetRequiredService<ILedgerProgress>();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        while (!progress.IsReady)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, either.Token);
        }
    }
}
