using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Churn.ServiceDefaults.Bus;

/// <summary>Adds the bus between services.</summary>
public static class BusDefaults
{
    /// <summary>Registers <see cref="IStreamBus"/> once for the process, on MassTransit's transport in memory; a bus that is registered already is kept.</summary>
    public static IServiceCollection AddStreamBus(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(IStreamBus)))
        {
            return services;
        }

        services.AddSingleton<IStreamBus, MassTransitStreamBus>();
        return services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory((context, transport) => transport.ConfigureEndpoints(context));
        });
    }
}
