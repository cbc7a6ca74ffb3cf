using Churn.Notifications.Domain;
using FsCheck.Fluent;

namespace Churn.Notifications.Tests;

public sealed class StandingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetryPolicy Policy = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10), 3);

    [Theory]
    [InlineData(1, 0.0, 5)]
    [InlineData(1, 0.999999, 10)]
    [InlineData(3, 0.5, 30)]
    [InlineData(40, 0.5, 450)]
    public void Wait_Tries_GrowsByTwoUpToTheLongest(int tries, double chance, int seconds) =>
        Assert.Equal(seconds, Policy.Wait(tries, chance).TotalSeconds, 0.001);

    [Fact]
    public void Wait_ProviderAsks_IsAtLeastThat()
    {
        Assert.Equal(TimeSpan.FromMinutes(30), Policy.Wait(1, 0, TimeSpan.FromMinutes(30)));
        Assert.Equal(RetryPolicy.LongestAsked, Policy.Wait(1, 0, TimeSpan.FromDays(100)));
    }

    [Fact]
    public void Recover_WithoutTheMark_IsQueuedAndCountsNoTry()
    {
        var recovered = Standing.Taken(Now).Begin().Recover(Policy, OnUnknown.Leave, Now.AddDays(7), Now, 0);
        Assert.Equal((MessageState.Queued, 0), (recovered.State, recovered.Tries));
    }

    [Theory]
    [InlineData(OnUnknown.Leave, MessageState.Unknown)]
    [InlineData(OnUnknown.Resend, MessageState.Queued)]
    public void Recover_WithTheMark_IsUnknownOrSentAgain(OnUnknown onUnknown, MessageState state)
    {
        var recovered = Standing.Taken(Now).Begin().HandOver().Recover(Policy, onUnknown, Now.AddDays(7), Now, 0);
        Assert.Equal((state, Reasons.NoAnswer, true), (recovered.State, recovered.Reason, recovered.IsDoubtful));
    }

    [Fact]
    public void Follow_ExpiredAfterADoubtfulTry_IsUnknownAndNotSaidNotToBeSent()
    {
        var doubtful = Standing.Taken(Now).Begin().End(new Outcome(OutcomeKind.NoAnswer, ""), Policy, OnUnknown.Resend, Now.AddDays(7), Now, 0);
        Assert.Equal(MessageState.Unknown, doubtful.Follow(new Passage(PassageKind.Expire, Reasons.Expired)).State);
    }

    [Fact]
    public void Law_Tries_EndInABoundedNumberOfSteps()
    {
        var cases = Gen.Elements(OutcomeKind.Transient, OutcomeKind.Permanent, OutcomeKind.NoAnswer, OutcomeKind.Accepted).ListOf().Resize(20)
            .SelectMany(kinds => Gen.Elements(OnUnknown.Leave, OnUnknown.Resend).Select(onUnknown => (kinds, onUnknown)));
        Law.Holds(cases.ToArbitrary(), at =>
        {
            var standing = Standing.Taken(Now);
            var mayHaveArrived = false;
            foreach (var kind in at.kinds)
            {
                if (!standing.IsOpen)
                {
                    break;
                }

                standing = standing.Begin().End(new Outcome(kind, ""), Policy, at.onUnknown, Now.AddDays(7), Now, 0.5);
                mayHaveArrived |= kind is OutcomeKind.NoAnswer or OutcomeKind.Accepted;
                Assert.Equal(standing.IsOpen, standing.NextTime is not null);
            }

            Assert.InRange(standing.Tries, 0, Policy.MostTries);
            Assert.False(mayHaveArrived && standing.State is MessageState.Failed or MessageState.Expired or MessageState.Suppressed);
        });
    }

    [Theory]
    [InlineData(421, "4.3.2 closing", SmtpPhase.Recipient, OutcomeKind.Provider, false)]
    [InlineData(450, "4.2.1 busy", SmtpPhase.Recipient, OutcomeKind.Transient, false)]
    [InlineData(550, "5.1.1 nobody", SmtpPhase.Recipient, OutcomeKind.Permanent, true)]
    [InlineData(550, "5.1.10 null MX", SmtpPhase.Recipient, OutcomeKind.Permanent, true)]
    [InlineData(550, "5.2.1 disabled", SmtpPhase.Content, OutcomeKind.Permanent, true)]
    [InlineData(550, "5.7.1 policy", SmtpPhase.Recipient, OutcomeKind.Permanent, false)]
    [InlineData(550, "", SmtpPhase.Recipient, OutcomeKind.Permanent, false)]
    [InlineData(550, "5.7.1 you may not", SmtpPhase.Sender, OutcomeKind.Provider, false)]
    [InlineData(552, "5.3.4 too large", SmtpPhase.Sender, OutcomeKind.Permanent, false)]
    [InlineData(451, "4.7.1 greylisted", SmtpPhase.Sender, OutcomeKind.Transient, false)]
    [InlineData(535, "5.7.8 wrong", SmtpPhase.Session, OutcomeKind.Provider, false)]
    public void Refusal_Answer_IsOfItsClass(int code, string text, SmtpPhase phase, OutcomeKind kind, bool dead)
    {
        var outcome = new SmtpReply(code, text).Refusal(phase);
        Assert.Equal((kind, dead), (outcome.Kind, outcome.IsAddressDead));
    }

    [Theory]
    [InlineData(204, OutcomeKind.Accepted)]
    [InlineData(302, OutcomeKind.Permanent)]
    [InlineData(400, OutcomeKind.Permanent)]
    [InlineData(410, OutcomeKind.Permanent)]
    [InlineData(429, OutcomeKind.Transient)]
    [InlineData(503, OutcomeKind.Transient)]
    public void Outcome_Status_IsOfItsClass(int status, OutcomeKind kind) => Assert.Equal(kind, HttpReply.Outcome(status).Kind);
}
