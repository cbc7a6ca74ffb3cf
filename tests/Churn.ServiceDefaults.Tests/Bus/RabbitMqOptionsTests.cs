using Churn.ServiceDefaults.Bus;

namespace Churn.ServiceDefaults.Tests.Bus;

public sealed class RabbitMqOptionsTests
{
    [Theory]
    [InlineData("amqp://localhost", "amqp://localhost:5672/", "guest", "guest")]
    [InlineData("amqp://a:b@one:1,two:2/staging", "amqp://one:1,two:2/staging", "a", "b")]
    [InlineData("amqps://a:p%40ss%2F@one/", "amqps://one:5671/", "a", "p@ss/")]
    [InlineData("amqp://a:b@[::1]:7/%2Fx", "amqp://[::1]:7/%2Fx", "a", "b")]
    public void Parse_AnAddress_GivesItsParts(string address, string shown, string user, string password)
    {
        var options = RabbitMqOptions.Parse(address);
        Assert.Equal((shown, user, password), (options.ToString(), options.User, options.Password));
        Assert.Equal(address.StartsWith("amqps", StringComparison.Ordinal), options.Tls);
    }

    [Fact]
    public void Parse_TlsWithAuthorities_GivesTheirFile() => Assert.Equal("/a b.pem", RabbitMqOptions.Parse("amqps://a:b@h?cacertfile=/a%20b.pem").AuthorityFile);

    [Theory]
    [InlineData("", "begins neither")]
    [InlineData("localhost:5672", "begins neither")]
    [InlineData("http://localhost", "begins neither")]
    [InlineData("amqp://", "no host")]
    [InlineData("amqp://secret@h", "without a password")]
    [InlineData("amqp://a:secret@h:0", "\"0\" is no port")]
    [InlineData("amqp://a:secret@h:99999", "\"99999\" is no port")]
    [InlineData("amqp://a:secret@h,", "no host")]
    [InlineData("amqp://a:secret@h h", "\"h h\" is no host")]
    [InlineData("amqps://a:secret@h?x=1", "\"?x\" is unknown")]
    [InlineData("amqp://a:secret@h?cacertfile=x", "amqps:// alone")]
    public void Parse_WhatIsNoAddress_SaysWhatIsWrongWithoutThePassword(string address, string why)
    {
        var exception = Assert.Throws<FormatException>(() => RabbitMqOptions.Parse(address));
        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Write amqp[s]://", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }
}
