using Churn.Playbooks.Documents;

namespace Churn.Playbooks.Tests.Documents;

/// <summary>Tries what people get wrong; <see cref="SchemaTests"/> tries the same on the schema.</summary>
public sealed class BadPlaybooksTests
{
    /// <summary>Gives the key that is replaced, what by, whether the schema can see it, and what is said.</summary>
    public static TheoryData<string, string, bool, string> Bad => new()
    {
        { "kind", "kind: playbok", true, "'playbok' is none of playbook; did you mean 'playbook'?" },
        { "name", "", true, "'name' is missing; write 'name: failed-payment' or another name of a-z, 0-9 and '-'" },
        { "name", "name: Failed Payment", true, "name: 'Failed Payment' is no name; use 1 to 64 characters of a-z, 0-9 and '-', a letter or digit first" },
        { "name", "name: " + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true, "is no name; use 1 to 64 characters" },
        { "title", "title: {{ customer }}", true, "title: this must be a text, and is a map; put a text with {{ }} in quotes" },
        { "title", "titel: A small one", true, "titel: 'titel' is no key here; did you mean 'title'?" },
        { "trigger", "", true, "'trigger' is missing; say what starts it" },
        { "trigger", "trigger: {}", true, "trigger: say what starts it: one of fact, movement, past_due, scheduled_end, renewal, absence, payment_method_expiry, or 'any' with a list of these" },
        { "trigger", "trigger: { fact: payment_failed, renewal: { days_before: 90 } }", true, "trigger: fact and renewal stand side by side; put them into a list under 'any', or keep one of them" },
        { "trigger", "trigger: { fact: payment_fialed }", true, "trigger.fact: there is no kind of fact 'payment_fialed'; did you mean 'payment_failed'?" },
        { "trigger", "trigger: { fact: customer_erased }", true, "an erased customer leaves all of them at once" },
        { "trigger", "trigger: { fact: { kind: payment_failed, where: { decline_kode: x } } }", false, "'payment_failed' has no field 'decline_kode'; did you mean 'decline_code'?" },
        { "trigger", "trigger: { fact: { kind: feedback, where: { survey: npx } } }", false, "'npx' is no value of 'survey'; did you mean 'nps'?" },
        { "trigger", "trigger: { fact: { kind: feedback, where: { score: low } } }", false, "this must be a number such as 20 or 19.99, and is 'low'" },
        { "trigger", "trigger: { fact: { kind: feedback, where: { score: { in: [1] } } } }", false, "'in' is no key here; known are at_least, at_most" },
        { "trigger", "trigger: { fact: { kind: feedback, where: { score: { at_least: 5, at_most: 3 } } } }", false, "'at_most' is less than 'at_least'" },
        { "trigger", "trigger: { fact: { kind: invoice_past_due, where: { due_time: 2026-01-01 } } }", false, "an instant can be tested with 'present: true' or 'present: false' alone" },
        { "trigger", "trigger: { fact: { kind: subscription_paused, where: { plan: pro } } }", false, "'subscription_paused' has no field 'plan'" },
        { "trigger", "trigger: { past_due: { day: 91 } }", true, "trigger.past_due.day: 91 is out of range; write 0 to 90" },
        { "trigger", "trigger: { renewal: { days_before: 89 } }", true, "no signal is raised at 89 days; the nearest is 90, all are 1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180" },
        { "trigger", "trigger: { scheduled_end: { days_before: 2 } }", true, "no signal is raised at 2 days; the nearest is 1" },
        { "trigger", "trigger: { absence: { of: usage_recorded, days: 15 } }", true, "the nearest is 14" },
        { "trigger", "trigger: { absence: { of: payment_succeeded, days: 14 } }", true, "'payment_succeeded' is none of usage_recorded, touch_logged, feedback, outcome_delivered" },
        { "trigger", "trigger: { movement: { kinds: [shrink] } }", true, "'shrink' is none of new, expansion" },
        { "trigger", "trigger: { movement: { kinds: [contractoin] } }", true, "did you mean 'contraction'?" },
        { "trigger", "trigger: { fact: payment_failed, max_age: 8d }", false, "trigger.max_age: '8d' is out of range; write 1m to 7d" },
        { "trigger", "trigger: { any: [ { fact: a, renewal: { days_before: 90 } } ] }", true, "trigger.any[0]: each item names one event; make an item of each" },
        { "audience", "audience: { attribute: Country, in: [PT] }", true, "'Country' is no attribute's name; use 1 to 64 characters of a-z, 0-9 and '_', a letter first" },
        { "audience", "audience: { attribute: country }", true, "audience: say what 'country' must be, with one of in, not_in, present, at_least, at_most" },
        { "audience", "audience: { state: activ }", true, "'activ' is none of lead, trial, active, past_due, paused, ended; did you mean 'active'?" },
        { "audience", "audience: { state: [active], plan: [pro] }", true, "audience: state and plan stand side by side; put them into a list under 'all' or 'any'" },
        { "audience", "audience: { state: [active], in: [x] }", true, "audience.in: 'in' belongs to 'attribute'; put it below 'state', or take it away" },
        { "audience", "audience: {}", true, "audience: say what is looked at: one of all, any" },
        { "audience", "audience: { mrr: { at_least: 20 } }", true, "audience.mrr: 'currency' is missing; write 'currency: EUR'" },
        { "audience", "audience: { mrr: { at_least: 20, currency: eur } }", true, "'eur' is no currency of ISO 4217; did you mean 'EUR'?" },
        { "audience", "audience: { mrr: { at_least: 20, currency: EUX } }", false, "'EUX' is no currency of ISO 4217; write three letters such as EUR or USD" },
        { "audience", "audience: { mrr: { at_least: -1, currency: EUR } }", true, "-1 is out of range; write 0 to 1000000000 with at most 6 decimals" },
        { "audience", "audience: { mrr: { currency: EUR } }", true, "say how much with 'at_least', 'at_most' or both, such as 'at_least: 20.00'" },
        { "audience", "audience: { tenure: { at_least: 30 } }", true, "this must be a length of time, and is '30'; write a whole number with m, h, d or w, such as 3d" },
        { "audience", "audience: { history: { fact: payment_failed, at_least: 2 } }", true, "'within' is missing; write 'within: 90d'" },
        { "audience", "audience: { history: { fact: payment_failed, within: 401d, at_least: 2 } }", false, "'401d' is out of range; write 1m to 400d" },
        { "audience", "audience: { all: [] }", true, "audience.all: there must be at least 1" },
        { "entry", "entry: { again: sometimes }", true, "this must be a length of time, and is 'sometimes'" },
        { "entry", "entry: { again: never, most: 3 }", false, "a customer enters once where it may never enter again" },
        { "holdout", "holdout: 0%", true, "a holdout of 0% holds nobody out; write 'holdout: none' where that is meant, or 1% to 50%" },
        { "holdout", "holdout: 100%", true, "a holdout of 100% lets nobody in; write 1% to 50%, or leave the playbook paused" },
        { "holdout", "holdout: 51%", true, "a holdout of 51% is out of range; write 1% to 50%, or 'none'" },
        { "holdout", "holdout: 0.5%", true, "a holdout of 0.5% is out of range" },
        { "holdout", "holdout: 0.1", true, "this must be a share of customers such as '10%', or 'none', and is '0.1'" },
        { "priority", "priority: 1001", true, "1001 is out of range; write 0 to 1000" },
        { "goal", "goal: { fact: payment_succeeded }", true, "goal: this must be a list, and is a map" },
        { "goal", "goal:", true, "goal: 'goal' has no value; give it one, or take it away" },
        { "caps", "caps: { messages: 3 }", true, "'per' is missing; say within which time" },
        { "measure", "measure: { after: 36h }", false, "results are read after whole days; write 1d to 365d" },
        { "steps", "steps: []", true, "steps: there must be at least 1" },
        { "steps", "steps: [ { wait: 0m } ]", true, "steps[0].wait: '0m' is out of range; write 1m to 400d" },
        { "steps", "steps: [ { wait: 3650d } ]", false, "steps[0].wait: '3650d' is out of range; write 1m to 400d" },
        { "steps", "steps: [ { wait: 99999999999999999999d } ]", false, "is out of range; write 1m to 400d" },
        { "steps", "steps: [ { wait: 10y } ]", true, "this must be a length of time, and is '10y'" },
        { "steps", "steps: [ { wait: 3d, end: x } ]", true, "steps[0]: wait and end stand in one step; make a step of each" },
        { "steps", "steps: [ { id: a } ]", true, "steps[0]: say what happens: one of notify, wait" },
        { "steps", "steps: [ { id: a, wait: 1d }, { id: a, wait: 1d } ]", false, "the id 'a' is that of the step in line 6 already; give another" },
        { "steps", "steps: [ { id: A B, wait: 1d } ]", true, "'A B' is no id; use 1 to 64 characters of a-z, 0-9 and '-'" },
        { "steps", "steps: [ { id: a, wait: 1d }, { go_to: a } ]", false, "steps[1].go_to: 'a' is an earlier step (line 6): a run would never end; lead to a later one, or let customers enter again with 'entry'" },
        { "steps", "steps: [ { id: a, wait: 1d }, { wait_until: { any: [ { fact: feedback } ], for: 1d, otherwise: [ { go_to: a } ] } } ]", false, "a run would never end" },
        { "steps", "steps: [ { wait: 1d }, { go_to: b }, { id: c, wait: 1d } ]", false, "no step has the id 'b'; did you mean 'c'?" },
        { "steps", "steps: [ { wait: 0m }, { go_to: b }, { id: c, wait: 1d } ]", true, "no step has the id 'b'; did you mean 'c'?" },
        { "steps", "steps: [ { go_to: a }, { id: a, wait: 1d } ]", false, "steps[0]: the first step cannot be 'go_to'; begin with the step that it leads to" },
        { "steps", "steps: [ { wait_until: { any: [ { fact: feedback } ] } } ]", true, "'for' is missing; say how long at most, such as 'for: 4d'" },
        { "steps", "steps: [ { branch: [ { otherwise: [ { wait: 1d } ] } ] } ]", false, "there is no way beside 'otherwise'" },
        { "steps", "steps: [ { branch: [ { otherwise: [ { wait: 1d } ] }, { when: { plan: pro }, steps: [ { wait: 1d } ] } ] } ]", false, "'otherwise' stands alone in the last way" },
        { "steps", "steps: [ { branch: [ { when: { plan: pro } } ] } ]", true, "'steps' is missing; list the steps of this way" },
        { "steps", "steps: [ { task: { title: a, owner: b } } ]", true, "'due' is missing; say after how long it is due" },
        { "steps", "steps: [ { task: { title: '{{ customre }}', owner: b, due: 2d } } ]", false, "there is no 'customre'; did you mean 'customer'?" },
        { "steps", "steps: [ { task: { title: '{{ customer', owner: b, due: 2d } } ]", false, "'{{' is not closed" },
        { "steps", "steps: [ { task: { title: 'customer }}', owner: b, due: 2d } } ]", false, "'}}' closes nothing" },
        { "steps", "steps: [ { task: { title: '{{ customer | upcase }}', owner: b, due: 2d } } ]", false, "'| upcase' is not understood; write '{{ customer | else: a text }}', or no '|'" },
        { "steps", "steps: [ { task: { title: '{{ event.dya }}', owner: b, due: 2d } } ]", false, "the event 'payment_failed', which starts this playbook, has no field 'dya'" },
        { "steps", "steps: [ { task: { title: '{{ attribute.Owner }}', owner: b, due: 2d } } ]", false, "'Owner' is no attribute's name" },
        { "steps", "steps: [ { webhook: { url: 'http://example.com/' } } ]", false, "the address must begin with https" },
        { "steps", "steps: [ { webhook: { url: 'https://10.0.0.1/' } } ]", false, "'10.0.0.1' is an address of a private network, which webhooks may not reach; use a public one" },
        { "steps", "steps: [ { webhook: { url: 'example.com' } } ]", true, "is no address of the web" },
        { "steps", "steps: [ { notify: { channel: sms, template: payment-failed } } ]", true, "'sms' is none of email, in_app" },
        { "steps", "steps: [ { notify: { channel: webhook, template: payment-failed } } ]", true, "a webhook is a step of its own; write 'webhook: { url: https://... }'" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-fialed } } ]", false, "there is no template 'payment-fialed'; apply its document in the same call, or before" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed } } ]", false, "the template 'payment-failed' needs the variable 'invoice' (text); add it to 'variables'" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: x, nmae: y } } } ]", false, "the template 'payment-failed' has no variable 'nmae'; did you mean 'name'?" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: x, amount: '{{ event.amount.currency }}' } } } ]", false, "the variable 'amount' is of type money; 'event.amount.currency' is a text" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: x, amount: '{{ mrr }} EUR' } } } ]", false, "give one reference alone, or one value, without text around it" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: x, count: many } } } ]", false, "the variable 'count' is of type number; 'many' is none" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: x, url: 'http://example.com' } } } ]", false, "the variable 'url' is of type link; 'http://example.com' is none" },
        { "steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: x, trial: '{{ plan }}' } } } ]", false, "the variable 'trial' is of type truth; 'plan' is a text" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task ReadAsync_Bad_SaysWhatAndWhere(string key, string lines, bool bySchema, string said)
    {
        var (read, problems) = await Example.ReadAsync(Example.With(key, lines));
        Assert.Null(read);
        var errors = problems.Errors.Select(error => error.ToString()).ToList();
        Assert.True(errors.Exists(error => error.Contains(said, StringComparison.Ordinal)), $"{bySchema}: {string.Join('\n', errors)}");
        Assert.All(problems.Errors, error => Assert.InRange(error.Line, 1, 8));
    }

    [Fact]
    public async Task ReadAsync_ManyErrors_AreSaidAtOnce()
    {
        var (_, problems) = await Example.ReadAsync(Example.Full
            .Replace("days_before: 90", "days_before: 91", StringComparison.Ordinal)
            .Replace("currency: USD", "currency: USX", StringComparison.Ordinal)
            .Replace("wait: 2w", "wait: 2y", StringComparison.Ordinal)
            .Replace("{{ plan }}", "{{ plna }}", StringComparison.Ordinal)
            .Replace("template: payment-failed\n", "template: unknown\n", StringComparison.Ordinal));
        Assert.Equal(
            [
                "18:24: audience.all[3].mrr.currency",
                "32:29: exit[3].renewal.days_before",
                "40:17: steps[0].notify.template",
                "50:55: steps[2].wait_until.otherwise[0].task.note",
                "60:19: steps[3].branch[2].otherwise[0].wait",
            ],
            problems.Errors.Select(error => $"{error.Line}:{error.Column}: {error.Path}"));
    }

    [Fact]
    public async Task ReadAsync_DeepSteps_AreRefused()
    {
        var steps = Enumerable.Range(0, 5).Aggregate("[ { wait: 1d } ]", (inner, _) => $"[ {{ branch: [ {{ when: {{ plan: a }}, steps: {inner} }} ] }} ]");
        Assert.Contains((await Example.ReadAsync(Example.With("steps", "steps: " + steps))).Problems.Errors, error => error.Message.Contains("more than 5 deep", StringComparison.Ordinal));
        var many = string.Join(", ", Enumerable.Repeat("{ wait: 1d }", 101));
        Assert.Contains((await Example.ReadAsync(Example.With("steps", $"steps: [ {many} ]"))).Problems.Errors, error => error.Message.Contains("at most 100", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("holdout", "", "1:1: nobody is held out, so nobody can tell what this playbook changes; write 'holdout: 10%', or 'holdout: none' where that is meant")]
    [InlineData("steps", "steps: [ { end: x }, { wait: 1d }, { wait: 2d } ]", "6:22: steps[1]: this step is never reached; take it away, or let something lead to it")]
    [InlineData("steps", "steps: [ { wait: 1d }, { go_to: z }, { wait: 1d }, { id: z, wait: 1d } ]", "6:38: steps[2]: this step is never reached; take it away, or let something lead to it")]
    [InlineData("steps", "steps: [ { task: { title: a, owner: '{{ attribute.owner }}', due: 1d } } ]", "6:37: steps[0].task.owner: a task has no owner where this is empty; add '| else: support' or another name")]
    [InlineData("audience", "audience: { any: [ { attribute: contry, in: [PT] }, { attribute: contry, in: [ES] } ] }", "8:33: audience.any[0].attribute: no customer has an attribute 'contry'; did you mean 'country'?")]
    [InlineData("audience", "audience: { attribute: contry, in: [PT] }", "8:24: audience.attribute: no customer has an attribute 'contry'; did you mean 'country'?")]
    [InlineData("audience", "audience: { attribute: locale, in: [pt] }", "")]
    [InlineData("audience", "audience: { attribute: seats, at_least: 2 }", "")]
    [InlineData("steps", "steps: [ { notify: { channel: email, template: payment-failed, variables: { invoice: '{{ attribute.seats }}' } } } ]", "6:86: steps[0].notify.variables.invoice: 'attribute.seats' may be empty, and the template 'payment-failed' needs 'invoice': the message would fail; add '| else: ...'")]
    public async Task ReadAsync_Doubtful_IsWarnedOf(string key, string lines, string said)
    {
        var (read, problems) = await Example.ReadAsync(Example.With(key, lines), attributes: new Seats());
        Assert.Empty(problems.Errors);
        Assert.NotNull(read);
        Assert.Equal(said.Length == 0 ? [] : ["p.yaml:" + said], problems.Warnings.Select(warning => warning.ToString()));
    }

    [Theory]
    [InlineData("trigger: { any: [ { past_due: { day: 1 } }, { fact: payment_failed } ] }", "event.day", "'day' is empty where payment_failed started the playbook")]
    [InlineData("trigger: { any: [ { past_due: { day: 1 } }, { fact: payment_failed } ] }", "event.invoice_id", null)]
    [InlineData("trigger: { movement: { kinds: [contraction] } }", "event.plan", null)]
    [InlineData("trigger: { fact: customer_profile }", "event.attributes.tier", null)]
    public async Task ReadAsync_FieldOfTheEvent_IsThatOfTheTrigger(string trigger, string reference, string? warning)
    {
        var (read, problems) = await Example.ReadAsync(Example.With("trigger", trigger)
            .Replace("- wait: 1d", $"- task: {{ title: '{{{{ {reference} }}}}', owner: b, due: 2d }}", StringComparison.Ordinal));
        Assert.Empty(problems.Errors);
        Assert.NotNull(read);
        Assert.Equal(warning, problems.Warnings.SingleOrDefault()?.Message);
    }

    [Theory]
    [InlineData("https://example.com/hook", true)]
    [InlineData("https://93.184.216.34:8443/hook?a=b", true)]
    [InlineData("https://[2606:2800:220:1::1]/", true)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://billing/", false)]
    [InlineData("https://a.internal/", false)]
    [InlineData("https://a.local./", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://172.31.255.255/", false)]
    [InlineData("https://172.32.0.0/", true)]
    [InlineData("https://100.64.0.1/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("https://192.168.1.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://[fd00::1]/", false)]
    [InlineData("https://[fe80::1]/", false)]
    [InlineData("https://user:secret@example.com/", false)]
    [InlineData("ftp://example.com/", false)]
    public void Problem_Address_IsPublic(string address, bool fine) => Assert.Equal(fine, WebhookAddress.Problem(address, allowHttp: false, allowPrivate: false) is null);

    [Fact]
    public void Problem_Options_LetMoreThrough()
    {
        Assert.Null(WebhookAddress.Problem("http://localhost:8080/", allowHttp: true, allowPrivate: true));
        Assert.NotNull(WebhookAddress.Problem("http://localhost:8080/", allowHttp: true, allowPrivate: false));
        Assert.NotNull(WebhookAddress.Problem("http://localhost:8080/", allowHttp: false, allowPrivate: true));
    }

    private sealed class Seats : IAttributeCatalog
    {
        public ValueTask<IReadOnlyCollection<string>?> NamesAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyCollection<string>?>(["seats"]);
    }
}
