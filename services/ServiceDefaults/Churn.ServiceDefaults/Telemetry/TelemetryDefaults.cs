using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Adds traces, metrics and logs over OTLP, where the environment names an endpoint.</summary>
public static class TelemetryDefaults
{
    // Series of one figure of the business that the SDK keeps room for; those of all figures together are capped by who makes them.
    private const int MostSeries = 10_000;

    // MassTransit's own spans and metrics are left out: one for each head of a shard every second, under names of queues that come and go.
    private static readonly string[] Sources = [Instruments.Name, "Microsoft.AspNetCore", "Grpc.Net.Client", "System.Net.Http", "Npgsql"];
    private static readonly string[] Meters =
        [Instruments.Name, Instruments.FiguresName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];

    /// <summary>Registers telemetry of a host; nothing at all where none is wanted.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="settings">The variables of the environment.</param>
    /// <param name="service">The service's name where OTEL_SERVICE_NAME gives none: churn, or churn-NAME for one service alone.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetrySettings settings, string service)
    {
        if (!settings.IsOn)
        {
            return;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<ExportFailures>();
        builder.Services.AddSingleton<IObserver, StreamObserver>();
        builder.Services.AddSingleton<IObserver, HealthObserver>();

        // The SDK reads its variables through the configuration, which has no others here.
        builder.Configuration.AddInMemoryCollection(settings.Variables);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(service, serviceVersion: Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
            .AddEnvironmentVariableDetector());
        if (settings.Sends("TRACES"))
        {
            telemetry.WithTracing(traces => traces.AddSource(Sources).AddProcessor(new PrivateSpans()));
        }

        if (settings.Sends("METRICS"))
        {
            telemetry.WithMetrics(metrics => metrics
                .AddMeter(Meters)
                .AddView(instrument => instrument.Meter.Name == Instruments.FiguresName ? new MetricStreamConfiguration { CardinalityLimit = MostSeries } : null));
        }

        if (settings.Sends("LOGS"))
        {
            telemetry.WithLogging(logs => logs.AddProcessor(new PrivateLogs()), options => options.ParseStateValues = true);
        }

        telemetry.UseOtlpExporter();
        builder.Services.AddHostedService<ObserverStart>();
    }

    /// <summary>Measures the calls of a host for which telemetry was added; nothing otherwise.</summary>
    public static void UseTelemetry(this WebApplication app)
    {
        if (app.Services.GetService<TelemetrySettings>() is not null)
        {
            // Databases are opened when the first service is made, and are measured only where somebody listens by then.
            _ = app.Services.GetService<MeterProvider>();
            app.UseMiddleware<CallMeasuring>();
        }
    }
}
