using Churn.Notifications.Domain;
using FsCheck.Fluent;

namespace Churn.Notifications.Tests;

public sealed class GateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gate Open = new() { Channel = Channel.Email, Class = MessageClass.Marketing, Expire = Noon.AddDays(7) };

    [Fact]
    public void Decide_NothingAgainst_Goes() => Assert.Equal(PassageKind.Go, Open.Decide(Noon).Kind);

    [Theory]
    [InlineData(-1, PassageKind.Go)]
    [InlineData(0, PassageKind.Expire)]
    [InlineData(1, PassageKind.Expire)]
    public void Decide_AtItsExpiry_IsTooLate(long ticks, PassageKind expected) => Assert.Equal(expected, (Open with { Expire = Noon }).Decide(Noon.AddTicks(ticks)).Kind);

    [Theory]
    [InlineData(MessageClass.Marketing, false, Reasons.Unsubscribed)]
    [InlineData(MessageClass.Transactional, false, "")]
    [InlineData(MessageClass.Marketing, true, "")]
    public void Decide_NotWanted_HoldsMarketingAlone(MessageClass it, bool wanted, string reason) =>
        Assert.Equal(reason, (Open with { Class = it, IsWanted = wanted }).Decide(Noon).Reason);

    [Theory]
    [InlineData(MessageClass.Marketing, false, Reasons.Suppressed)]
    [InlineData(MessageClass.Transactional, false, "")]
    [InlineData(MessageClass.Transactional, true, Reasons.Suppressed)]
    public void Decide_Suppressed_HoldsTransactionalWhereItIsForAll(MessageClass it, bool all, string reason) =>
        Assert.Equal(reason, (Open with { Class = it, Suppression = "unsubscribed", SuppressesAll = all }).Decide(Noon).Reason);

    [Fact]
    public void Decide_NoAddress_IsSuppressed() => Assert.Equal(
        (PassageKind.Suppress, Reasons.NoAddress), (Open with { HasAddress = false }).Decide(Noon) is var passage ? (passage.Kind, passage.Reason) : default);

    [Fact]
    public void Decide_QuietPastTheExpiry_IsHeldUntilTheExpiryAlone()
    {
        var passage = (Open with { QuietHours = new QuietHours(new TimeOnly(9, 0), new TimeOnly(18, 0)), Expire = Noon.AddHours(1) }).Decide(Noon);
        Assert.Equal((PassageKind.Hold, Reasons.QuietHours, Noon.AddHours(1)), (passage.Kind, passage.Reason, passage.Until));
    }

    [Fact]
    public void Decide_CapEndsWithinQuietHours_IsHeldUntilBothAllowIt()
    {
        var gate = Open with
        {
            Cap = new SendingCap(1, TimeSpan.FromDays(1)),
            Sent = [Noon.AddHours(-13)],
            QuietHours = new QuietHours(new TimeOnly(22, 0), new TimeOnly(8, 0)),
        };
        var passage = gate.Decide(Noon);
        Assert.Equal((Reasons.Cap, Noon.Date.AddDays(1).AddHours(8)), (passage.Reason, passage.Until.UtcDateTime));
    }

    [Fact]
    public void Decide_Webhook_IsNobodysPeace() => Assert.Equal(PassageKind.Go, (Open with
    {
        Channel = Channel.Webhook,
        IsWanted = false,
        Suppression = "x",
        QuietHours = new QuietHours(new TimeOnly(9, 0), new TimeOnly(18, 0)),
        Cap = new SendingCap(1, TimeSpan.FromDays(1)),
        Sent = [Noon],
    }).Decide(Noon).Kind);

    [Fact]
    public void Law_Cap_NoStretchHoldsMoreInAnyOrderOfRequests()
    {
        var cases = from most in Gen.Choose(1, 4)
                    from hours in Gen.Choose(1, 72)
                    from gaps in Gen.Choose(0, 20).ListOf()
                    select (Cap: new SendingCap(most, TimeSpan.FromHours(hours)), Gaps: gaps);
        Law.Holds(cases.ToArbitrary(), at =>
        {
            var sent = new List<DateTimeOffset>();
            var now = Noon;
            foreach (var gap in at.Gaps)
            {
                now = now.AddHours(gap);
                var next = at.Cap.NextAllowed(now, sent);
                Assert.True(next >= now);
                Assert.True(next == now || Within(sent, next.AddTicks(-1)) == at.Cap.Messages);
                sent.Insert(sent.Count / 2, next);
                Assert.InRange(Within(sent, next), 1, at.Cap.Messages);

                int Within(List<DateTimeOffset> all, DateTimeOffset end) => all.Count(time => time > end - at.Cap.Window && time <= end);
            }

            foreach (var end in sent)
            {
                Assert.InRange(sent.Count(time => time > end - at.Cap.Window && time <= end), 1, at.Cap.Messages);
            }
        });
    }

    [Fact]
    public void Law_Decide_NeverGoesInQuietHoursNorAfterTheExpiry()
    {
        var cases = from fromHour in Gen.Choose(0, 23)
                    from length in Gen.Choose(1, 23)
                    from offset in Gen.Choose(0, 4_000)
                    from life in Gen.Choose(-500, 4_000)
                    from sent in Gen.Choose(0, 4_000).ListOf()
                    select (Quiet: new QuietHours(new TimeOnly(fromHour, 0), new TimeOnly((fromHour + length) % 24, 0)), Now: Noon.AddMinutes(offset), Expire: Noon.AddMinutes(offset + life),
                        Sent: sent.Select(minute => Noon.AddMinutes(-minute)).ToList());
        Law.Holds(cases.ToArbitrary(), at =>
        {
            var gate = Open with { QuietHours = at.Quiet, Expire = at.Expire, Cap = new SendingCap(2, TimeSpan.FromDays(1)), Sent = at.Sent };
            var now = at.Now;
            for (var looks = 0; ; looks++)
            {
                Assert.True(looks < 20);
                var passage = gate.Decide(now);
                if (passage.Kind == PassageKind.Expire)
                {
                    Assert.True(now >= at.Expire);
                    return;
                }

                if (passage.Kind == PassageKind.Go)
                {
                    Assert.False(at.Quiet.Holds(now, TimeZoneInfo.Utc));
                    Assert.True(now < at.Expire);
                    Assert.True(at.Sent.Count(time => time > now - TimeSpan.FromDays(1)) < 2);
                    return;
                }

                Assert.True(passage.Until > now && passage.Until <= at.Expire);
                now = passage.Until;
            }
        });
    }
}
