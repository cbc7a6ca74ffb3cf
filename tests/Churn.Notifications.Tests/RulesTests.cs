using System.Net;
using Churn.Notifications.Domain;
using FsCheck.Fluent;

namespace Churn.Notifications.Tests;

public sealed class RulesTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fdff::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::")]
    [InlineData("2001:db8::1")]
    [InlineData("2001::1")]
    public void Contains_PrivateAddress_IsTrue(string address) => Assert.True(PrivateNetworks.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    public void Contains_PublicAddress_IsFalse(string address) => Assert.False(PrivateNetworks.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://localhost/x", true)]
    [InlineData("https://localhost./x", true)]
    [InlineData("https://a.localhost/x", true)]
    [InlineData("https://127.1/x", true)]
    [InlineData("https://0x7f000001/x", true)]
    [InlineData("https://[::1]/x", true)]
    [InlineData("https://[::ffff:10.0.0.1]/x", true)]
    [InlineData("https://hooks.example.org/x", false)]
    public void IsPrivateHost_Address_IsSeenWithoutAsking(string url, bool expected) => Assert.Equal(expected, PrivateNetworks.IsPrivateHost(new Uri(url)));

    [Theory]
    [InlineData("ana@example.org", null)]
    [InlineData("a.b+c@sub.example.org", null)]
    [InlineData("ana@localhost", null)]
    [InlineData("", "is empty")]
    [InlineData("ana", "no single '@'")]
    [InlineData("@example.org", "no single '@'")]
    [InlineData("ana@", "no single '@'")]
    [InlineData("a@b@c.org", "no single '@'")]
    [InlineData("ana@example.org\nBcc: eve@example.org", "holds a line break")]
    [InlineData("ana@example.org\r", "holds a line break")]
    [InlineData("ana\u0000@example.org", "U+0000")]
    [InlineData("<ana@example.org>", "a space or one of")]
    [InlineData("ana@example.org,eve@example.org", "a space or one of")]
    [InlineData("ana @example.org", "a space or one of")]
    [InlineData("ana@[127.0.0.1]", "a space or one of")]
    [InlineData("\u00E4na@example.org", "name before the '@'")]
    [InlineData(".ana@example.org", "name before the '@'")]
    [InlineData("ana@example..org", "no domain after the '@'")]
    [InlineData("ana@-example.org", "no domain after the '@'")]
    public void Problem_Address_SaysWhatIsWrong(string address, string? expected)
    {
        var problem = MailAddress.Problem(address);
        Assert.True(expected is null ? problem is null : problem?.Contains(expected, StringComparison.Ordinal) == true, problem);
    }

    [Fact]
    public void Law_Wants_TheMostSpecialPreferenceDecidesInAnyOrder()
    {
        var preferences = from channel in Gen.Elements<Channel?>(null, Channel.Email, Channel.InApp)
                          from category in Gen.Elements("", "a", "b")
                          from wanted in Gen.Elements(true, false)
                          select new Preference(channel, category, wanted);
        Law.Holds(preferences.ListOf().ToArbitrary(), all =>
        {
            var one = all.DistinctBy(preference => (preference.Channel, preference.Category)).ToList();
            foreach (var (channel, category) in new[] { (Channel.Email, "a"), (Channel.InApp, "b"), (Channel.Email, "") })
            {
                var expected = new (Channel? Channel, string Category)[] { (channel, category), (null, category), (channel, ""), (null, "") }
                    .Select(at => one.Find(preference => (preference.Channel, preference.Category) == at)).FirstOrDefault(found => found is not null)?.IsWanted ?? true;
                Assert.Equal(expected, Preference.Wants(one, channel, category));
                Assert.Equal(expected, Preference.Wants(Enumerable.Reverse(one), channel, category));
            }
        });
    }

    [Theory]
    [InlineData("pt-BR", "pt")]
    [InlineData("PT", "pt")]
    [InlineData("en-US-x", "en-US")]
    [InlineData("fr", "en")]
    [InlineData("", "en")]
    public void Choose_Locale_FallsBackPartByPart(string wanted, string expected) => Assert.Equal(expected, Locales.Choose(wanted, ["en", "en-US", "pt"], "en"));

    [Theory]
    [InlineData(1_234_500_000, "USD", "en", "1,234.50 USD")]
    [InlineData(1_234_500_000, "EUR", "pt-PT", "1.234,50 EUR")]
    [InlineData(49_000_000, "JPY", "en", "49 JPY")]
    [InlineData(1_005_000, "USD", "en", "1.00 USD")]
    [InlineData(1_015_000, "USD", "en", "1.02 USD")]
    [InlineData(-5_000_000, "KWD", "en", "-5.000 KWD")]
    [InlineData(long.MaxValue, "USD", "en", "9,223,372,036,854.78 USD")]
    public void Of_Money_IsWrittenForPeople(long micros, string currency, string locale, string expected) => Assert.Equal(expected, MoneyText.Of(micros, currency, locale));
}
