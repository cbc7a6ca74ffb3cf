using Churn.Notifications.Templates;
using Churn.Notifications.Tests.Hosting;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Notifications.Tests.Templates;

public sealed class TemplateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("subject: \"We could", "subject: \"{{ nam }} could", "test.yaml:11:14: locales.en.subject: 'nam' is no variable of this template; did you mean 'name'?")]
    [InlineData("your payment of {{ amount }} failed.", "your {{ amuont }} failed.", "test.yaml:15:1: locales.en.text: 'amuont' is no variable of this template; did you mean 'amount'?")]
    [InlineData("Dear {{ name }},", "Dear {{ name | shout }},", "test.yaml:13:1: locales.en.text: there is no filter 'shout'")]
    [InlineData("Dear {{ name }},", "Dear {{ name,", "this is no Liquid")]
    [InlineData("Dear {{ name }},", "Dear {% include 'x' %},", "'include' is of no use here")]
    [InlineData("class: transactional", "class: advert", "'advert' is none of transactional, marketing")]
    [InlineData("class: transactional\n", "", "'class' is missing; write 'class: marketing'")]
    [InlineData("name: payment-failed", "name: Payment_Failed", "'Payment_Failed' is no name")]
    [InlineData("type: text", "type: string", "'string' is none of text, number, money, time, truth, link")]
    [InlineData(", sample: Ana", "", "'name' is required and has no sample")]
    [InlineData("amount_micros: 49000000", "amount_micros: many", "with the samples: 'amount'")]
    [InlineData("default_locale: en", "default_locale: fr", "there are no texts for 'fr'; the locales are en, pt")]
    [InlineData("  pt:\n", "  p_t:\n", "'p_t' is no language tag")]
    [InlineData("kind: template", "kind: playbook", "'playbook' is none of template")]
    [InlineData("category: billing", "categories: billing", "'categories' is no key here; did you mean 'category'?")]
    [InlineData("    subject: \"O pagamento", "    title: \"O pagamento", "'subject' is missing")]
    public void Read_WrongDocument_SaysWhereAndWhatToDo(string from, string to, string expected)
    {
        Assert.Contains(from, Samples.Payment, StringComparison.Ordinal);
        Assert.Null(TemplateReader.Read("test.yaml", Samples.Payment.Replace(from, to, StringComparison.Ordinal), out var problems));
        Assert.Contains(expected, string.Join('\n', problems.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutTemplate_Changed_MakesAVersionAndKeepsTheOld()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        Assert.Equal((1, true), await Put(Samples.Payment));
        Assert.Equal((1, false), await Put(Samples.Payment + "# a comment\n"));
        Assert.Equal((2, true), await Put(Samples.Payment.Replace("Dear", "Hello", StringComparison.Ordinal), dryRun: true));
        Assert.Equal((2, true), await Put(Samples.Payment.Replace("Dear", "Hello", StringComparison.Ordinal)));
        Assert.StartsWith("Hello", (await server.Client.PreviewMessageAsync(new PreviewMessageRequest { Template = "payment-failed" })).Text, StringComparison.Ordinal);
        Assert.StartsWith("Dear", (await server.Client.PreviewMessageAsync(new PreviewMessageRequest { Template = "payment-failed", Version = 1 })).Text, StringComparison.Ordinal);
        var listed = Assert.Single((await server.Client.ListTemplatesAsync(new ListTemplatesRequest())).Templates);
        Assert.Equal((2, "en,pt", "name,amount"), (listed.Version, string.Join(',', listed.Locales), string.Join(',', listed.Variables.Select(variable => variable.Name))));
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.PutAsync("kind: template\nname: x\n"));
        var details = wrong.ToRichStatus()!;
        Assert.Equal("DOCUMENT_INVALID", details.Details[0].Unpack<Google.Rpc.ErrorInfo>().Reason);
        Assert.All(details.Details[1].Unpack<Google.Rpc.BadRequest>().FieldViolations, violation => Assert.StartsWith("test.yaml:1:1: ", violation.Description, StringComparison.Ordinal));

        async Task<(int, bool)> Put(string document, bool dryRun = false)
        {
            var put = await server.Client.PutTemplateAsync(new PutTemplateRequest { Document = document, DryRun = dryRun });
            return (put.Template.Version, put.Changed);
        }
    }

    [Fact]
    public async Task Preview_Locale_FallsBackAndShowsMoneyItsWay()
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        Assert.Equal("O pagamento de 49,00 USD falhou", (await server.Client.PreviewMessageAsync(new PreviewMessageRequest { Template = "payment-failed", Locale = "pt-BR" })).Subject);
        Assert.Equal("We could not take your payment of 49.00 USD", (await server.Client.PreviewMessageAsync(new PreviewMessageRequest { Template = "payment-failed", Locale = "fr" })).Subject);
    }

    [Fact]
    public void Render_EveryType_IsShownForPeopleAndEscapedInHtml()
    {
        const string document =
            """
            kind: template
            name: all
            class: marketing
            variables:
              who: {type: text, required: true, sample: x}
              count: {type: number, sample: 3}
              amount: {type: money, sample: 1500000}
              currency: {type: text, sample: EUR}
              due: {type: time, sample: "2026-07-01T10:00:00Z"}
              day: {type: time, sample: "2026-07-01"}
              vip: {type: truth, sample: true}
              link: {type: link, sample: "https://acme.example/?a=1&b=2"}
            locales:
              en:
                subject: "{{ who }}"
                text: "{{ who }} {{ count | plus: 1 }} {{ amount }} {{ due }} {{ day | date: '%d.%m.%Y' }} {% if vip %}yes{% else %}no{% endif %} {{ link }}"
                html: "<p>{{ who }} <a href=\"{{ link }}\">x</a></p>"

            """;
        var template = TemplateReader.Read("all.yaml", document, out var problems)!;
        Assert.Empty(problems.Errors);
        var values = new Struct
        {
            Fields =
            {
                ["who"] = Value.ForString("<b>&\r\n"),
                ["count"] = Value.ForString("41"),
                ["amount"] = Value.ForString("1234500000"),
                ["currency"] = Value.ForString("USD"),
                ["due"] = Value.ForString("2026-07-01T10:00:00Z"),
                ["day"] = Value.ForString("2026-07-01"),
                ["vip"] = Value.ForString("false"),
                ["link"] = Value.ForString("https://acme.example/?a=1&b=2"),
            },
        };
        var rendered = template.Render(values, Domain.Channel.Email, new Recipient { TimeZone = "America/New_York" }, null);
        Assert.Equal("<b>&", rendered.Subject);
        Assert.Equal("<b>&\n 42 1,234.50 USD 2026-07-01 06:00 01.07.2026 no https://acme.example/?a=1&b=2", rendered.Text);
        Assert.Contains("&lt;b&gt;&amp;", rendered.Html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://acme.example/?a=1&amp;b=2\">", rendered.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", null, "VARIABLE_MISSING", "'name' is required and has no value; give a text.")]
    [InlineData("name", "", "VARIABLE_MISSING", "'name' is required and has no value; give a text.")]
    [InlineData("nmae", "x", "VARIABLE_UNKNOWN", "'nmae' is no variable of the template; did you mean 'name'?")]
    [InlineData("amount", "many", "VARIABLE_INVALID", "'amount' is the text 'many'; give micros such as 49000000, or an object with amount_micros and currency.")]
    [InlineData("amount", "49000000", "VARIABLE_INVALID", "'amount' has no currency; give an object with amount_micros and currency, three capitals such as USD.")]
    [InlineData("amount", "1.5", "VARIABLE_INVALID", "'amount' is the text '1.5'; give micros such as 49000000, or an object with amount_micros and currency.")]
    public async Task Send_WrongVariable_SaysWhichAndWhatToDo(string variable, string? value, string reason, string message)
    {
        await using var server = await NotifyServer.StartAsync(_folder);
        await server.PutAsync(Samples.Payment);
        var request = Samples.PaymentTo("k1");
        request.Variables.Fields[variable] = value is null ? Value.ForNull() : Value.ForString(value);
        var wrong = await Assert.ThrowsAsync<RpcException>(() => server.SendAsync(request));
        Assert.Equal(message, wrong.Status.Detail);
        Assert.Equal(reason, wrong.ToRichStatus()!.Details[0].Unpack<Google.Rpc.ErrorInfo>().Reason);

        // The stream cannot be told: the message tells the story.
        server.Request(request);
        var failed = (await server.ReachAsync("k1", MessageState.Failed)).Message;
        Assert.Equal((reason, message), (failed.Reason, failed.Detail));
    }
}
