using Churn.Notifications.V1;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Notifications.Tests.Hosting;

/// <summary>Templates and requests that tests begin with.</summary>
internal static class Samples
{
    public const string Payment =
        """
        kind: template
        name: payment-failed
        class: transactional
        category: billing
        variables:
          name: {type: text, required: true, sample: Ana}
          amount: {type: money, required: true, sample: {amount_micros: 49000000, currency: USD}}
        default_locale: en
        locales:
          en:
            subject: "We could not take your payment of {{ amount }}"
            text: |
              Dear {{ name }},

              your payment of {{ amount }} failed.
          pt:
            subject: "O pagamento de {{ amount }} falhou"
            text: |
              Caro/a {{ name }}, o pagamento de {{ amount }} não passou.

        """;

    public const string News =
        """
        kind: template
        name: news
        class: marketing
        category: product-news
        track: true
        locales:
          en:
            subject: News
            title: News for you
            text: "Hello, see https://acme.example/new. To hear no more: {{ unsubscribe_url }}"
            html: |
              <html><body><p>Hello, see <a href="https://acme.example/new?a=1&amp;b=2">what is new</a>.</p></body></html>

        """;

    public static SendRequest PaymentTo(string key, string email = "ana@example.org", string customer = "c1") => new()
    {
        Key = key,
        Channel = Channel.Email,
        Recipient = new Recipient { CustomerId = customer, Email = email, Name = "Ana" },
        Template = "payment-failed",
        Variables = new Struct
        {
            Fields =
            {
                ["name"] = Value.ForString("Ana"),
                ["amount"] = Value.ForStruct(new Struct { Fields = { ["amount_micros"] = Value.ForString("49000000"), ["currency"] = Value.ForString("EUR") } }),
            },
        },
    };

    public static SendRequest NewsTo(string key, Channel channel = Channel.Email, string customer = "c1", string contact = "") => new()
    {
        Key = key,
        Channel = channel,
        Recipient = new Recipient { CustomerId = customer, ContactId = contact, Email = "ana@example.org", Name = "Ana" },
        Template = "news",
    };
}
