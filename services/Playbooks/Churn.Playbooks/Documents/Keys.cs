namespace Churn.Playbooks.Documents;

/// <summary>Holds the keys of each map of a playbook's document. playbook.schema.json has a definition of each by the same name.</summary>
internal static class Keys
{
    public static readonly string[] Playbook =
    [
        "kind", "name", "title", "description", "trigger", "audience", "entry", "group", "priority", "holdout", "goal", "exit", "caps", "measure", "steps",
    ];

    public static readonly string[] Trigger = ["fact", "movement", "past_due", "scheduled_end", "renewal", "absence", "payment_method_expiry", "any", "max_age"];
    public static readonly string[] Event = ["fact", "movement", "past_due", "scheduled_end", "renewal", "absence", "payment_method_expiry"];
    public static readonly string[] Fact = ["kind", "where"];
    public static readonly string[] FieldTest = ["in", "not_in", "present", "at_least", "at_most"];
    public static readonly string[] Movement = ["kinds"];
    public static readonly string[] PastDue = ["day"];
    public static readonly string[] ScheduledEnd = ["days_before"];
    public static readonly string[] Renewal = ["days_before"];
    public static readonly string[] Absence = ["of", "days"];
    public static readonly string[] PaymentMethodExpiry = ["days_before"];
    public static readonly string[] Condition =
        ["all", "any", "not", "state", "attribute", "in", "not_in", "present", "at_least", "at_most", "plan", "mrr", "tenure", "history", "contact"];

    public static readonly string[] PlanTest = ["in", "not_in"];
    public static readonly string[] MrrTest = ["currency", "at_least", "at_most"];
    public static readonly string[] TenureTest = ["at_least", "at_most"];
    public static readonly string[] HistoryTest = ["fact", "within", "at_least", "at_most"];
    public static readonly string[] Entry = ["again", "most"];
    public static readonly string[] Caps = ["messages", "per"];
    public static readonly string[] Measure = ["after"];
    public static readonly string[] Step = ["id", "notify", "wait", "wait_until", "branch", "task", "webhook", "go_to", "end"];
    public static readonly string[] Notify = ["channel", "template", "to", "variables", "class", "expire_after"];
    public static readonly string[] WaitUntil = ["any", "for", "otherwise"];
    public static readonly string[] Way = ["when", "steps", "otherwise"];
    public static readonly string[] Task = ["title", "note", "owner", "due"];
    public static readonly string[] Webhook = ["url", "data"];
}
