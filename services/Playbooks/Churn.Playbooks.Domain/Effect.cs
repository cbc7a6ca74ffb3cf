namespace Churn.Playbooks.Domain;

/// <summary>Says what is to be done outside: each once, whatever is repeated, for its key never changes.</summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>Asks for a message.</summary>
    /// <param name="Key">The key: run and step.</param>
    /// <param name="Run">The run.</param>
    /// <param name="Playbook">The playbook.</param>
    /// <param name="Channel">"email", "in_app" or "webhook".</param>
    /// <param name="To">Whom it reaches.</param>
    /// <param name="Template">The template; empty for a webhook step.</param>
    /// <param name="Variables">The variables, or the data of a webhook step.</param>
    /// <param name="Url">Where a webhook goes; empty for others.</param>
    /// <param name="Transactional">Whether it belongs to the contract; null for what the template says.</param>
    /// <param name="Expires">When it is no longer worth sending; null for the usual time.</param>
    /// <param name="Time">When it was decided.</param>
    public sealed record Send(
        string Key, string Run, string Playbook, string Channel, Recipient To, string Template, IReadOnlyDictionary<string, FieldValue> Variables,
        string Url, bool? Transactional, long? Expires, long Time) : Effect;

    /// <summary>Makes a task for a person.</summary>
    /// <param name="Id">The id: run and step.</param>
    /// <param name="Run">The run.</param>
    /// <param name="Playbook">The playbook.</param>
    /// <param name="Title">What is to be done.</param>
    /// <param name="Note">Why and how.</param>
    /// <param name="Owner">Who is to do it.</param>
    /// <param name="Due">When it is due.</param>
    /// <param name="Time">When it was decided.</param>
    public sealed record MakeTask(string Id, string Run, string Playbook, string Title, string Note, string Owner, long Due, long Time) : Effect;

    /// <summary>Cancels the open tasks of a run.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="Time">When it was decided.</param>
    public sealed record CancelTasks(string Run, long Time) : Effect;

    /// <summary>Puts the customer in an arm, for life.</summary>
    /// <param name="Exposure">The arm, and when.</param>
    public sealed record Expose(Exposure Exposure) : Effect;

    /// <summary>Drops what is personal in all runs and tasks of the customer.</summary>
    public sealed record Forget : Effect;
}

/// <summary>Says whom a message reaches; empty where it is not known.</summary>
/// <param name="Contact">The person; empty for the customer itself.</param>
/// <param name="Name">The name.</param>
/// <param name="Email">The e-mail address.</param>
/// <param name="Locale">The language tag.</param>
/// <param name="TimeZone">The time zone.</param>
public sealed record Recipient(string Contact, string Name, string Email, string Locale, string TimeZone);

/// <summary>Says what triggers a decision.</summary>
public abstract record Input
{
    private Input()
    {
    }

    /// <summary>Says that a signal came.</summary>
    /// <param name="Signal">The signal.</param>
    public sealed record Came(Signal Signal) : Input;

    /// <summary>Says that the timer of a run is due.</summary>
    /// <param name="Run">The run.</param>
    public sealed record TimerDue(string Run) : Input;
}

/// <summary>Holds what was decided.</summary>
/// <param name="Journey">The customer's state from now on.</param>
/// <param name="Effects">What is to be done, in order.</param>
/// <param name="Events">What happened in runs, in order.</param>
public sealed record Decision(Journey Journey, IReadOnlyList<Effect> Effects, IReadOnlyList<RunEvent> Events);
