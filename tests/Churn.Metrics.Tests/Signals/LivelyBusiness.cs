using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Metrics.Tests.Signals;

/// <summary>Makes up what happens to a few customers from day to day, as it is recorded: mostly at once, sometimes days later.</summary>
internal sealed class LivelyBusiness(ulong seed)
{
    private readonly RandomHistories _random = new(seed);
    private readonly List<Fact> _said = [];
    private int _ids;

    public int Next(int below) => _random.Next(below);

    /// <summary>Gives batches of facts in the order of their record times.</summary>
    public List<List<(Fact Fact, long RecordTime)>> Batches(int customers, int days)
    {
        var batches = new List<List<(Fact, long)>> { new() };
        var now = RandomHistories.Start;
        for (var customer = 0; customer < customers; customer++)
        {
            Add(customer, f => f.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = "sub", Plan = "basic", Price = Price() });
        }

        while (now < RandomHistories.Start.AddDays(days))
        {
            now = now.AddMinutes(Next(6) == 0 ? 1 + Next(900) : Next(20));
            Say(Next(customers));
        }

        return batches;

        void Add(int customer, Action<Fact> say, int lateHours = 0)
        {
            var fact = new Fact { Source = "s", EventId = $"e{_ids++}", CustomerId = $"c{customer}", OccurTime = now.AddHours(-lateHours).ToTimestamp() };
            say(fact);
            var recordTime = (now.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

            // What has one record time is of one commit.
            if (batches[^1].Count > Next(12) && batches[^1][^1].Item2 < recordTime)
            {
                batches.Add([]);
            }

            batches[^1].Add((fact, recordTime));
            _said.Add(fact);
        }

        void Say(int customer)
        {
            var late = Next(5) == 0 ? Next(6 * 24) : 0;
            switch (Next(16))
            {
                case 0:
                    Add(customer, f => f.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = Next(3) == 0 ? "more" : "sub", Plan = "pro", Price = Price() }, late);
                    break;
                case 1:
                    Add(customer, f => f.SubscriptionChanged = new SubscriptionChanged { SubscriptionId = "sub", Plan = "pro", Price = Price() }, late);
                    break;
                case 2:
                    Add(customer, f => f.CancellationScheduled = new CancellationScheduled
                    {
                        SubscriptionId = "sub",
                        EffectiveTime = now.AddDays(Next(40)).ToTimestamp(),
                        ReasonCode = "price",
                    }, late);
                    break;
                case 3:
                    Add(customer, f => f.CancellationRevoked = new CancellationRevoked { SubscriptionId = "sub" }, late);
                    break;
                case 4 or 5:
                    Add(customer, f => f.InvoicePastDue = new InvoicePastDue { SubscriptionId = "sub", InvoiceId = $"i{Next(40)}" }, late);
                    break;
                case 6 or 7:
                    Add(customer, f => f.PaymentSucceeded = new PaymentSucceeded { InvoiceId = Next(9) == 0 ? "" : $"i{Next(40)}" }, late);
                    break;
                case 8:
                    Add(customer, f => f.CustomerProfile = new CustomerProfile { Country = "PT", RenewalDate = Next(5) == 0 ? "" : $"2024-0{1 + Next(9)}-15" }, late);
                    break;
                case 9:
                    Add(customer, f => f.ContactJoined = new ContactJoined { ContactId = $"p{Next(3)}", Email = "ana@example.org" }, late);
                    break;
                case 10:
                    Add(customer, f => f.TouchLogged = new TouchLogged { Channel = "call" }, late);
                    break;
                case 11:
                    Add(customer, f => f.Feedback = new Feedback { Survey = Feedback.Types.Survey.Nps, Score = 3 }, late);
                    break;
                case 12:
                    if (_said.FindLast(f => f.CustomerId == $"c{customer}" && f.KindCase != Fact.KindOneofCase.Retraction && f.OccurTime > now.AddDays(-7).ToTimestamp()) is { } target)
                    {
                        Add(customer, f => (f.Retracts, f.Retraction, f.OccurTime) = (target.EventId, new Retraction(), target.OccurTime));
                    }

                    break;
                case 13 when Next(4) == 0:
                    Add(customer, f => f.SubscriptionEnded = new SubscriptionEnded { SubscriptionId = "sub" }, late);
                    break;
                default:
                    Add(customer, f => f.UsageRecorded = new UsageRecorded { Meter = $"m{Next(2)}", Quantity = 1 });
                    break;
            }
        }
    }

    private Price Price() => new() { Currency = Next(6) == 0 ? "EUR" : "USD", MrrMicros = Next(4) * 10_000_000L };
}
