using System.Net;
using System.Net.Sockets;
using Churn.Ingestion;
using Churn.Metrics;
using Churn.Metrics.Owners;
using Churn.Metrics.Sums;
using Churn.Notifications;
using Churn.Notifications.Domain;
using Churn.Notifications.Pages;
using Churn.Playbooks;
using Churn.Playbooks.Documents;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Churn.ServiceDefaults.Telemetry;
using Churn.ServiceDefaults.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
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

    // Stores are called by threads that wait for the answer. With one thread a processor, those that wait at the start would hold up the
    // one that all wait for, until the pool grows by itself, one thread at a time.
    private const int FewestThreads = 64;

    // Of the longest drain, for what comes after the last call.
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly DataFolder? _folder;
    private readonly SuiteOptions _options;

    private SuiteServer(WebApplication app, DataFolder? folder, SuiteOptions options) => (_app, _folder, _options) = (app, folder, options);

    /// <summary>Gives the address that clients call.</summary>
    public string Address => _app.Urls.First();

    /// <summary>Gives the address of probes and pages.</summary>
    public string HttpAddress => _app.Urls.ElementAt(1);

    /// <summary>Says where the data is: the whole path of the folder, or the PostgreSQL without its password.</summary>
    public string Place => _folder?.Path ?? _options.Postgres!.Shown;

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts serving; returns when calls are taken and the ledger is loaded.</summary>
    /// <param name="options">Where.</param>
    /// <param name="change">Puts other services in the place of the usual ones.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ServeException">It cannot serve there.</exception>
    public static async Task<SuiteServer> StartAsync(
        SuiteOptions options, Action<IServiceCollection>? change = null, CancellationToken cancellationToken = default)
    {
        DataFolder? folder = null;
        WebApplication? app = null;
        try
        {
            folder = options.Postgres is null ? DataFolder.Open(options.Data) : null;

            // Asked first: nothing is begun that a busy port would cut short.
            Ask(options.Listen, "--listen");
            Ask(options.Http, "--http");

            var progress = new Progress();
            app = Build(options, folder?.Path ?? "", change, progress);
            await app.StartAsync(cancellationToken);
            progress.IsStarted = true;
            if (options.Services == ServiceSet.All)
            {
                await LoadedAsync(app, options.Loading, cancellationToken);
                app.Services.GetRequiredService<ServingState>().Start();
            }
            else
            {
                _ = StartWhenReadyAsync(app);
            }

            progress.IsLoaded = true;
            return new SuiteServer(app, folder, options);
        }
        catch (Exception e)
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            folder?.Dispose();
            if (Explain(e) is { } line)
            {
                throw new ServeException(line, e);
            }

            throw;
        }
    }

    /// <summary>Waits until the caller wants no more of it, which gives true, or it has ended by itself.</summary>
    public async Task<bool> WaitForEndAsync(CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var told = cancellationToken.Register(() => end.TrySetResult());
        await using var fault = _app.Lifetime.ApplicationStopping.Register(() => end.TrySetResult());
        await end.Task;
        return cancellationToken.IsCancellationRequested;
    }

    public async ValueTask DisposeAsync()
    {
        // Whoever sends calls here hears of the end first, and only then are calls refused.
        _app.Services.GetRequiredService<ServingState>().Drain();
        await Task.Delay(_options.GraceOrUsual, TimeProvider.System);
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder?.Dispose();
    }

    private static WebApplication Build(SuiteOptions options, string folder, Action<IServiceCollection>? change, Progress progress)
    {
        ThreadPool.GetMinThreads(out var threads, out var completions);
        ThreadPool.SetMinThreads(Math.Max(threads, FewestThreads), completions);

        // Neither variables nor files that are meant for other servers of this machine say where this one listens.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var least = options.Verbose ? LogLevel.Information : LogLevel.Warning;
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter((category, level) => level >= least && (options.Verbose || progress.IsNews(category ?? "", level)));
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestDrain - Closing - options.GraceOrUsual);
        builder.Services.AddSingleton<IHostLifetime, Unsignalled>();
        builder.Services.AddRouting();
        var tls = options.Tls is null ? null : new ServerTls(options.Tls, TimeProvider.System);
        if (tls is not null)
        {
            builder.Services.AddSingleton<IHostedService>(provider =>
            {
                tls.LogTo(provider.GetRequiredService<ILogger<ServerTls>>());
                return tls;
            });
        }

        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (tls is not null)
                {
                    listen.UseHttps(tls.Handshake(asksCallers: true));
                }

                listen.RecycleAfter(options.ConnectionAge, TimeProvider.System);
            });
            kestrel.Listen(options.Http, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;

                // Who got a mail, and who probes, has no certificate.
                if (tls is not null)
                {
                    listen.UseHttps(tls.Handshake(asksCallers: false));
                }
            });
        });
        builder.AddTelemetry(TelemetrySettings.Read(), options.Services == ServiceSet.All ? "churn" : $"churn-{options.Services.ToString().ToLowerInvariant().Replace(", ", "-", StringComparison.Ordinal)}");
        PeerChannels.AddTo(builder.Services, options, tls);
        builder.Services.AddAccess(_ => Path.Combine(folder, AccessStore.File), options.Access, options.Postgres);
        builder.Services.AddStreamBus(options.RabbitMq);

        // A name that no other process has, nor this one after a crash: what it held before it gets when the lease is over.
        var address = (options.Advertise ?? new Uri($"{(options.Tls is null ? "http" : "https")}://{options.Listen}")).ToString().TrimEnd('/');
        var owner = options.Postgres is null ? "embedded" : $"{address} {Guid.NewGuid():n}";
        if (options.Services.HasFlag(ServiceSet.Ingestion))
        {
            builder.Services.AddIngestion(new IngestionOptions { DataFolder = folder, Postgres = options.Postgres });
        }

        if (options.PeerTls is { } peerTls)
        {
            builder.Services.AddSingleton(provider => new OwnerChannels(
                address =>
                {
                    var handler = OwnerChannels.Plain(address);
                    ((SocketsHttpHandler)handler).SslOptions = peerTls.Options();
                    return handler;
                },
                provider.GetRequiredService<InternalCalls>()));
        }

        if (options.Services.HasFlag(ServiceSet.Metrics))
        {
            builder.Services.AddMetrics(new MetricsOptions
            {
                DataFolder = folder,
                Postgres = options.Postgres,
                Redis = RedisOf(options.Redis),
                Owner = owner,
                Address = address,
            });
        }

        // Where recipients reach the pages is known when the server listens.
        var urls = () => (ICollection<string>?)null;
        if (options.Services.HasFlag(ServiceSet.Playbooks))
        {
            builder.Services.AddPlaybooks(new PlaybooksOptions
            {
                DataFolder = folder,
                Postgres = options.Postgres,
                Owner = owner,
                Address = address,
                GlobalHoldoutShare = options.GlobalHoldout,
                DocumentRules = new DocumentRules { AllowHttp = options.AllowPrivateWebhooks, AllowPrivate = options.AllowPrivateWebhooks },
            });
        }

        if (options.Services.HasFlag(ServiceSet.Notifications))
        {
            var usual = new NotificationsOptions { DataFolder = folder };
            builder.Services.AddNotifications(usual with
            {
                Postgres = options.Postgres,
                Owner = owner,
                Address = address,
                Smtp = options.Smtp,
                From = options.MailFrom ?? usual.From,
                PublicUrl = () => options.PublicUrl ?? urls()?.ElementAtOrDefault(1),
                QuietHours = options.QuietHours is var (from, to) ? new QuietHours(from, to) : null,
                Retries = usual.Retries with { First = options.RetryAfter ?? usual.Retries.First },
                WebhookSecret = options.WebhookSecret,
                AllowPrivateNetworks = options.AllowPrivateWebhooks,
            });
        }

        change?.Invoke(builder.Services);
        var app = builder.Build();
        urls = () => app.Urls;
        app.UseTelemetry();
        app.UseStatusDetails();
        app.MapGrpcDefaults();
        app.MapAccess();
        if (options.Services.HasFlag(ServiceSet.Ingestion))
        {
            app.MapIngestion();
        }

        if (options.Services.HasFlag(ServiceSet.Metrics))
        {
            app.MapMetrics();
        }

        if (options.Services.HasFlag(ServiceSet.Playbooks))
        {
            app.MapPlaybooks();
        }

        if (options.Services.HasFlag(ServiceSet.Notifications))
        {
            app.MapNotifications();
            app.MapNotificationPages();
        }

        app.MapStreams();
        Probes.MapTo(app);
        return app;
    }

    private static async Task LoadedAsync(WebApplication app, Action? loading, CancellationToken cancellationToken)
    {
        var ledger = app.Services.GetRequiredService<ILedgerProgress>();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
        const int inOneSecond = 200;
        for (var looks = 0; !ledger.IsReady; looks++)
        {
            if (looks == inOneSecond)
            {
                loading?.Invoke();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, either.Token);
        }

        // What the others wait for is a matter of milliseconds once the ledger is there.
        await ReadyAsync(app, TimeSpan.FromMilliseconds(5), either.Token);
    }

    private static async Task StartWhenReadyAsync(WebApplication app)
    {
        try
        {
            await ReadyAsync(app, TimeSpan.FromMilliseconds(100), app.Lifetime.ApplicationStopping);
            app.Services.GetRequiredService<ServingState>().Start();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // It ended before it was ready.
        }
    }

    private static async Task ReadyAsync(WebApplication app, TimeSpan betweenLooks, CancellationToken cancellationToken)
    {
        var health = app.Services.GetRequiredService<HealthCheckService>();
        while ((await health.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready), cancellationToken)).Status == HealthStatus.Unhealthy)
        {
            await Task.Delay(betweenLooks, TimeProvider.System, cancellationToken);
        }
    }

    private static StackExchange.Redis.ConfigurationOptions? RedisOf(string? text)
    {
        try
        {
            return text is null ? null : HotStore.Parse(text);
        }
        catch (FormatException e)
        {
            throw new ServeException($"--redis or CHURN_REDIS {e.Message}", e);
        }
    }

    private static void Ask(IPEndPoint at, string option)
    {
        try
        {
            using var listener = new TcpListener(at);
            listener.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new ServeException($"{at} cannot be listened on: another program does; end that, or choose another with {option}", e);
        }
        catch (SocketException e)
        {
            throw new ServeException($"{at} cannot be listened on ({e.Message}); choose another with {option}", e);
        }
    }

    private static string? Explain(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case ServeException or StorageException or SettingException or TlsException:
                    return cause.Message;
                case AddressInUseException or SocketException:
                    return $"an address cannot be listened on ({cause.Message}); choose others with --listen and --http";
            }
        }

        return null;
    }

    /// <summary>Holds how far the start has come, and so what is worth telling.</summary>
    private sealed class Progress
    {
        public volatile bool IsStarted;
        public volatile bool IsLoaded;

        // A start that fails is told in one line by who started it, and a server that loads is no failure: health answers whoever asks.
        public bool IsNews(string category, LogLevel level) => category switch
        {
            "Microsoft.Extensions.Hosting.Internal.Host" => IsStarted,
            _ when category.StartsWith("Microsoft.Extensions.Diagnostics.HealthChecks", StringComparison.Ordinal) => IsLoaded,
            _ when category.StartsWith("MassTransit", StringComparison.Ordinal) => level >= LogLevel.Error,
            _ => IsStarted || level >= LogLevel.Error,
        };
    }

    /// <summary>Leaves signals to the command line, which hands them on.</summary>
    private sealed class Unsignalled : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
