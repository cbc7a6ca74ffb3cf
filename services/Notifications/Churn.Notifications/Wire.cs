using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Churn.Notifications.Templates;

namespace Churn.Notifications;

/// <summary>Translates to the wire.</summary>
internal static class Wire
{
    public static V1.Message ToWire(this MessageRow message) => new()
    {
        Id = message.Id,
        Key = message.Request.Key,
        Channel = message.Request.Channel,
        Recipient = message.Request.Recipient,
        Template = message.Request.Template,
        TemplateVersion = message.TemplateVersion,
        Locale = message.Locale,
        Subject = message.Subject,
        State = (V1.MessageState)message.Standing.State,
        Reason = message.Standing.Reason,
        Detail = message.Standing.Detail,
        AttemptCount = message.Standing.Tries,
        NextTime = message.Standing.NextTime?.ToWire(),
        CreateTime = message.CreateTime.ToWire(),
        SendTime = message.SendTime?.ToWire(),
        Playbook = message.Request.Playbook,
        RunId = message.Request.RunId,
        MessageClass = message.Class.ToWire(),
    };

    public static V1.MessageEvent ToWire(this EventRow happened) => new()
    {
        Time = happened.Time.ToWire(),
        State = (V1.MessageState)happened.State,
        Event = happened.Event,
        Detail = happened.Detail,
    };

    public static V1.MessageClass ToWire(this MessageClass it) => it == MessageClass.Transactional ? V1.MessageClass.Transactional : V1.MessageClass.Marketing;

    public static V1.Template ToWire(this Template template)
    {
        var wire = new V1.Template
        {
            Name = template.Name,
            Version = template.Version,
            MessageClass = template.Class.ToWire(),
            Category = template.Category,
        };
        wire.Variables.AddRange(template.Variables.Values.Select(variable => new V1.Variable { Name = variable.Name, Type = variable.Type, Required = variable.IsRequired }));
        wire.Locales.AddRange(template.Locales.Keys.OrderBy(locale => locale.Equals(template.DefaultLocale, StringComparison.OrdinalIgnoreCase) ? 0 : 1));
        return wire;
    }

    public static V1.Suppression ToWire(this SuppressionRow row) => new()
    {
        Email = row.Email,
        Reason = row.Reason,
        Time = row.Time.ToWire(),
        Transactional = row.Transactional,
    };

    public static V1.Preference ToWire(this Preference preference) => new()
    {
        Channel = preference.Channel is { } channel ? (V1.Channel)channel : V1.Channel.Unspecified,
        Category = preference.Category,
        Wanted = preference.IsWanted,
    };
}
