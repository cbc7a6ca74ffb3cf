using Churn.Metrics.Domain;

namespace Churn.Metrics.Tests;

public class AccountTests
{
    private const long Day = Calendar.Day;

    [Fact]
    public void Of_Profiles_KeepsTheLatestValueOfEach()
    {
        var account = Account.Of(
            [Profile("b", 2 * Day, ("country", "PT")), Profile("a", Day, ("country", "DE"), ("size", "small")), Profile("c", 3 * Day, ("size", ""))],
            Policy.Standard);
        Assert.Equal([new("country", "PT")], account.Attributes);
    }

    [Fact]
    public void Of_AnErasedCustomer_ForgetsWhatWasSaidBefore()
    {
        var erased = new Fact { Source = "s", EventId = "x", OccurTime = 2 * Day, Kind = FactKind.CustomerErased };
        Assert.Empty(Account.Of([erased, Profile("a", Day, ("country", "DE"))], Policy.Standard).Attributes);
        Assert.Equal([new("size", "big")], Account.Of([erased, Profile("a", Day, ("country", "DE")), Profile("b", 3 * Day, ("size", "big"))], Policy.Standard).Attributes);
    }

    [Fact]
    public void Of_ARetractedProfile_WasNeverSaid()
    {
        var retraction = new Fact { Source = "s", EventId = "r", OccurTime = Day, Kind = FactKind.Retraction, Retracts = "b" };
        Assert.Equal(
            [new("country", "DE")],
            Account.Of([Profile("b", 2 * Day, ("country", "PT")), retraction, Profile("a", Day, ("country", "DE"))], Policy.Standard).Attributes);
    }

    [Fact]
    public void Causes_OfAPeriod_AreWhatTookEffectInIt()
    {
        Fact[] facts =
        [
            Of("start", 10, FactKind.SubscriptionStarted),
            Of("scheduled", 20, FactKind.CancellationScheduled) with { EffectiveTime = 50 * Day },
            Of("due", 40, FactKind.InvoicePastDue) with { Invoice = "i" },
            Of("change", 60, FactKind.SubscriptionChanged),
        ];
        string[] Causes(int from, int until) => [.. Account.Causes(facts, Policy.Standard, from * Day, until * Day).Select(f => f.EventId)];

        Assert.Equal(["start"], Causes(0, 11));
        Assert.Equal([], Causes(11, 40));
        Assert.Equal(["scheduled", "due"], Causes(40, 60));
        Assert.Equal(["due"], Causes(70, 71));
    }

    private static Fact Of(string id, int day, FactKind kind) =>
        new() { Source = "s", EventId = id, OccurTime = day * Day, Kind = kind, Subscription = "sub", Mrr = 1 };

    private static Fact Profile(string id, long at, params (string Name, string Value)[] attributes) => new()
    {
        Source = "s",
        EventId = id,
        OccurTime = at,
        Kind = FactKind.CustomerProfile,
        Attributes = attributes.ToDictionary(a => a.Name, a => a.Value),
    };
}
