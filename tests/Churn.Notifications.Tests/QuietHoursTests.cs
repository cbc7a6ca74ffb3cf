using Churn.Notifications.Domain;
using FsCheck.Fluent;

namespace Churn.Notifications.Tests;

public sealed class QuietHoursTests
{
    private static readonly string[] Zones = ["UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns"];

    [Theory]
    [InlineData("21:00", "08:00", "UTC", "2026-03-10T20:59:59Z", "2026-03-10T20:59:59Z")]
    [InlineData("21:00", "08:00", "UTC", "2026-03-10T21:00:00Z", "2026-03-11T08:00:00Z")]
    [InlineData("21:00", "08:00", "UTC", "2026-03-11T07:59:59Z", "2026-03-11T08:00:00Z")]
    [InlineData("21:00", "08:00", "UTC", "2026-03-11T08:00:00Z", "2026-03-11T08:00:00Z")]
    [InlineData("12:00", "14:00", "Europe/Lisbon", "2026-07-01T11:30:00Z", "2026-07-01T13:00:00Z")]
    [InlineData("21:00", "08:00", "America/New_York", "2026-01-10T12:00:00Z", "2026-01-10T13:00:00Z")]

    // The clock goes from 01:00 to 02:00: the end at 01:30 never comes, and 02:00 is past it.
    [InlineData("22:00", "01:30", "Europe/Lisbon", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z")]

    // The clock goes from 02:00 back to 01:00: 01:30 comes twice, and the first ends the quiet.
    [InlineData("22:00", "01:30", "Europe/Lisbon", "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z")]

    // It goes back to before the beginning: there is an hour that is not quiet in between.
    [InlineData("01:30", "06:00", "Europe/Lisbon", "2026-10-25T00:40:00Z", "2026-10-25T01:00:00Z")]
    public void NextAllowed_Instant_IsTheFirstThatIsNotQuiet(string from, string to, string zone, string now, string expected) => Assert.Equal(
        DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
        new QuietHours(TimeOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), TimeOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture))
            .NextAllowed(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Fact]
    public void Law_NextAllowed_IsNeverQuietAndEveryMinuteBeforeIs()
    {
        var minutes = Gen.Choose(0, 1_439);
        var cases = from fromMinute in minutes
                    from toMinute in minutes
                    where fromMinute != toMinute
                    from zone in Gen.Elements(Zones)
                    from minute in NearAChange()
                    from seconds in Gen.Choose(0, 59)
                    select (Quiet: new QuietHours(Clock(fromMinute), Clock(toMinute)), zone, Now: DateTimeOffset.UnixEpoch.AddMinutes(minute).AddSeconds(seconds));
        Law.Holds(cases.ToArbitrary(), at =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(at.zone);
            var next = at.Quiet.NextAllowed(at.Now, zone);
            Assert.False(IsQuiet(at.Quiet, next, zone));
            for (var time = at.Now; time < next; time = time.AddMinutes(1))
            {
                Assert.True(IsQuiet(at.Quiet, time, zone));
            }

            Assert.True(next == at.Now || IsQuiet(at.Quiet, next.AddTicks(-1), zone));
        }, times: 500);

        static TimeOnly Clock(int minute) => new(minute / 60, minute % 60);

        // Days on which some of the zones change their clocks, and any others.
        static FsCheck.Gen<long> NearAChange() => Gen.OneOf(
            Gen.Choose(0, 60 * 24 * 4).Select(minute => Minutes("2026-03-28T00:00:00Z") + minute),
            Gen.Choose(0, 60 * 24 * 4).Select(minute => Minutes("2026-10-23T00:00:00Z") + minute),
            Gen.Choose(0, 60 * 24 * 3).Select(minute => Minutes("2026-03-07T00:00:00Z") + minute),
            Gen.Choose(0, 60 * 24 * 365).Select(minute => Minutes("2026-01-01T00:00:00Z") + minute));

        static long Minutes(string instant) => (DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMinute;

        // Said in another way than the code does.
        static bool IsQuiet(QuietHours quiet, DateTimeOffset at, TimeZoneInfo zone)
        {
            var minute = TimeZoneInfo.ConvertTime(at, zone).TimeOfDay.TotalMinutes;
            var (from, to) = (quiet.From.ToTimeSpan().TotalMinutes, quiet.To.ToTimeSpan().TotalMinutes);
            return from < to ? minute >= from && minute < to : !(minute >= to && minute < from);
        }
    }
}
