using Churn.Playbooks.Consumers;
using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Tests.Consumers;

public sealed class RequestToWireTests
{
    [Theory]
    [InlineData("Europe/Lisbon", "Europe/Lisbon")]
    [InlineData("", "")]
    [InlineData("Mars/Phobos", "")]
    [InlineData("../../etc/passwd", "")]
    [InlineData("Europe/Lisbon\n", "")]
    public void ToWire_AZoneThatIsNone_IsLeftOutAndTheMessageGoes(string zone, string sent)
    {
        var send = new Effect.Send(
            "r1:s1", "r1", "p", "email", new Recipient("c", "Ana", "ana@example.com", "pt", zone), "t", new Dictionary<string, FieldValue>(StringComparer.Ordinal), "", null, null, 1);
        Assert.Equal((sent, "ana@example.com"), (send.ToWire("z1").Recipient.TimeZone, send.ToWire("z1").Recipient.Email));
    }
}
