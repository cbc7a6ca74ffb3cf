using Churn.Notifications.V1;
using Churn.Playbooks.Documents;
using Churn.ServiceDefaults.Documents;

namespace Churn.Playbooks.Tests.Documents;

/// <summary>Holds a document that uses every key, and ways to change and read it.</summary>
internal static class Example
{
    public const string Full = """
        # Why it is there.
        kind: playbook
        name: failed-payment
        title: A payment failed
        description: |
          Two mails and a task,
          until the payment comes.
        trigger:
          any:
            - past_due: { day: 1 }
            - fact: { kind: payment_failed, where: { decline_code: { not_in: [fraud], present: true }, amount.amount_micros: { at_least: 1000000 } } }
          max_age: 48h
        audience:
          all:
            - state: [active, past_due]
            - { attribute: country, in: [PT, NO], not_in: [ES], present: true }
            - { attribute: seats, at_least: 5, at_most: 50 }
            - mrr: { currency: USD, at_least: 20.00, at_most: 900 }
            - tenure: { at_least: 30d, at_most: 700d }
            - history: { fact: payment_failed, within: 90d, at_least: 1, at_most: 9 }
            - not: { plan: { in: [free], not_in: [test] } }
            - any: [ { contact: billing }, { contact: any } ]
        entry: { again: 30d, most: 3 }
        group: dunning
        priority: 80
        holdout: 12.5%
        goal: [ { fact: payment_succeeded } ]
        exit:
          - movement: { kinds: [churn, paused] }
          - absence: { of: usage_recorded, days: 30 }
          - scheduled_end: { days_before: 7 }
          - renewal: { days_before: 90 }
          - payment_method_expiry: { days_before: 14 }
        caps: { messages: 3, per: 7d }
        measure: { after: 60d }
        steps:
          - id: first
            notify:
              channel: email
              template: payment-failed
              to: billing
              class: transactional
              expire_after: 2d
              variables: { name: "{{ contact.name | else: there }}", invoice: "{{ event.invoice_id }}" }
          - wait: 3d
          - wait_until:
              any: [ { fact: { kind: payment_method_updated } } ]
              for: 4d
              otherwise:
                - task: { title: "Call {{ customer }}", note: "Plan {{ plan }}", owner: "{{ attribute.owner | else: support }}", due: 2d }
                - go_to: last
          - branch:
              - when: { state: [past_due] }
                steps:
                  - webhook: { url: "https://example.com/hook", data: { customer: "{{ customer }}", mrr: "{{ mrr }}" } }
                  - end: handed over
              - when: { plan: [pro] }
                steps: [ { wait: 1h } ]
              - otherwise:
                  - wait: 2w
          - id: last
            notify: { channel: in_app, template: payment-failed, variables: { invoice: "{{ event.invoice_id }}" } }
        """;

    public static DocumentFile File(string text) => DocumentFile.Read("p.yaml", text);

    public static FileDocument Document(string text) => Assert.Single(File(text).Documents);

    /// <summary>Gives a small playbook in which a line or more stand in for one of its own: the key says which.</summary>
    public static string With(string key, string lines)
    {
        var kept = new List<string>();
        var leaving = false;
        foreach (var line in Small.Split('\n'))
        {
            leaving = line.StartsWith(key + ":", StringComparison.Ordinal) || (leaving && line.StartsWith(' '));
            if (!leaving)
            {
                kept.Add(line);
            }
        }

        return string.Join('\n', kept.Append(lines));
    }

    public static async Task<(ReadPlaybook? Read, DocumentProblems Problems)> ReadAsync(string text, DocumentRules? rules = null, IAttributeCatalog? attributes = null)
    {
        var document = Document(text);
        var read = await PlaybookReader.ReadAsync(document, rules ?? DocumentRules.Default, new Templates(), attributes, TestContext.Current.CancellationToken);
        return (read, document.Problems);
    }

    private const string Small = """
        kind: playbook
        name: small
        title: A small one
        trigger: { fact: payment_failed }
        holdout: 10%
        steps:
          - wait: 1d
        """;

    private sealed class Templates : ITemplateCatalog
    {
        public ValueTask<Template?> FindAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(name == "payment-failed"
            ? new Template
            {
                Name = name,
                Variables =
                {
                    new Variable { Name = "name", Type = Variable.Types.Type.Text },
                    new Variable { Name = "invoice", Type = Variable.Types.Type.Text, Required = true },
                    new Variable { Name = "amount", Type = Variable.Types.Type.Money },
                    new Variable { Name = "count", Type = Variable.Types.Type.Number },
                    new Variable { Name = "due", Type = Variable.Types.Type.Time },
                    new Variable { Name = "trial", Type = Variable.Types.Type.Truth },
                    new Variable { Name = "url", Type = Variable.Types.Type.Link },
                },
            }
            : null);
    }
}
