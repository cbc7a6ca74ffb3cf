using Churn.Admin.V1;
using Churn.Ingestion.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Channel = Churn.Notifications.V1.Channel;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Tests.Errors;

/// <summary>Sends every write a second time, as a client does that did not get the answer: nothing is there twice, and nothing has changed.</summary>
public sealed class WritesTwiceTests
{
    private const string Documents =
        """
        kind: template
        name: hello
        class: transactional
        category: billing
        default_locale: en
        locales:
          en: { subject: "Hello", text: "Please look at it." }
        ---
        kind: playbook
        name: twice
        title: What is sent twice
        trigger: { fact: { kind: payment_failed } }
        goal: [ { fact: { kind: payment_succeeded } } ]
        holdout: none
        steps:
          - task: { title: "Call", owner: ana, due: 1d }
          - wait: 30d
        """;

    private static readonly Timestamp Then = Timestamp.FromDateTimeOffset(new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Law_EveryWriteSentTwice_IsDoneOnce()
    {
        await using var server = await ErrorServer.StartAsync();
        var ingestion = new IngestionService.IngestionServiceClient(server.Channel);
        var notifications = new NotificationsService.NotificationsServiceClient(server.Channel);
        var playbooks = new PlaybooksService.PlaybooksServiceClient(server.Channel);
        var admin = new AdminService.AdminServiceClient(server.Channel);
        var facts = () => ingestion.ListFacts(new ListFactsRequest { PageSize = 1_000 }, cancellationToken: Ct);
        var messages = () => notifications.ListMessages(new ListMessagesRequest { PageSize = 100 }, cancellationToken: Ct);

        await TwiceAsync("RecordFacts", () => Done(ingestion.RecordFacts(new RecordFactsRequest { Facts = { Of("1"), Of("2") } }, cancellationToken: Ct)), facts);
        await TwiceAsync("StreamFacts", () => StreamAsync(ingestion, Of("3")), facts);
        await TwiceAsync("RetractFact", () => Done(ingestion.RetractFact(new RetractFactRequest { Source = "twice", EventId = "2" }, cancellationToken: Ct)), facts);

        await TwiceAsync("ApplyPlaybooks", () => Done(playbooks.ApplyPlaybooks(new ApplyPlaybooksRequest { Documents = { new Document { File = "twice.yaml", Text = Documents } } }, cancellationToken: Ct)), Playbooks);
        await TwiceAsync("StartPlaybook", () => Done(playbooks.StartPlaybook(new StartPlaybookRequest { Name = "twice" }, cancellationToken: Ct)), Playbooks);
        var task = await TaskAsync(ingestion, playbooks);
        var due = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddDays(3));
        await TwiceAsync("SnoozeTask", () => Done(playbooks.SnoozeTask(new SnoozeTaskRequest { Id = task, DueTime = due }, cancellationToken: Ct)), () => playbooks.ListTasks(new ListTasksRequest(), cancellationToken: Ct));
        await TwiceAsync("CompleteTask", () => Done(playbooks.CompleteTask(new CompleteTaskRequest { Id = task, Note = "done" }, cancellationToken: Ct)), () => playbooks.ListTasks(new ListTasksRequest(), cancellationToken: Ct));
        await TwiceAsync("PausePlaybook", () => Done(playbooks.PausePlaybook(new PausePlaybookRequest { Name = "twice" }, cancellationToken: Ct)), Playbooks);

        const string template = "kind: template\nname: plain\nclass: transactional\ncategory: billing\ndefault_locale: en\nlocales:\n  en: { subject: Hello, text: There }\n";
        await TwiceAsync("PutTemplate", () => Done(notifications.PutTemplate(new PutTemplateRequest { Document = template, File = "plain.yaml" }, cancellationToken: Ct)), () => notifications.ListTemplates(new ListTemplatesRequest(), cancellationToken: Ct));
        var send = new SendRequest { Key = "k1", Channel = Channel.Email, Template = "plain", Recipient = new Recipient { CustomerId = "c1", Email = "ana@example.com" } };
        await TwiceAsync("Send", () => Done(notifications.Send(send, cancellationToken: Ct)), () => messages().Messages.Count);
        var sent = await SentAsync(notifications);
        await TwiceAsync("RecordDelivery", () => Done(notifications.RecordDelivery(new RecordDeliveryRequest { MessageId = sent, Outcome = RecordDeliveryRequest.Types.Outcome.Delivered, Time = Then }, cancellationToken: Ct)), messages);
        var person = new Person { CustomerId = "c1" };
        await TwiceAsync("SetPreferences", () => Done(notifications.SetPreferences(new SetPreferencesRequest { Person = person, Preferences = { new Preference { Channel = Channel.Email, Category = "billing", Wanted = false } } }, cancellationToken: Ct)), () => notifications.GetPreferences(new GetPreferencesRequest { Person = person }, cancellationToken: Ct));
        var suppressions = () => notifications.ListSuppressions(new ListSuppressionsRequest(), cancellationToken: Ct);
        await TwiceAsync("AddSuppression", () => Done(notifications.AddSuppression(new AddSuppressionRequest { Suppression = new Suppression { Email = "bo@example.com", Reason = "manual" } }, cancellationToken: Ct)), suppressions);
        await TwiceAsync("RemoveSuppression", () => Done(notifications.RemoveSuppression(new RemoveSuppressionRequest { Email = "bo@example.com" }, cancellationToken: Ct)), suppressions);

        var tenants = () => admin.ListTenants(new ListTenantsRequest(), cancellationToken: Ct);
        await TwiceAsync("CreateTenant", () => Done(admin.CreateTenant(new CreateTenantRequest { Id = "acme", Name = "Acme" }, cancellationToken: Ct)), tenants);
        await TwiceAsync("UpdateTenant", () => Done(admin.UpdateTenant(new UpdateTenantRequest { Id = "acme", Name = "Acme Corporation" }, cancellationToken: Ct)), tenants);

        // A key makes the server ask for keys: it is the last.
        var key = admin.CreateKey(new CreateKeyRequest { Tenant = "default", Scopes = { Churn.Access.V1.Scope.Admin }, Label = "twice" }, cancellationToken: Ct);
        var other = admin.CreateKey(new CreateKeyRequest { Tenant = "default", Scopes = { Churn.Access.V1.Scope.Read }, Label = "other" }, Bearer(key), cancellationToken: Ct);
        await TwiceAsync("RevokeKey", () => Done(admin.RevokeKey(new RevokeKeyRequest { Id = other.Key.Id }, Bearer(key), cancellationToken: Ct)), () => admin.ListKeys(new ListKeysRequest { Tenant = "default" }, Bearer(key), cancellationToken: Ct));

        object Playbooks() => playbooks.ListPlaybooks(new ListPlaybooksRequest(), cancellationToken: Ct);
    }

    private static Metadata Bearer(CreateKeyResponse key) => new() { { "authorization", $"Bearer {key.Secret}" } };

    private static Task<IMessage> Done(IMessage answer) => Task.FromResult(answer);

    private static async Task TwiceAsync<T>(string name, Func<Task> write, Func<T> state)
    {
        await write();
        var once = state()?.ToString();
        await write();
        Assert.True(once == state()?.ToString(), $"{name} sent twice leaves\n{state()}\nand once\n{once}");
    }

    private static async Task StreamAsync(IngestionService.IngestionServiceClient ingestion, Fact fact)
    {
        using var call = ingestion.StreamFacts(cancellationToken: Ct);
        await call.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { fact } }, Ct);
        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(Ct))
        {
        }
    }

    private static async Task<string> TaskAsync(IngestionService.IngestionServiceClient ingestion, PlaybooksService.PlaybooksServiceClient playbooks)
    {
        var now = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        await ingestion.RecordFactsAsync(
            new RecordFactsRequest
            {
                Facts = { new Fact { Source = "twice", EventId = "failed", CustomerId = "c9", OccurTime = now, PaymentFailed = new PaymentFailed { InvoiceId = "i1", DeclineCode = "expired_card" } } },
            },
            cancellationToken: Ct);
        while (true)
        {
            if ((await playbooks.ListTasksAsync(new ListTasksRequest(), cancellationToken: Ct)).Tasks is [var task, ..])
            {
                return task.Id;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }

    private static async Task<string> SentAsync(NotificationsService.NotificationsServiceClient notifications)
    {
        while (true)
        {
            if ((await notifications.ListMessagesAsync(new ListMessagesRequest { State = MessageState.Sent }, cancellationToken: Ct)).Messages is [var message, ..])
            {
                return message.Id;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }

    private static Fact Of(string id) => new()
    {
        Source = "twice", EventId = id, CustomerId = $"c{id}", OccurTime = Then,
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = "s", Plan = "pro", Price = new Price { Currency = "USD", MrrMicros = 1_000_000 } },
    };
}
