using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Documents;

/// <summary>Holds the words and numbers that documents can use, where no contract lists them.</summary>
internal static class Words
{
    public const string Playbook = "playbook";
    public const string Template = "template";

    public static readonly string[] Kinds = [Playbook, Template];

    /// <summary>What signal.proto says of the days at which time raises signals.</summary>
    public const int LastPastDueDay = 90;
    public static readonly int[] ScheduledEndDays = [0, 1, 3, 7, 14, 30];
    public static readonly int[] RenewalDays = [1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180];
    public static readonly int[] ExpiryDays = [0, 1, 3, 7, 14, 30, 60];
    public static readonly int[] AbsenceDays = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90];
    public static readonly string[] AbsenceKinds = [EventFields.Usage, "touch_logged", "feedback", "outcome_delivered"];

    public static readonly string[] Movements = ["new", "expansion", "contraction", "churn", "reactivation", "paused", "resumed", "completed"];
    public static readonly string[] Channels = ["email", "in_app"];
    public static readonly string[] Classes = ["transactional", "marketing"];

    /// <summary>What a reference can be, beside "attribute.NAME" and "event.FIELD".</summary>
    public static readonly string[] References = ["customer", "contact.name", "contact.email", "plan", "mrr", "currency", "state", "run"];

    /// <summary>The fields of a profile, which any customer may have; "email" and "name" are those of a customer without persons.</summary>
    public static readonly string[] Attributes = [.. EventFields.ByEvent["customer_profile"].Keys, "email", "name"];

    public static readonly IReadOnlyDictionary<string, CustomerState> States = new Dictionary<string, CustomerState>(StringComparer.Ordinal)
    {
        ["lead"] = CustomerState.Lead,
        ["trial"] = CustomerState.Trial,
        ["active"] = CustomerState.Active,
        ["past_due"] = CustomerState.PastDue,
        ["paused"] = CustomerState.Paused,
        ["ended"] = CustomerState.Ended,
    };
}
