using Churn.Notifications.Domain;
using Churn.Notifications.Pages;
using Churn.Notifications.Sending;
using Churn.Notifications.Storage;
using Churn.Notifications.Templates;
using Churn.ServiceDefaults.Storage;
using Happened = Churn.Ingestion.V1.MessageEvent.Types.Event;

namespace Churn.Notifications.Taking;

/// <summary>Holds what became of a request.</summary>
/// <param name="Message">The message as it stands.</param>
/// <param name="IsExisting">Whether there was one with its key.</param>
/// <param name="IsConflict">Whether that one has other content.</param>
internal readonly record struct Taken(MessageRow Message, bool IsExisting, bool IsConflict);

/// <summary>Makes messages of requests: the same way for a call and for the stream.</summary>
internal sealed class MessageTaker(TemplateShelf templates, LinkTokens links, SendTelemetry telemetry, NotificationsOptions options)
{
    private static readonly TimeSpan UsualLife = TimeSpan.FromDays(7);

    /// <summary>Makes a message, rendered, or says why there cannot be one.</summary>
    public (MessageRow? Message, Refusal? Refusal) Draft(string tenant, V1.SendRequest request, DateTimeOffset now)
    {
        if (RequestCheck.Of(request, options.AllowPrivateNetworks) is { } wrong)
        {
            return (null, wrong);
        }

        var template = request.Template.Length == 0 ? null : templates.Find(tenant, request.Template);
        if (template is null && request.Template.Length > 0)
        {
            return (null, new Refusal("TEMPLATE_NOT_FOUND", "template", $"There is no template '{request.Template}'; save it first, or see ListTemplates for those that there are."));
        }

        var id = Guid.CreateVersion7(now).ToString("N");
        telemetry.Remember(id);
        var message = Plain(tenant, request, id, now) with
        {
            Class = request.MessageClass switch
            {
                V1.MessageClass.Transactional => MessageClass.Transactional,
                V1.MessageClass.Marketing => MessageClass.Marketing,
                _ => template?.Class ?? MessageClass.Marketing,
            },
            Category = request.Category.Length > 0 ? request.Category : template?.Category ?? "",
        };
        if (template is null)
        {
            return (message, null);
        }

        try
        {
            var rendered = template.Render(request.Variables, message.Channel, request.Recipient, links.Unsubscribe(id));
            return (message with
            {
                TemplateVersion = template.Version,
                Locale = rendered.Locale,
                Subject = rendered.Subject,
                Text = rendered.Text,
                Html = rendered.Html,
                Track = template.Track,
            }, null);
        }
        catch (VariableException e)
        {
            return (null, new Refusal(e.Reason, $"variables.{e.Variable}", e.Sentence));
        }
        catch (Exception e) when (e is InvalidOperationException or Fluid.FluidException or ArgumentException or FormatException or ArithmeticException or InvalidCastException)
        {
            return (null, new Refusal("VARIABLE_INVALID", "variables", $"Template '{template.Name}' cannot be rendered with these variables: {e.Message.ReplaceLineEndings(" ")}."));
        }
    }

    /// <summary>Makes a message of a request that cannot be taken, to tell why; null where it has no key or nobody to tell about.</summary>
    public static MessageRow? Refused(string tenant, V1.SendRequest request, Refusal refusal, DateTimeOffset now) =>
        RequestCheck.Id("key", request.Key) is null && RequestCheck.Id("recipient.customer_id", request.Recipient?.CustomerId ?? "") is null
            ? Plain(tenant, request, Guid.CreateVersion7(now).ToString("N"), now) with { Standing = Standing.Refused(refusal.Reason, refusal.Message) }
            : null;

    /// <summary>Stores a message, unless there is one with its key.</summary>
    public static Taken Store(DatabaseConnection connection, MessageRow message)
    {
        if (Messages.FindByKey(connection, message.Tenant, message.Request.Key) is { } known)
        {
            return new Taken(known, IsExisting: true, IsConflict: !known.Hash.AsSpan().SequenceEqual(message.Hash));
        }

        var standing = message.Standing;
        var stored = Messages.Add(connection, message, standing.IsOpen ? "TAKEN" : standing.Reason);
        if (!standing.IsOpen)
        {
            Outbox.Add(connection, stored, Happened.Failed, "failed", $"{standing.Reason}: {standing.Detail}", message.CreateTime);
        }

        return new Taken(stored, IsExisting: false, IsConflict: false);
    }

    private static MessageRow Plain(string tenant, V1.SendRequest request, string id, DateTimeOffset now) => new()
    {
        Tenant = tenant,
        Id = id,
        Hash = ContentHash.Of(request),
        Request = request,
        Class = MessageClass.Marketing,
        Category = request.Category,
        Standing = Standing.Taken(now),
        CreateTime = now,
        ExpireTime = request.ExpireTime is { } expire && expire.Seconds is > -62_135_596_800 and < 253_402_300_799 ? expire.ToDateTimeOffset() : now + UsualLife,
    };
}
