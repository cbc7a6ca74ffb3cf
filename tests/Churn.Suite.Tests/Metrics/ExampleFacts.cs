using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Tests.Metrics;

/// <summary>Makes facts that could be behind a movement.</summary>
internal static class ExampleFacts
{
    public static IEnumerable<Fact> Behind(V1.Movement movement)
    {
        var subscription = movement.CustomerId + "-1";
        var price = new Price { Currency = "EUR", MrrMicros = movement.AfterMicros };
        var fact = new Fact { Source = "billing", EventId = "evt-" + movement.CustomerId, CustomerId = movement.CustomerId, OccurTime = Day(2024, 11, 10) };
        switch (movement.Kind)
        {
            case V1.MovementKind.Churn:
                fact.CancellationScheduled = new CancellationScheduled
                {
                    SubscriptionId = subscription, EffectiveTime = Day(2024, 11, 30), Initiator = Initiator.Customer, ReasonCode = "too_expensive",
                    Note = "found something cheaper",
                };
                yield return fact;
                yield return new Fact
                {
                    Source = "billing", EventId = "evt-2", CustomerId = movement.CustomerId, OccurTime = Day(2024, 11, 12), Retracts = "evt-0",
                    InvoicePastDue = new InvoicePastDue
                    {
                        InvoiceId = "in-7", SubscriptionId = subscription, DueTime = Day(2024, 10, 1), Amount = new Amount { Currency = "EUR", AmountMicros = 20_000_000 },
                    },
                };
                break;
            case V1.MovementKind.New or V1.MovementKind.Reactivation:
                fact.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = subscription, Plan = "Team", Price = price };
                yield return fact;
                break;
            default:
                fact.SubscriptionChanged = new SubscriptionChanged { SubscriptionId = subscription, Plan = "Starter", Price = price };
                yield return fact;
                break;
        }
    }

    public static Timestamp Day(int year, int month, int day) => Timestamp.FromDateTime(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc));
}
