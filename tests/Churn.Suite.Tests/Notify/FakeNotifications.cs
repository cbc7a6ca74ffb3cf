using Churn.Notifications.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static Churn.Suite.Tests.CommandServer;

namespace Churn.Suite.Tests.Notify;

/// <summary>Answers what the notifications service answers, always the same, by the same contract.</summary>
internal sealed class FakeNotifications : NotificationsService.NotificationsServiceBase
{
    /// <summary>Is what calls fail with, one after another, before they are answered.</summary>
    public Queue<RpcException> Failures { get; } = new();

    /// <summary>Gives what was asked.</summary>
    public List<object> Requests { get; } = [];

    /// <summary>Tells whether there is nothing yet.</summary>
    public bool IsEmpty { get; set; }

    private static Message Mailed => new()
    {
        Id = "m-1", Key = "cli-1", Channel = Channel.Email, Recipient = new Recipient { CustomerId = "acme", ContactId = "ana", Email = "ana@example.com", Locale = "pt-BR" },
        Template = "failed-payment-1", TemplateVersion = 3, Locale = "pt", Subject = "O seu pagamento falhou", State = MessageState.Sent, AttemptCount = 1,
        CreateTime = At(9, 8, 30), SendTime = At(9, 8, 30, 1), Playbook = "failed-payment", RunId = "5f0c2f9d6f1e4b7a", MessageClass = MessageClass.Transactional,
    };

    private static Message Shown => new()
    {
        Id = "m-2", Key = "k-2", Channel = Channel.InApp, Recipient = new Recipient { CustomerId = "acme" }, Template = "welcome", TemplateVersion = 1, Locale = "en",
        Subject = "Welcome", State = MessageState.Delivered, AttemptCount = 1, CreateTime = At(8, 8), SendTime = At(8, 8),
    };

    private static Message Held => new()
    {
        Id = "m-3", Key = "k-3", Channel = Channel.Email, Recipient = new Recipient { CustomerId = "globex", Email = "bob@example.com" }, Template = "welcome", TemplateVersion = 1,
        State = MessageState.Held, Reason = "QUIET_HOURS", Detail = "21:00 to 08:00 in America/New_York", NextTime = At(10, 13), CreateTime = At(10, 3),
    };

    public override Task<SendResponse> Send(SendRequest request, ServerCallContext context)
    {
        Note(request);
        var message = Mailed;
        (message.Key, message.State, message.Channel) = (request.Key, MessageState.Queued, request.Channel);
        return Task.FromResult(new SendResponse { Message = message, Existing = request.Key == "old" });
    }

    public override Task<GetMessageResponse> GetMessage(GetMessageRequest request, ServerCallContext context)
    {
        Note(request);
        if (request.Id is not ("m-1" or "m-2") && request.Key != "cli-1")
        {
            throw Failure(StatusCode.NotFound, "MESSAGE_NOT_FOUND", "There is no message of that key.");
        }

        var answer = new GetMessageResponse { Message = request.Id == "m-2" ? Shown : Mailed, Text = request.Id == "m-2" ? "It is good that you are here.\n" : "Olá Ana,\n\n20,00 USD por pagar.\n" };
        answer.Events.Add(new MessageEvent { Time = At(9, 8, 30), State = MessageState.Queued, Event = "TAKEN" });
        answer.Events.Add(new MessageEvent { Time = At(9, 8, 30), State = MessageState.Sending, Event = "SENDING" });
        answer.Events.Add(new MessageEvent { Time = At(9, 8, 30, 1), State = MessageState.Sent, Event = "SENT", Detail = "250 2.0.0 queued as 4F2" });
        return Task.FromResult(answer);
    }

    public override Task<ListMessagesResponse> ListMessages(ListMessagesRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ListMessagesResponse();
        answer.Messages.AddRange(IsEmpty ? [] : [Held, Mailed, Shown]);
        return Task.FromResult(answer);
    }

    public override Task<PreviewMessageResponse> PreviewMessage(PreviewMessageRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new PreviewMessageResponse { Locale = "pt", Subject = "O seu pagamento falhou", Text = "Olá Ana,\n\n20,00 USD por pagar.\n", Html = "<p>Olá Ana</p>" });
    }

    public override Task<GetTemplateResponse> GetTemplate(GetTemplateRequest request, ServerCallContext context)
    {
        Note(request);
        return request.Name == "failed-payment-1"
            ? Task.FromResult(new GetTemplateResponse { Template = Template, Document = "kind: template\nname: failed-payment-1\n" })
            : throw Failure(StatusCode.NotFound, "TEMPLATE_NOT_FOUND", "There is no template of that name.");
    }

    public override Task<ListTemplatesResponse> ListTemplates(ListTemplatesRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ListTemplatesResponse();
        answer.Templates.AddRange(IsEmpty ? [] : [Template]);
        return Task.FromResult(answer);
    }

    public override Task<GetPreferencesResponse> GetPreferences(GetPreferencesRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new GetPreferencesResponse();
        if (!IsEmpty)
        {
            answer.Preferences.Add(new Preference { Category = "onboarding", Wanted = false });
            answer.QuietHours = new QuietHours { From = "21:00", To = "08:00" };
        }

        return Task.FromResult(answer);
    }

    public override Task<SetPreferencesResponse> SetPreferences(SetPreferencesRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new SetPreferencesResponse());
    }

    public override Task<AddSuppressionResponse> AddSuppression(AddSuppressionRequest request, ServerCallContext context)
    {
        Note(request);
        request.Suppression.Time = At(10, 12);
        return Task.FromResult(new AddSuppressionResponse { Suppression = request.Suppression });
    }

    public override Task<RemoveSuppressionResponse> RemoveSuppression(RemoveSuppressionRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new RemoveSuppressionResponse());
    }

    public override Task<ListSuppressionsResponse> ListSuppressions(ListSuppressionsRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ListSuppressionsResponse();
        answer.Suppressions.AddRange(IsEmpty ? [] : [new Suppression { Email = "bob@example.com", Reason = "bounced", Time = At(3, 4), Transactional = true }]);
        return Task.FromResult(answer);
    }

    public override async Task StreamInbox(StreamInboxRequest request, IServerStreamWriter<StreamInboxResponse> responseStream, ServerCallContext context)
    {
        Note(request);
        await responseStream.WriteAsync(new StreamInboxResponse { MessageId = "m-2", Title = "Welcome", Text = "It is good that you are here.", Time = At(8, 8), Template = "welcome" });
        await responseStream.WriteAsync(new StreamInboxResponse { MessageId = "m-4", Title = "Your invoice", Text = "20.00 USD are due.\nThank you.", Time = At(9, 8), Template = "failed-payment-app" });
    }

    public override Task<ListMailResponse> ListMail(ListMailRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ListMailResponse();
        if (!IsEmpty)
        {
            answer.Mails.Add(Mail("m-1", "O seu pagamento falhou", "Olá Ana,\n\n20,00 USD por pagar.\u001b[31m\n", request.Raw));
            answer.Mails.Add(Mail("m-0", "Welcome", "It is good that you are here.\n", request.Raw));
        }

        return Task.FromResult(answer);
    }

    private static Template Template => new()
    {
        Name = "failed-payment-1", Version = 3, MessageClass = MessageClass.Transactional, Category = "billing", Locales = { "en", "pt" },
        Variables =
        {
            new Variable { Name = "amount", Type = Variable.Types.Type.Money, Required = true },
            new Variable { Name = "urgent", Type = Variable.Types.Type.Truth },
            new Variable { Name = "plan", Type = Variable.Types.Type.Text },
        },
    };

    private static Mail Mail(string id, string subject, string text, bool raw) => new()
    {
        MessageId = id, Time = At(9, 8, 30, 1), From = "Churn <no-reply@example.com>", To = "ana@example.com", Subject = subject, Text = text,
        Latency = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(41)), Raw = raw ? ByteString.CopyFromUtf8($"Subject: {id}\r\n\r\nbody\r\n") : ByteString.Empty,
    };

    private void Note(object request)
    {
        Requests.Add(request);
        if (Failures.TryDequeue(out var failure))
        {
            throw failure;
        }
    }
}
