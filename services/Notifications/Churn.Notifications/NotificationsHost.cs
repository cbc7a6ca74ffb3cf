using Churn.Notifications.Consumers;
using Churn.Notifications.Outcomes;
using Churn.Notifications.Pages;
using Churn.Notifications.Sending;
using Churn.Notifications.Sending.Email;
using Churn.Notifications.Sending.Webhooks;
using Churn.Notifications.Storage;
using Churn.Notifications.Taking;
using Churn.Notifications.Templates;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Churn.Notifications;

/// <summary>Puts notifications into a host.</summary>
internal static class NotificationsHost
{
    /// <summary>Names the stream of the messages that playbooks ask for; its <see cref="IStreamSource"/> is registered under this key.</summary>
    public const string Requests = "requests";

    private const string Name = "notifications";

    /// <summary>Gives what makes the database.</summary>
    public static DatabaseOptions Schema { get; } = new() { Name = Name, Migrations = NotificationsSchema.Migrations, Scripts = typeof(NotificationsHost).Assembly };

    /// <summary>Registers notifications; what became of messages goes to the IngestionServiceClient that is registered.</summary>
    /// <exception cref="StorageException">A setting is wrong: the message says which, and what to write.</exception>
    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationsOptions options)
    {
        Check(options);
        services.AddSingleton(options);
        services.AddDatabase(_ => Path.Combine(options.DataFolder, "notifications.db"), Schema, options.Postgres);
        services.AddStreamConsumer(Requests, Name, (options.Owner, options.Address), provider => provider.GetRequiredService<RequestsHandler>());
        services.AddSingleton(provider => new NotificationsStore(provider.GetRequiredKeyedService<Database>(Name)));
        services.AddSingleton<TemplateShelf>();
        services.AddSingleton<LinkTokens>();
        services.AddSingleton<SendTelemetry>();
        services.AddSingleton<MessageTaker>();
        services.AddSingleton<Underway>();
        services.AddSingleton<RequestsHandler>();
        services.AddSingleton<MailComposer>();
        services.AddSingleton<SmtpSender>();
        services.AddSingleton(_ => new Lazy<WebhookSigner>(() => new WebhookSigner(options)));
        services.AddSingleton<WebhookSender>();
        services.AddHostedService<Dispatcher>();
        services.AddHostedService<OutcomeSender>();
        services.AddSingleton<NotificationsApi>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            Name,
            provider => new ConsumerHealth(provider.GetRequiredKeyedService<StreamConsumer>(Requests)),
            HealthStatus.Unhealthy,
            [HealthTags.Ready]));
        services.AddGrpcDefaults();
        return services;
    }

    /// <summary>Maps the service.</summary>
    public static void MapNotifications(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<NotificationsApi>();

    private static void Check(NotificationsOptions options)
    {
        try
        {
            _ = MailComposer.Sender(options.From);
            if (options.Smtp is not null)
            {
                _ = SmtpAddress.Parse(options.Smtp);
            }
        }
        catch (FormatException e)
        {
            throw new StorageException(e.Message, e);
        }
    }

    /// <summary>Says whether the requests of playbooks are heard.</summary>
    private sealed class ConsumerHealth(StreamConsumer consumer) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(consumer.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The stream of requests is being taken over."));
    }
}
