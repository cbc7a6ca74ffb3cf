using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Churn.ServiceDefaults.Bus;

/// <summary>Adds the bus between services.</summary>
public static class BusDefaults
{
    /// <summary>Registers <see cref="IStreamBus"/> once for the process; a bus that is registered already is kept.</summary>
    /// <param name="services">The services.</param>
    /// <param name="rabbitMq">Where RabbitMQ is; null for MassTransit's transport in memory, which reaches this process alone.</param>
    public static IServiceCollection AddStreamBus(this IServiceCollection services, RabbitMqOptions? rabbitMq = null)
    {
        if (services.Any(service => service.ServiceType == typeof(IStreamBus)))
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        if (rabbitMq is null)
        {
            services.AddSingleton<IStreamBus, MassTransitStreamBus>();
        }
        else
        {
            services.AddSingleton<IStreamBus, RabbitMqStreamBus>();
        }

        return services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (rabbitMq is null)
            {
                bus.UsingInMemory((context, transport) => transport.ConfigureEndpoints(context));
            }
            else
            {
                RabbitMqStreamBus.Configure(bus, rabbitMq);
            }
        });
    }
}
