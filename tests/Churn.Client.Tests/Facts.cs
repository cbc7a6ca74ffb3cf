using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Client.Tests;

internal static class Facts
{
    public static Fact Started(int number) => new()
    {
        Source = "test",
        EventId = $"{number}",
        CustomerId = $"c{number % 100}",
        OccurTime = new Timestamp { Seconds = 1_700_000_000 + number },
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = $"s{number}", Plan = "Team", Price = new Price { Currency = "USD", MrrMicros = 10_000_000 + number } },
    };
}
