using System.CommandLine;
using Churn.Cli;
using Churn.Notifications.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Churn.Suite.Tests.Notify;

/// <summary>Compares what <c>churn notify</c> prints with files; UPDATE_GOLDEN=1 writes them.</summary>
public class ScreensTests
{
    [Theory]
    [InlineData("send", "send --customer acme --to ana@example.com --template failed-payment-1")]
    [InlineData("send-again", "send --customer acme --to ana@example.com --template failed-payment-1 --key old")]
    [InlineData("preview", "preview failed-payment-1 --locale pt-BR")]
    [InlineData("preview-html", "preview failed-payment-1 --html")]
    [InlineData("status", "status")]
    [InlineData("status-csv", "status --format csv")]
    [InlineData("status-one", "status m-1")]
    [InlineData("status-key-csv", "status cli-1 --format csv")]
    [InlineData("inbox", "inbox --customer acme")]
    [InlineData("inbox-csv", "inbox --customer acme --format csv")]
    [InlineData("inbox-follow", "inbox --customer acme --follow")]
    [InlineData("inbox-follow-json", "inbox --customer acme --follow --format json")]
    [InlineData("inbox-mail", "inbox --mail")]
    [InlineData("inbox-mail-raw", "inbox --mail --raw")]
    [InlineData("templates", "templates")]
    [InlineData("templates-one", "templates failed-payment-1")]
    [InlineData("preferences", "preferences --customer acme")]
    [InlineData("preferences-changed", "preferences --customer acme --wanted onboarding --unwanted email:news --quiet 22:00-07:30")]
    [InlineData("suppress", "suppress ana@example.com --reason asked")]
    [InlineData("unsuppress", "unsuppress ana@example.com")]
    [InlineData("suppressions", "suppressions")]
    public async Task Screen_OfAFewMessages_IsTheGoldenOne(string name, string command)
    {
        await using var server = await CommandServer.StartAsync();
        var outcome = await server.AskAsync(["notify", .. command.Split(' ')]);
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Golden.Matches(name, outcome.Output.Replace("\r\n", "\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("notify")]
    [InlineData("notify send")]
    [InlineData("notify preview")]
    [InlineData("notify status")]
    [InlineData("notify inbox")]
    [InlineData("notify templates")]
    [InlineData("notify preferences")]
    [InlineData("notify suppress")]
    [InlineData("notify unsuppress")]
    [InlineData("notify suppressions")]
    public void Help_OfACommand_IsTheGoldenOne(string command)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var churn = ChurnCommand.Create(SuiteCommands.Create());
        Assert.Equal(0, ChurnCommand.Read(churn, [.. command.Split(' '), "--help"]).Invoke(new InvocationConfiguration { Output = output }));
        Golden.Matches("help-" + command.Replace(' ', '-'), output.ToString());
    }

    [Theory]
    [InlineData("inbox", "inbox takes --customer ID for a person's inbox, or --mail for the development mailbox.")]
    [InlineData("inbox --mail --customer acme", "inbox takes --customer ID for a person's inbox, or --mail for the development mailbox.")]
    [InlineData("inbox --mail --follow", "--follow and --contact are for a person's inbox, not for --mail.")]
    [InlineData("inbox --customer acme --raw", "--to and --raw are for --mail.")]
    [InlineData("send --template x", "Option '--customer' is required.")]
    [InlineData("send --customer acme --var plan", "--var takes NAME=VALUE, for example plan=Team, not 'plan'.")]
    [InlineData("send --customer acme --channel pigeon", "--channel takes email, in-app or webhook, not 'pigeon'.")]
    [InlineData("preferences --customer acme --quiet night", "--quiet takes two times of the day such as 21:00-08:00, not 'night'.")]
    [InlineData("preferences --customer acme --quiet 21:00-24:00", "--quiet takes two times of the day such as 21:00-08:00, not '21:00-24:00'.")]
    public async Task Run_BadOption_SaysWhatIsTaken(string command, string message)
    {
        var outcome = await CommandServer.RunAsync(["notify", .. command.Split(' ')]);
        Assert.Equal((1, message), (outcome.Status, outcome.Error.Split('\n')[0]));
    }

    [Fact]
    public async Task Send_Variables_HaveTheTypesOfTheTemplate()
    {
        await using var server = await CommandServer.StartAsync();
        await server.AskAsync(
            "notify", "send", "--customer", "acme", "--to", "a@example.com", "--template", "failed-payment-1", "--var", "amount=20000000", "--var", "plan=2024", "--var", "urgent=true",
            "--locale", "pt", "--time-zone", "Europe/Lisbon", "--contact", "ana", "--name", "Ana");
        Assert.Equal(
            """{ "key": "cli-1", "channel": "CHANNEL_EMAIL", "recipient": { "customerId": "acme", "contactId": "ana", "name": "Ana", "email": "a@example.com", "locale": "pt", "timeZone": "Europe/Lisbon" }, "template": "failed-payment-1", "variables": { "amount": 20000000, "plan": "2024", "urgent": true } }""",
            JsonFormatter.Default.Format(server.Notifications.Requests.OfType<SendRequest>().Single()));
    }

    [Fact]
    public async Task Send_AVariableOfAnotherType_SaysWhichItIs()
    {
        await using var server = await CommandServer.StartAsync();
        var outcome = await server.AskAsync("notify", "send", "--customer", "acme", "--template", "failed-payment-1", "--var", "amount=much");
        Assert.Equal((1, "", "churn notify: --var amount takes micros of money, 20000000 for 20.00, not 'much'\n"), (outcome.Status, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task Send_ToAWebhook_TakesValuesThatAreJsonAsThat()
    {
        await using var server = await CommandServer.StartAsync();
        await server.AskAsync(
            "notify", "send", "--customer", "acme", "--channel", "webhook", "--url", "https://example.com/h", "--var", "score=12", "--var", "tags=[\"a\"]", "--var", "who=Ana", "--var", "eq=a=b");
        var request = server.Notifications.Requests.OfType<SendRequest>().Single();
        Assert.Equal(
            """{ "score": 12, "tags": [ "a" ], "who": "Ana", "eq": "a=b" }""", JsonFormatter.Default.Format(request.Variables));
        Assert.Equal((Channel.Webhook, "https://example.com/h", ""), (request.Channel, request.WebhookUrl, request.Template));
    }

    [Fact]
    public async Task Send_RefusedAddress_NamesTheOption()
    {
        await using var server = await CommandServer.StartAsync();
        server.Notifications.Failures.Enqueue(CommandServer.Failure(
            StatusCode.InvalidArgument, "ADDRESS_INVALID", "An address has one '@'.", ("recipient.email", "An address has one '@'.")));
        var outcome = await server.AskAsync("notify", "send", "--customer", "acme", "--to", "nobody", "--template", "failed-payment-1");
        Assert.Equal((1, "", "churn notify: An address has one '@' (--to; ADDRESS_INVALID)\n"), (outcome.Status, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task Status_OfNone_SaysSo()
    {
        await using var server = await CommandServer.StartAsync();
        var outcome = await server.AskAsync("notify", "status", "gone");
        Assert.Equal((1, "", "churn notify: There is no message of that key (MESSAGE_NOT_FOUND)\n"), (outcome.Status, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task Preferences_Changed_KeepTheRest()
    {
        await using var server = await CommandServer.StartAsync();
        await server.AskAsync("notify", "preferences", "--customer", "acme", "--contact", "ana", "--unwanted", "in-app", "--unwanted", "email:news");
        Assert.Equal(
            """{ "person": { "customerId": "acme", "contactId": "ana" }, "preferences": [ { "category": "onboarding" }, { "channel": "CHANNEL_IN_APP" }, { "channel": "CHANNEL_EMAIL", "category": "news" } ], "quietHours": { "from": "21:00", "to": "08:00" } }""",
            JsonFormatter.Default.Format(server.Notifications.Requests.OfType<SetPreferencesRequest>().Single()));
    }

    [Theory]
    [InlineData("status", "No message.")]
    [InlineData("inbox --customer acme", "The inbox is empty.")]
    [InlineData("inbox --mail", "No mail. The mailbox has what churn serve sends while it is told of no mail server.")]
    [InlineData("templates", "There is no template yet. churn playbooks apply saves those of a file.")]
    [InlineData("preferences --customer acme", "Nothing was said: everything is wanted.")]
    [InlineData("suppressions", "No address is suppressed.")]
    public async Task Screen_OfNothing_SaysSo(string command, string text)
    {
        await using var server = await CommandServer.StartAsync();
        server.Notifications.IsEmpty = true;
        Assert.Equal(text + "\n", (await server.AskAsync(["notify", .. command.Split(' ')])).Output);
    }
}
