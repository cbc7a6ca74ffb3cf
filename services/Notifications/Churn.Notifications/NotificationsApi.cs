using System.Globalization;
using Churn.Notifications.Domain;
using Churn.Notifications.Sending;
using Churn.Notifications.Storage;
using Churn.Notifications.Taking;
using Churn.Notifications.Templates;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Happened = Churn.Ingestion.V1.MessageEvent.Types.Event;

namespace Churn.Notifications;

/// <summary>Answers churn.notifications.v1: messages, and what became of them.</summary>
internal sealed partial class NotificationsApi(
    NotificationsStore store, TemplateShelf templates, MessageTaker taker, TimeProvider clock, IHostApplicationLifetime lifetime)
    : V1.NotificationsService.NotificationsServiceBase
{
    private const int UsualPage = 100;
    private const int LargestPage = 1_000;

    public override Task<V1.SendResponse> Send(V1.SendRequest request, ServerCallContext context)
    {
        var (message, refusal) = taker.Draft(context.Caller().Tenant, request, clock.Now());
        if (message is null)
        {
            throw NotificationsFaults.Of(refusal!);
        }

        var taken = store.Write(connection => MessageTaker.Store(connection, message));
        return taken.IsConflict
            ? throw NotificationsFaults.KeyConflict(request.Key, taken.Message.Id)
            : Task.FromResult(new V1.SendResponse { Message = taken.Message.ToWire(), Existing = taken.IsExisting });
    }

    public override Task<V1.GetMessageResponse> GetMessage(V1.GetMessageRequest request, ServerCallContext context)
    {
        var tenant = context.Caller().Tenant;
        var found = store.Read(connection =>
        {
            var message = request.ByCase switch
            {
                V1.GetMessageRequest.ByOneofCase.Id => Messages.FindById(connection, tenant, request.Id),
                V1.GetMessageRequest.ByOneofCase.Key => Messages.FindByKey(connection, tenant, request.Key),
                _ => throw Faults.Invalid(RequestCheck.Missing, "by", "Give the message's id or its key."),
            };
            return message is null ? null : new { Message = message, Events = Messages.EventsOf(connection, message) };
        }, context.CancellationToken);
        if (found is null)
        {
            throw NotificationsFaults.MessageNotFound(request.Id.Length > 0 ? request.Id : request.Key);
        }

        var response = new V1.GetMessageResponse { Message = found.Message.ToWire(), Text = found.Message.Text, Html = found.Message.Html };
        response.Events.AddRange(found.Events.Select(happened => happened.ToWire()));
        return Task.FromResult(response);
    }

    public override Task<V1.ListMessagesResponse> ListMessages(V1.ListMessagesRequest request, ServerCallContext context)
    {
        var size = PageSize(request.PageSize);
        if (!Enum.IsDefined(request.State))
        {
            throw Faults.Invalid(RequestCheck.Invalid, "state", "There is no such state.");
        }

        var tenant = context.Caller().Tenant;
        var bound = $"messages {tenant} {request.CustomerId.Length} {request.CustomerId} {(int)request.State} {request.Playbook}";
        var before = Place(request.PageToken, bound);
        var found = store.Read(connection => Messages.List(
            connection, tenant, request.CustomerId, request.State == V1.MessageState.Unspecified ? null : (MessageState)request.State, request.Playbook, before, size + 1), context.CancellationToken);
        var response = new V1.ListMessagesResponse();
        response.Messages.AddRange(found.Take(size).Select(message => message.ToWire()));
        response.NextPageToken = found.Count > size ? PageToken.Write(found[size - 1].Seq.ToString(CultureInfo.InvariantCulture), bound) : "";
        return Task.FromResult(response);
    }

    public override Task<V1.RecordDeliveryResponse> RecordDelivery(V1.RecordDeliveryRequest request, ServerCallContext context)
    {
        Refuse(RequestCheck.Id("message_id", request.MessageId));
        if (request.Outcome == V1.RecordDeliveryRequest.Types.Outcome.Unspecified || !Enum.IsDefined(request.Outcome))
        {
            throw Faults.Invalid(RequestCheck.Missing, "outcome", "Say what the provider reports.");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(request.Detail) > 2_000)
        {
            throw Faults.Invalid(RequestCheck.Invalid, "detail", "detail has more than 2000 bytes; shorten it.");
        }

        var tenant = context.Caller().Tenant;
        var now = clock.Now();
        var time = request.Time?.ToDateTimeOffset() is { } given && given < now ? given : now;
        var moved = store.Write(connection =>
        {
            var message = Messages.FindById(connection, tenant, request.MessageId) ?? throw NotificationsFaults.MessageNotFound(request.MessageId);
            return message.Standing.IsOpen || message.Standing.State is MessageState.Suppressed or MessageState.Expired or MessageState.Failed
                ? throw NotificationsFaults.NotSent(message.Id)
                : Report(connection, message, request.Outcome, request.Detail, time, now);
        });
        return Task.FromResult(new V1.RecordDeliveryResponse { Message = moved.ToWire() });
    }

    public override Task<V1.ListMailResponse> ListMail(V1.ListMailRequest request, ServerCallContext context)
    {
        var limit = request.Limit == 0 ? 20 : PageSize(request.Limit, "limit");
        var tenant = context.Caller().Tenant;
        var response = new V1.ListMailResponse();
        response.Mails.AddRange(store.Read(connection => MailRows.List(connection, tenant, request.To, limit), context.CancellationToken).Select(mail => new V1.Mail
        {
            MessageId = mail.Message,
            Time = mail.Time.ToWire(),
            From = mail.Sender,
            To = mail.Recipient,
            Subject = mail.Subject,
            Text = mail.Text,
            Raw = request.Raw ? Google.Protobuf.ByteString.CopyFrom(mail.Raw) : Google.Protobuf.ByteString.Empty,
            Latency = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(mail.Latency),
        }));
        return Task.FromResult(response);
    }

    private static MessageRow Report(
        ServiceDefaults.Storage.DatabaseConnection connection, MessageRow message, V1.RecordDeliveryRequest.Types.Outcome outcome, string detail, DateTimeOffset time, DateTimeOffset now)
    {
        var email = message.Request.Recipient.Email;
        switch (outcome)
        {
            case V1.RecordDeliveryRequest.Types.Outcome.Delivered:
                return MessageChanges.Apply(connection, message, message.Standing.Deliver(detail), time);
            case V1.RecordDeliveryRequest.Types.Outcome.Bounced:
                if (message.Channel == Channel.Email)
                {
                    People.Suppress(connection, message.Tenant, email, "bounced", transactional: true, now);
                }

                return MessageChanges.Apply(connection, message, message.Standing.Bounce(detail), time);
            case V1.RecordDeliveryRequest.Types.Outcome.Complained:
                if (!Messages.HasEvent(connection, message, "COMPLAINED"))
                {
                    Messages.AddEvent(connection, message, "COMPLAINED", detail, time);
                    Outbox.Add(connection, message, Happened.Complained, "complained", detail, time);
                    if (message.Channel == Channel.Email)
                    {
                        People.Suppress(connection, message.Tenant, email, "complained", transactional: true, now);
                    }
                }

                return message;
            default:
                if (!Messages.HasEvent(connection, message, Reasons.Deferred, detail))
                {
                    Messages.AddEvent(connection, message, Reasons.Deferred, detail, time);
                }

                return message;
        }
    }

    private static void Refuse(Refusal? refusal)
    {
        if (refusal is not null)
        {
            throw NotificationsFaults.Of(refusal);
        }
    }

    private static int PageSize(int asked, string field = "page_size") => asked < 0
        ? throw Faults.Invalid(RequestCheck.Invalid, field, $"{field} is {asked}; give 1 to {LargestPage}, or 0.")
        : asked == 0 ? UsualPage : Math.Min(asked, LargestPage);

    private static long Place(string token, string bound) => token.Length == 0
        ? long.MaxValue
        : long.TryParse(PageToken.Read(token, bound), NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : throw NotificationsFaults.PageTokenInvalid();
}
