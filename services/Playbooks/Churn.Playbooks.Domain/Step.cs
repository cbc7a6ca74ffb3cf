namespace Churn.Playbooks.Domain;

/// <summary>Says what happens at one place of a playbook, and where it goes on.</summary>
/// <param name="Id">Its id within the playbook: its own, or its place such as "steps[1]".</param>
/// <param name="Next">The index of the step after it, always a later one; -1 where the run is complete.</param>
public abstract record Step(string Id, int Next)
{
    /// <summary>Sends a message.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Next">The step after it.</param>
    /// <param name="Channel">"email", "in_app" or "webhook".</param>
    /// <param name="Template">The template.</param>
    /// <param name="Role">The role of the person it goes to, or to anybody else where nobody has it; null for the customer.</param>
    /// <param name="Variables">The template's variables: each a text with references such as "{{ attribute.owner }}", or from the signal.</param>
    /// <param name="Transactional">Whether it belongs to the contract; null for what the template says.</param>
    /// <param name="ExpireAfter">After how long it is no longer worth sending, in microseconds.</param>
    public sealed record Notify(
        string Id, int Next, string Channel, string Template, string? Role, IReadOnlyDictionary<string, ValueSource> Variables,
        bool? Transactional, long? ExpireAfter) : Step(Id, Next);

    /// <summary>Waits for some time: 1 minute to 400 days, in microseconds.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Next">The step after it.</param>
    /// <param name="For">How long.</param>
    public sealed record Wait(string Id, int Next, long For) : Step(Id, Next);

    /// <summary>Waits for an event, and no longer than some time.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Next">The step after it when the event comes.</param>
    /// <param name="Events">The events of which any ends it.</param>
    /// <param name="For">How long at most, in microseconds.</param>
    /// <param name="Otherwise">The step after it when the time is over.</param>
    public sealed record WaitUntil(string Id, int Next, IReadOnlyList<SignalPattern> Events, long For, int Otherwise) : Step(Id, Next);

    /// <summary>Goes where the first condition that is true leads to; on to Next where none is.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Next">The step where no way is taken.</param>
    /// <param name="Ways">The conditions in order, each with the step that it leads to.</param>
    public sealed record Branch(string Id, int Next, IReadOnlyList<(Condition When, int Step)> Ways) : Step(Id, Next);

    /// <summary>Makes a task for a person.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Next">The step after it.</param>
    /// <param name="Title">What is to be done.</param>
    /// <param name="Note">Why and how.</param>
    /// <param name="Owner">Who is to do it.</param>
    /// <param name="DueAfter">After how long it is due, in microseconds.</param>
    public sealed record Assign(string Id, int Next, ValueSource Title, ValueSource Note, ValueSource Owner, long DueAfter) : Step(Id, Next);

    /// <summary>Posts to an address.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Next">The step after it.</param>
    /// <param name="Url">The address.</param>
    /// <param name="Data">What is posted, by name.</param>
    public sealed record Webhook(string Id, int Next, string Url, IReadOnlyDictionary<string, ValueSource> Data) : Step(Id, Next);

    /// <summary>Ends the run: for a reason.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Reason">The reason, for people.</param>
    public sealed record End(string Id, string Reason) : Step(Id, -1);
}

/// <summary>Says where a value comes from: text between references.</summary>
/// <param name="Parts">The parts, to be joined; a value of one reference alone keeps its type (number, truth).</param>
public sealed record ValueSource(IReadOnlyList<ValuePart> Parts);

/// <summary>Holds a piece of text, or a reference.</summary>
/// <param name="Text">The text; empty for a reference.</param>
/// <param name="Reference">
/// What it refers to: "customer", "contact.name", "contact.email", "attribute.NAME", "event.FIELD", "plan", "mrr" (micros of the largest
/// currency), "currency", "state", "run"; null for text.
/// </param>
/// <param name="Fallback">What is taken where there is no value; null for empty.</param>
public sealed record ValuePart(string Text, string? Reference, string? Fallback);
