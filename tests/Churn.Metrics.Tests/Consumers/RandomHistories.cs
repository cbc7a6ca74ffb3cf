using Churn.Ingestion.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Metrics.Tests.Consumers;

/// <summary>Makes up histories of customers as facts of the wire; one seed, one set of histories.</summary>
internal sealed class RandomHistories(ulong seed)
{
    private static readonly string[] Plans = ["", "basic", "pro"];
    private static readonly string[] Countries = ["", "DE", "PT", "US"];

    private ulong _state = seed;

    public static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Gives the start of a subscription in US dollars.</summary>
    public static Fact Starts(string id, string customer, long mrr, DateTimeOffset at) => new()
    {
        Source = "s",
        EventId = id,
        CustomerId = customer,
        OccurTime = at.ToTimestamp(),
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = id, Price = new Price { Currency = "USD", MrrMicros = mrr } },
    };

    /// <summary>Gives a number from 0 to below a limit.</summary>
    public int Next(int below)
    {
        unchecked
        {
            _state = (_state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
            return (int)((_state >> 33) % (ulong)below);
        }
    }

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var list = items.ToList();
        for (var i = list.Count - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }

    /// <summary>Gives the facts of one customer, some at one instant, some retracted, some corrections.</summary>
    public List<Fact> Of(string customer)
    {
        var facts = new List<Fact>();
        var count = 1 + Next(12);
        for (var i = 0; i < count; i++)
        {
            var fact = new Fact
            {
                Source = "random",
                EventId = $"{customer}-{i}",
                CustomerId = customer,
                OccurTime = Instant(),
                Sequence = Next(3),
            };
            Fill(fact);
            if (Next(6) == 0 && facts.FindAll(f => f.KindCase != Fact.KindOneofCase.Retraction) is { Count: > 0 } targets)
            {
                fact.Retracts = targets[Next(targets.Count)].EventId;
                if (Next(2) == 0)
                {
                    fact.Retraction = new Retraction();
                }
            }

            facts.Add(fact);
        }

        return facts;
    }

    // Few instants, so that many meet; a quarter of them in the last days.
    private Timestamp Instant() => (Next(4) == 0 ? Start.AddDays(140 + Next(20)) : Start.AddDays(Next(30) * 5)).AddHours(Next(2) * 12).ToTimestamp();

    private Price Price() => Next(2) == 0
        ? new Price { Currency = Next(8) == 0 ? "EUR" : "USD", MrrMicros = Next(4) * 10_000_000L }
        : new Price { Currency = "USD", Period = new PeriodPrice { AmountMicros = 100_000_001, Unit = (BillingUnit)(1 + Next(5)), Count = Next(3), Quantity = Next(4) } };

    private void Fill(Fact fact)
    {
        var subscription = $"s{Next(2)}";
        var invoice = $"i{Next(2)}";
        switch (Next(11))
        {
            case 0 or 1 or 2:
                fact.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = subscription, Plan = Plans[Next(3)], Price = Price(), Trial = Next(6) == 0 };
                break;
            case 3:
                fact.SubscriptionChanged = new SubscriptionChanged { SubscriptionId = subscription, Plan = Plans[Next(3)], Price = Price() };
                break;
            case 4:
                fact.SubscriptionPaused = new SubscriptionPaused { SubscriptionId = subscription };
                break;
            case 5:
                fact.SubscriptionResumed = new SubscriptionResumed { SubscriptionId = subscription, Plan = Plans[Next(3)], Price = Price() };
                break;
            case 6:
                fact.CancellationScheduled = new CancellationScheduled { SubscriptionId = subscription, EffectiveTime = Instant(), Completes = Next(4) == 0 };
                break;
            case 7:
                fact.SubscriptionEnded = new SubscriptionEnded { SubscriptionId = subscription, Completes = Next(4) == 0 };
                break;
            case 8:
                fact.InvoicePastDue = new InvoicePastDue { SubscriptionId = subscription, InvoiceId = invoice, DueTime = Next(2) == 0 ? null : Instant() };
                break;
            case 9:
                fact.PaymentSucceeded = new PaymentSucceeded { InvoiceId = invoice };
                break;
            default:
                fact.CustomerProfile = new CustomerProfile { Country = Countries[Next(4)] };
                if (Next(2) == 0)
                {
                    fact.CustomerProfile.Attributes.Add("color", Next(2) == 0 ? "red" : "blue");
                }

                break;
        }
    }
}
