using System.Globalization;
using Churn.Cli.Generate;
using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Suite.Demo;

/// <summary>Is something that happens while one watches.</summary>
/// <param name="Story">What it is, for people.</param>
/// <param name="Facts">What it is, for the server.</param>
internal sealed record LiveFact(string Story, IReadOnlyList<Fact> Facts);

/// <summary>Chooses what happens in a demonstration: somebody new, somebody who pays more, somebody who leaves.</summary>
internal static class LiveFacts
{
    private const string Source = "demo";
    private const int Seats = 12;

    // Whose price stood still for longer than the window moves in it by this fact alone.
    private static readonly TimeSpan Quiet = TimeSpan.FromDays(60);

    /// <summary>Chooses from a business as it is now; fewer where nobody fits.</summary>
    /// <param name="business">The business.</param>
    /// <param name="customers">How many customers it has.</param>
    /// <param name="now">The instant that is now.</param>
    public static IEnumerable<LiveFact> Of(SyntheticBusiness business, int customers, DateTime now)
    {
        var team = new Terms(Plan.Team, Annual: false, Seats);
        var newcomer = FactOf("newcomer", "cus_aurora", now);
        newcomer.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = "sub_aurora", Plan = team.PlanName, Price = PriceOf(team) };
        var profile = FactOf("newcomer-profile", "cus_aurora", now);
        profile.CustomerProfile = new CustomerProfile { Country = "PT", Industry = "software", Size = "small", Channel = "organic" };
        yield return new LiveFact($"Somebody new: cus_aurora starts on {team.PlanName}, {Seats} seats", [profile, newcomer]);

        var isUpgraded = false;
        foreach (var life in business.Lives(customers))
        {
            if (Steady(life, now) is not var (subscription, terms))
            {
                continue;
            }

            var customer = string.Create(CultureInfo.InvariantCulture, $"cus_{life.Number:D7}");
            var id = string.Create(CultureInfo.InvariantCulture, $"sub_{life.Number:D7}.{subscription}");
            if (!isUpgraded && terms.Plan == Plan.Team)
            {
                isUpgraded = true;
                var upgraded = terms with { Plan = Plan.Business };
                var fact = FactOf("upgrade", customer, now);
                fact.SubscriptionChanged = new SubscriptionChanged { SubscriptionId = id, Plan = upgraded.PlanName, Price = PriceOf(upgraded) };
                yield return new LiveFact($"An upgrade: {customer} goes from {terms.PlanName} to {upgraded.PlanName}", [fact]);
            }
            else if (isUpgraded && terms.Plan == Plan.Business)
            {
                var fact = FactOf("end", customer, now);
                fact.SubscriptionEnded = new SubscriptionEnded { SubscriptionId = id, Initiator = Initiator.Customer, ReasonCode = "too_expensive" };
                yield return new LiveFact($"A loss: {customer} leaves {terms.PlanName}, \"too_expensive\"", [fact]);
                yield break;
            }
        }
    }

    // The one subscription of a customer who pays by the month and to whom nothing else happened lately; null for all others.
    private static (int Subscription, Terms Terms)? Steady(CustomerLife life, DateTime now)
    {
        var running = new Dictionary<int, Terms>();
        foreach (ref readonly var happening in life.Happenings)
        {
            if (happening.Time > now)
            {
                break;
            }

            if (happening.Time > now - Quiet && happening.Kind is not (HappeningKind.PaymentSucceeded or HappeningKind.CustomerProfile))
            {
                return null;
            }

            switch (happening.Kind)
            {
                case HappeningKind.SubscriptionStarted or HappeningKind.SubscriptionChanged or HappeningKind.SubscriptionResumed:
                    running[happening.Subscription] = happening.Terms;
                    break;
                case HappeningKind.SubscriptionPaused or HappeningKind.SubscriptionEnded or HappeningKind.CancellationScheduled:
                    running.Remove(happening.Subscription);
                    break;
            }
        }

        return running.Count == 1 && running.Single() is { Value: { Annual: false, PercentOff: 0, Seats: > 1 } terms } only ? (only.Key, terms) : null;
    }

    private static Fact FactOf(string id, string customer, DateTime now) => new()
    {
        Source = Source,
        EventId = id,
        CustomerId = customer,
        OccurTime = Timestamp.FromDateTime(now),
    };

    private static Price PriceOf(Terms terms) => new()
    {
        Currency = "USD",
        Period = new PeriodPrice { AmountMicros = terms.SeatMicros, Unit = BillingUnit.Month, Count = 1, Quantity = terms.Seats },
    };
}
