using System.Globalization;
using Churn.Cli.Generate;
using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Suite.Demo;

/// <summary>Is something that happens while one watches.</summary>
/// <param name="Story">What it is, for people.</param>
/// <param name="Facts">What it is, for the server.</param>
internal sealed record LiveFact(string Story, IReadOnlyList<Fact> Facts);

/// <summary>Is a customer who pays by the month, and to whom nothing happened lately.</summary>
internal sealed record Payer(string Customer, string Subscription, Terms Terms);

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

        var steady = Steady(business, customers, now).ToArray();
        var rising = Array.FindIndex(steady, p => p.Terms.Plan == Plan.Team);
        if (rising < 0)
        {
            yield break;
        }

        var riser = steady[rising];
        var upgraded = riser.Terms with { Plan = Plan.Business };
        var upgrade = FactOf("upgrade", riser.Customer, now);
        upgrade.SubscriptionChanged = new SubscriptionChanged { SubscriptionId = riser.Subscription, Plan = upgraded.PlanName, Price = PriceOf(upgraded) };
        yield return new LiveFact($"An upgrade: {riser.Customer} goes from {riser.Terms.PlanName} to {upgraded.PlanName}", [upgrade]);
        if (steady.Skip(rising).FirstOrDefault(p => p.Terms.Plan == Plan.Business) is { } leaver)
        {
            var end = FactOf("end", leaver.Customer, now);
            end.SubscriptionEnded = new SubscriptionEnded { SubscriptionId = leaver.Subscription, Initiator = Initiator.Customer, ReasonCode = "too_expensive" };
            yield return new LiveFact($"A loss: {leaver.Customer} leaves {leaver.Terms.PlanName}, \"too_expensive\"", [end]);
        }
    }

    /// <summary>Gives those whose payment may fail in a demonstration: to whom nothing else happens in it.</summary>
    public static IEnumerable<Payer> Payers(SyntheticBusiness business, int customers, DateTime now) =>
        Steady(business, customers, now).Where(p => p.Terms.Plan == Plan.Team).Skip(1);

    /// <summary>Says that a payer has had a person for its bills for a year, and that an invoice fell due a day ago.</summary>
    public static Fact[] PastDue(Payer payer, DateTime now)
    {
        var contact = FactOf($"contact-{payer.Customer}", payer.Customer, now.AddYears(-1));
        contact.ContactJoined = new ContactJoined { ContactId = "ana", Role = "billing", Name = "Ana Sousa", Email = EmailOf(payer), Locale = "en" };
        var due = FactOf($"past-due-{payer.Customer}", payer.Customer, now);
        due.InvoicePastDue = new InvoicePastDue
        {
            InvoiceId = InvoiceOf(payer), SubscriptionId = payer.Subscription, DueTime = Timestamp.FromDateTime(now.AddDays(-1)), Amount = AmountOf(payer),
        };
        return [contact, due];
    }

    /// <summary>Says that the invoice of <see cref="PastDue"/> is paid.</summary>
    public static Fact Paid(Payer payer, DateTime now)
    {
        var paid = FactOf($"paid-{payer.Customer}", payer.Customer, now);
        paid.PaymentSucceeded = new PaymentSucceeded { InvoiceId = InvoiceOf(payer), SubscriptionId = payer.Subscription, Amount = AmountOf(payer) };
        return paid;
    }

    /// <summary>Gives the address of the person for a payer's bills.</summary>
    public static string EmailOf(Payer payer) => $"ana@{payer.Customer.Replace('_', '-')}.example.com";

    private static IEnumerable<Payer> Steady(SyntheticBusiness business, int customers, DateTime now)
    {
        foreach (var life in business.Lives(customers))
        {
            if (Steady(life, now) is var (subscription, terms))
            {
                yield return new Payer(
                    string.Create(CultureInfo.InvariantCulture, $"cus_{life.Number:D7}"), string.Create(CultureInfo.InvariantCulture, $"sub_{life.Number:D7}.{subscription}"), terms);
            }
        }
    }

    private static string InvoiceOf(Payer payer) => $"INV-{payer.Customer["cus_".Length..]}";

    private static Amount AmountOf(Payer payer) => new() { Currency = "USD", AmountMicros = payer.Terms.AmountMicros };

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
