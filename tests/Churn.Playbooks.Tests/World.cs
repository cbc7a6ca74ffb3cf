using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Playbooks.Consumers;
using Churn.Playbooks.Domain;
using Contact = Churn.Metrics.V1.Contact;
using Signal = Churn.Metrics.V1.Signal;
using SignalMovement = Churn.Metrics.V1.SignalMovement;

namespace Churn.Playbooks.Tests;

/// <summary>Makes up playbooks and what happens to customers; one seed, one world.</summary>
internal sealed class World(ulong seed)
{
    public const long Second = 1_000_000;
    public const long Hour = 3_600 * Second;
    public const long Day = 24 * Hour;

    public static readonly long Start = (long)(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).TotalMicroseconds;

    private static readonly string[] Events = ["payment_failed", "payment_succeeded", "ticket_opened", "past_due"];
    private static readonly string[] Codes = ["stolen", "expired", ""];
    private static readonly string[] Roles = ["billing", "sponsor"];

    private ulong _state = seed;

    /// <summary>Gives a number from 0 to below a limit.</summary>
    public int Next(int below)
    {
        unchecked
        {
            _state += 0x9E37_79B9_7F4A_7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58_476D_1CE4_E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
            return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
        }
    }

    public T OneOf<T>(params ReadOnlySpan<T> values) => values[Next(values.Length)];

    /// <summary>Gives some playbooks, of which all may be entered.</summary>
    public IReadOnlyList<Playbook> Playbooks() => [.. Enumerable.Range(0, 1 + Next(3)).Select(i => Playbook($"p{i}", 1))];

    public Policy Policy(IReadOnlyList<Playbook> playbooks) => Domain.Policy.Of(
        [.. playbooks], playbooks.Select(playbook => playbook.Name).ToHashSet(StringComparer.Ordinal), OneOf(0.0, 0.0, 0.3), "salt");

    public Playbook Playbook(string name, int version) => new()
    {
        Name = name,
        Version = version,
        Trigger = new Trigger([Pattern(), .. Next(2) == 0 ? [Pattern()] : Array.Empty<SignalPattern>()], OneOf(72 * Hour, Hour, 7 * Day)),
        Audience = Next(2) == 0 ? Condition.Everyone : ConditionOf(2),
        Reentry = OneOf(Reentry.Never, new Reentry(0, null), new Reentry(3 * Day, 3), new Reentry(10 * Day, null)),
        HoldoutShare = OneOf(0.0, 0.1, 0.5),
        Group = OneOf("", "g", "g"),
        Priority = Next(3),
        Goal = Next(2) == 0 ? [Pattern()] : [],
        Exits = Next(3) == 0 ? [Pattern()] : [],
        Cap = Next(2) == 0 ? new MessageCap(1 + Next(2), OneOf(Day, 7 * Day)) : null,
        Steps = Steps(),
    };

    /// <summary>Gives what becomes known of customers, in order, some late, some doubled, some retracted; at no instant two.</summary>
    public List<Signal> Signals(int customers, int most = 40, bool doubles = true)
    {
        var signals = new List<Signal>();
        var known = Start;
        var count = Next(most + 1);
        for (var i = 0; i < count; i++)
        {
            known += OneOf(Second, Hour, Hour, 6 * Hour, Day, 2 * Day) + Next(1000);
            var again = signals.Count > 0 && Next(6) == 0 ? signals[Next(signals.Count)].Clone() : null;
            if (again is not null && Next(2) == 0)
            {
                again.Retracted = true;
            }
            else if (!doubles)
            {
                again = null;
            }

            again ??= Fresh($"c{Next(customers)}", i, known);
            again.KnownTime = Instants.ToWire(known);
            signals.Add(again);
        }

        return signals;
    }

    private Signal Fresh(string customer, int i, long known)
    {
        var signal = new Signal
        {
            Id = $"s{i}",
            CustomerId = customer,
            Time = Instants.ToWire(known - OneOf(0, 0, 0, Hour, 30 * Hour, 4 * Day)),
            Standing = new Standing
            {
                State = OneOf(Metrics.V1.CustomerState.Active, Metrics.V1.CustomerState.PastDue, Metrics.V1.CustomerState.Ended),
                FirstPaidTime = Next(3) == 0 ? null : Instants.ToWire(Start - (Next(100) * Day)),
            },
        };
        if (Next(3) > 0)
        {
            signal.Standing.Mrr.Add(new CurrencyMrr { Currency = "USD", MrrMicros = 10_000_000 * Next(4) });
            signal.Standing.Plans.Add(OneOf("basic", "pro"));
        }

        signal.Attributes.Add("country", OneOf("PT", "DE", ""));
        if (Next(2) == 0)
        {
            signal.Attributes.Add("email", "own@example.com");
        }

        for (var person = Next(3); person > 0; person--)
        {
            signal.Contacts.Add(new Contact { ContactId = $"k{person}", Role = OneOf(Roles), Email = OneOf("", $"k{person}@example.com") });
        }

        signal.History.Add(new KindHistory { Kind = "payment_failed", TimesMicros = { Enumerable.Range(0, Next(4)).Select(day => known - ((4 - day) * 10 * Day)) } });
        if (Next(5) == 0)
        {
            signal.Movements.Add(new SignalMovement
            {
                Kind = OneOf(MovementKind.Churn, MovementKind.Contraction), Currency = "USD", BeforeMicros = 5, Time = Instants.ToWire(known + OneOf(-Day, Day)), Undone = Next(5) == 0,
            });
        }

        var fact = new Fact { Source = "test", EventId = $"e{i}", CustomerId = customer, OccurTime = signal.Time };
        switch (Next(40) == 0 ? -1 : Next(5))
        {
            case -1:
                fact.CustomerErased = new CustomerErased();
                signal.Fact = fact;
                break;
            case 0 or 1:
                fact.PaymentFailed = new PaymentFailed { DeclineCode = OneOf(Codes), Amount = new Amount { Currency = "USD", AmountMicros = Next(3) * 1_000_000 } };
                signal.Fact = fact;
                break;
            case 2:
                fact.PaymentSucceeded = new PaymentSucceeded { InvoiceId = "i" };
                signal.Fact = fact;
                break;
            case 3:
                fact.TicketOpened = new TicketOpened { TicketId = "t", Severity = OneOf("high", "low") };
                signal.Fact = fact;
                break;
            default:
                signal.PastDue = new PastDueDay { InvoiceId = "i", Day = Next(4) };
                break;
        }

        return signal;
    }

    private SignalPattern Pattern() => Next(6) switch
    {
        0 => new SignalPattern(null, [], [OneOf("churn", "contraction")]),
        1 => new SignalPattern("payment_failed", [new FieldTest("decline_code", new TextTest(["stolen"], [], null), null)], []),
        2 => new SignalPattern("past_due", [new FieldTest("day", null, new NumberTest(1, 2))], []),
        _ => new SignalPattern(OneOf(Events), [], []),
    };

    private Condition ConditionOf(int depth) => (depth == 0 ? 3 + Next(6) : Next(9)) switch
    {
        0 => new Condition.All([ConditionOf(depth - 1), ConditionOf(depth - 1)]),
        1 => new Condition.Any([ConditionOf(depth - 1), ConditionOf(depth - 1)]),
        2 => new Condition.Not(ConditionOf(depth - 1)),
        3 => new Condition.AttributeText("country", new TextTest(["PT", "DE"], [], null)),
        4 => new Condition.State([Domain.CustomerState.Active, Domain.CustomerState.PastDue]),
        5 => new Condition.Mrr("USD", new NumberTest(10_000_000, null)),
        6 => new Condition.Tenure(new NumberTest(30 * Day, null)),
        7 => new Condition.History("payment_failed", 25 * Day, new NumberTest(1, null)),
        _ => new Condition.HasContact(OneOf("billing", null)),
    };

    private List<Step> Steps()
    {
        var count = 1 + Next(6);
        var steps = new List<Step>(count);
        for (var i = 0; i < count; i++)
        {
            var id = $"step{i}";
            var next = After(i, count);
            steps.Add(Next(8) switch
            {
                0 or 1 => new Step.Notify(
                    id, next, OneOf("email", "in_app"), "template", OneOf("billing", null),
                    new Dictionary<string, ValueSource>(StringComparer.Ordinal)
                    {
                        ["amount"] = new([new ValuePart("", "event.amount.amount_micros", null)]),
                        ["plan"] = new([new ValuePart("on ", null, null), new ValuePart("", "plan", "none")]),
                    },
                    OneOf<bool?>(null, true), OneOf<long?>(null, Day)),
                2 => new Step.Wait(id, next, OneOf(Hour, Day, 5 * Day)),
                3 or 4 => new Step.WaitUntil(id, next, [Pattern()], OneOf(Hour, 2 * Day, 9 * Day), After(i, count)),
                5 => new Step.Branch(id, next, [(ConditionOf(1), After(i, count)), (ConditionOf(1), After(i, count))]),
                6 => new Step.Assign(
                    id, next, new ValueSource([new ValuePart("Call", null, null)]), new ValueSource([]), new ValueSource([new ValuePart("", "attribute.owner", "support")]), Day),
                _ => Next(3) == 0 ? new Step.End(id, "enough") : new Step.Webhook(
                    id, next, "https://example.com/hook", new Dictionary<string, ValueSource>(StringComparer.Ordinal) { ["who"] = new([new ValuePart("", "customer", null)]) }),
            });
        }

        return steps;
    }

    private int After(int i, int count) => i + 1 + Next(count - i) is var next && next < count ? next : -1;
}

/// <summary>Translates signals for tests that look at the engine alone.</summary>
internal static class SignalTexts
{
    public static List<Domain.Signal> ForEngine(this IEnumerable<Signal> signals) => [.. signals.Select(signal => signal.FromWire())];
}
