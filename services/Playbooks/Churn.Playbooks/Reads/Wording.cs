using System.Globalization;
using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Reads;

/// <summary>Says in a few words what parts of a playbook do.</summary>
internal static class Wording
{
    public static string Of(Trigger trigger) => string.Join(" or ", trigger.On.Select(Of));

    public static string Of(Step step) => step switch
    {
        Step.Notify notify => $"notify by {notify.Channel} with {notify.Template}",
        Step.Wait wait => $"wait {Length(wait.For)}",
        Step.WaitUntil until => $"wait up to {Length(until.For)} until {string.Join(" or ", until.Events.Select(Of))}",
        Step.Branch => "branch",
        Step.Assign => "task",
        Step.Webhook => "webhook",
        Step.End end => $"end: {end.Reason}",
        _ => "",
    };

    /// <summary>Gives a stretch of time in the largest unit that it is whole in.</summary>
    public static string Length(long micros)
    {
        foreach (var (unit, length) in (ReadOnlySpan<(string, long)>)[("d", Instants.Day), ("h", 3_600 * Instants.Second), ("m", 60 * Instants.Second)])
        {
            if (micros >= length && micros % length == 0)
            {
                return (micros / length).ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return (micros / Instants.Second).ToString(CultureInfo.InvariantCulture) + "s";
    }

    private static string Of(SignalPattern pattern)
    {
        var words = new List<string>();
        if (pattern.Event is { } happened)
        {
            words.Add(happened);
        }

        words.AddRange(pattern.Where.Select(Of));
        if (pattern.Movements.Count > 0)
        {
            words.Add(string.Join("/", pattern.Movements));
        }

        return string.Join(' ', words);
    }

    private static string Of(FieldTest test)
    {
        var bounds = test.Number switch
        {
            { AtLeast: { } least, AtMost: { } most } when least == most => least.ToString(CultureInfo.InvariantCulture),
            { AtLeast: { } least, AtMost: { } most } => string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"),
            { AtLeast: { } least } => string.Create(CultureInfo.InvariantCulture, $"at least {least}"),
            { AtMost: { } most } => string.Create(CultureInfo.InvariantCulture, $"at most {most}"),
            _ => "",
        };
        var texts = test.Text switch
        {
            { In: { } among } => string.Join("/", among),
            { NotIn.Count: > 0 } => "not " + string.Join("/", test.Text.NotIn),
            { Present: { } present } => present ? "present" : "absent",
            _ => "",
        };
        return string.Join(' ', ((string[])[test.Field, texts, bounds]).Where(word => word.Length > 0));
    }
}
