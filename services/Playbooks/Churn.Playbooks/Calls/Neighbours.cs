using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.Playbooks.Calls;

/// <summary>Gives the clients of the other services as the host has registered them, at their first use: in one process they are this one's own.</summary>
internal sealed class Neighbours(IServiceProvider services)
{
    public SignalService.SignalServiceClient Signals => services.GetRequiredService<SignalService.SignalServiceClient>();

    public NotificationsService.NotificationsServiceClient Notifications => services.GetRequiredService<NotificationsService.NotificationsServiceClient>();

    /// <summary>Gives the client of the numbers; null where the host has none.</summary>
    public MetricsService.MetricsServiceClient? Metrics => services.GetService<MetricsService.MetricsServiceClient>();
}
