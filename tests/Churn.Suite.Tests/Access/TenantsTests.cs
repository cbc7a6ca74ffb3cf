using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Tests.Access;

/// <summary>Two tenants side by side on one server: no call, however formed, shows one what is the other's.</summary>
public sealed class TenantsTests
{
    private const int RequestsOfEach = 30;

    // What only answers about the one tenant can hold; everything else the other may guess.
    private const string Hidden = "hidden";
    private const string HiddenMicros = "987654321";

    private static readonly string[] Scopes = ["ingest", "read", "playbooks", "notify"];

    private static readonly string Playbook = $$$"""
        kind: playbook
        name: known-playbook
        title: {{{Hidden}}}
        description: {{{Hidden}}}
        trigger:
          fact: usage_recorded
        holdout: none
        steps:
          - id: call
            task:
              title: "{{{Hidden}}}"
              note: "{{{Hidden}}}"
              owner: known-owner
              due: 2d
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Law_NoCallHoweverFormed_ShowsAnothersDataOrChangesIt()
    {
        await using var server = await KeyedServer.StartAsync();
        foreach (var (tenant, spread) in new[] { ("acme", "4"), ("globex", "1") })
        {
            var made = await server.AskAsync(server.Admin, "tenants", "create", tenant, "--spread", spread);
            Assert.True(made.Status == 0, made.Error);
        }

        var acme = server.Calls(await server.KeyAsync("acme", Scopes));
        var globex = server.Calls(await server.KeyAsync("globex", Scopes));
        var known = await FillAsync(acme);
        var before = await SnapshotAsync(acme, known);
        Assert.Contains(Hidden, before, StringComparison.Ordinal);
        Assert.Contains(HiddenMicros, before, StringComparison.Ordinal);

        var (shown, failures) = (new List<string>(), new List<string>());
        var random = new Random(20260131);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var method in AnyCall.All)
        {
            // Streams that wait are asked less often: each takes its time.
            for (var i = 0; i < (method.IsServerStreaming ? 3 : RequestsOfEach); i++)
            {
                var request = Made(random, method.InputType, known, depth: 0);
                var (answers, failure) = await AnyCall.AskAsync(globex, method, request);
                var text = string.Concat(answers.Select(answer => answer.ToString())) + failure;
                if (text.Contains(Hidden, StringComparison.Ordinal) || text.Contains(HiddenMicros, StringComparison.Ordinal))
                {
                    shown.Add($"{method.FullName} {request}: {text}");
                }

                if (failure is { StatusCode: StatusCode.Internal or StatusCode.Unknown })
                {
                    failures.Add($"{method.FullName} {request}: {failure.Status}");
                }

                // The same request by the other tenant: what it shows there is what it must not show here.
                if (i == 0 && !IsWrite(method))
                {
                    var (own, _) = await AnyCall.AskAsync(acme, method, request);
                    if (string.Concat(own.Select(answer => answer.ToString())) is var told && (told.Contains(Hidden, StringComparison.Ordinal) || told.Contains(HiddenMicros, StringComparison.Ordinal)))
                    {
                        seen.Add(method.FullName);
                    }
                }
            }
        }

        Assert.Empty(shown);
        Assert.Empty(failures);
        Assert.Equal(before, await SnapshotAsync(acme, known));
        Assert.True(seen.Count >= 5, $"only {string.Join(", ", seen)} show anything: the requests find nothing");
    }

    [Fact]
    public async Task Tenants_SameIds_AreTwoCustomersPlaybooksAndMessages()
    {
        await using var server = await KeyedServer.StartAsync();
        foreach (var tenant in new[] { "acme", "globex" })
        {
            await server.AskAsync(server.Admin, "tenants", "create", tenant);
            await FillAsync(server.Calls(await server.KeyAsync(tenant, Scopes)));
        }

        foreach (var tenant in new[] { "acme", "globex" })
        {
            var calls = server.Calls(await server.KeyAsync(tenant, Scopes));
            var overview = await new MetricsService.MetricsServiceClient(calls).GetOverviewAsync(new GetOverviewRequest(), cancellationToken: Ct);
            Assert.Equal(1, overview.Customers);
            Assert.Single((await new NotificationsService.NotificationsServiceClient(calls).ListMessagesAsync(new ListMessagesRequest(), cancellationToken: Ct)).Messages);
            Assert.Single((await new PlaybooksService.PlaybooksServiceClient(calls).ListRunsAsync(new ListRunsRequest(), cancellationToken: Ct)).Runs);
        }
    }

    private static bool IsWrite(MethodDescriptor method) => !(method.Name.StartsWith("Get", StringComparison.Ordinal) || method.Name.StartsWith("List", StringComparison.Ordinal));

    /// <summary>Gives a tenant something of everything, and gives what others may know of it: ids, names and tokens, by the names of fields.</summary>
    private static async Task<Dictionary<string, string[]>> FillAsync(CallInvoker calls)
    {
        var ingestion = new IngestionService.IngestionServiceClient(calls);
        var metrics = new MetricsService.MetricsServiceClient(calls);
        var playbooks = new PlaybooksService.PlaybooksServiceClient(calls);
        var notifications = new NotificationsService.NotificationsServiceClient(calls);
        var applied = new ApplyPlaybooksRequest { Documents = { new Document { File = "a.yaml", Text = Playbook } }, Start = true };
        await playbooks.ApplyPlaybooksAsync(applied, cancellationToken: Ct);
        await notifications.PutTemplateAsync(
            new PutTemplateRequest { Document = $"kind: template\nname: known-template\nclass: transactional\ncategory: known\ndefault_locale: en\nlocales:\n  en:\n    subject: {Hidden}\n    text: {Hidden}\n" }, cancellationToken: Ct);
        var now = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddSeconds(-1));
        var recorded = await ingestion.RecordFactsAsync(
            new RecordFactsRequest
            {
                Facts =
                {
                    Fact("1", At(2024, 1), fact => fact.SubscriptionStarted = new SubscriptionStarted
                    {
                        SubscriptionId = "known-subscription", Plan = Hidden, Price = new Price { Currency = "USD", MrrMicros = 987_654_321 },
                    }),
                    Fact("2", At(2024, 2), fact => fact.ContactJoined = new ContactJoined { ContactId = "known-contact", Role = "billing", Name = Hidden, Email = $"{Hidden}@example.com" }),
                    Fact("3", now, fact => fact.UsageRecorded = new UsageRecorded { Meter = Hidden, Quantity = 1 }),
                },
            },
            cancellationToken: Ct);
        var read = new ReadOptions { ConsistencyToken = recorded.ConsistencyToken };
        await metrics.GetOverviewAsync(new GetOverviewRequest { Read = read }, cancellationToken: Ct);
        var sent = await notifications.SendAsync(
            new SendRequest
            {
                Key = "known-key", Channel = Channel.Email, Template = "known-template",
                Recipient = new Recipient { CustomerId = "known-customer", ContactId = "known-contact", Name = Hidden, Email = $"{Hidden}@example.com" },
            },
            cancellationToken: Ct);
        await notifications.AddSuppressionAsync(new AddSuppressionRequest { Suppression = new Suppression { Email = "other@example.com", Reason = Hidden } }, cancellationToken: Ct);
        ListRunsResponse runs;
        do
        {
            // The signal of the fact goes through two streams.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
            runs = await playbooks.ListRunsAsync(new ListRunsRequest(), cancellationToken: Ct);
        }
        while (runs.Runs.Count == 0);
        var tasks = await playbooks.ListTasksAsync(new ListTasksRequest(), cancellationToken: Ct);
        var facts = await ingestion.ListFactsAsync(new ListFactsRequest { PageSize = 1 }, cancellationToken: Ct);
        return new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["source"] = ["known-source"],
            ["event_id"] = ["1", "2", "3"],
            ["customer_id"] = ["known-customer"],
            ["contact_id"] = ["known-contact", ""],
            ["playbook"] = ["known-playbook"],
            ["name"] = ["known-playbook", "known-template"],
            ["template"] = ["known-template"],
            ["id"] = [runs.Runs[0].Id, sent.Message.Id, tasks.Tasks.FirstOrDefault()?.Id ?? "", "1"],
            ["run_id"] = [runs.Runs[0].Id],
            ["message_id"] = [sent.Message.Id],
            ["after_message_id"] = [sent.Message.Id],
            ["key"] = ["known-key"],
            ["consistency_token"] = [recorded.ConsistencyToken],
            ["page_token"] = [facts.NextPageToken],
            ["email"] = ["other@example.com"],
            ["to"] = [""],
            ["currency"] = ["USD", ""],
            ["month"] = ["2024-01"],
            ["from_month"] = ["2024-01", ""],
            ["to_month"] = ["2024-03", ""],
            ["by"] = ["plan", ""],
            ["attribute"] = ["plan"],
            ["metric"] = ["mrr"],
            ["owner"] = ["known-owner", ""],
            ["stream"] = ["facts", "signals", "requests"],
            ["tenant"] = ["acme"],
            ["subject"] = ["tenant acme"],
        };
    }

    private static async Task<string> SnapshotAsync(CallInvoker calls, Dictionary<string, string[]> known)
    {
        var ingestion = new IngestionService.IngestionServiceClient(calls);
        var metrics = new MetricsService.MetricsServiceClient(calls);
        var playbooks = new PlaybooksService.PlaybooksServiceClient(calls);
        var notifications = new NotificationsService.NotificationsServiceClient(calls);
        var person = new Person { CustomerId = "known-customer", ContactId = "known-contact" };
        List<IMessage> all =
        [
            .. (await ingestion.ListFactsAsync(new ListFactsRequest { Source = "known-source", PageSize = 1_000 }, cancellationToken: Ct)).Facts,
            .. (await metrics.GetOverviewAsync(new GetOverviewRequest(), cancellationToken: Ct)).Sections,
            (await playbooks.GetPlaybookAsync(new GetPlaybookRequest { Name = "known-playbook" }, cancellationToken: Ct)).Playbook,
            .. (await playbooks.ListRunsAsync(new ListRunsRequest(), cancellationToken: Ct)).Runs,
            .. (await playbooks.ListTasksAsync(new ListTasksRequest(), cancellationToken: Ct)).Tasks,
            await notifications.ListTemplatesAsync(new ListTemplatesRequest(), cancellationToken: Ct),
            await notifications.GetPreferencesAsync(new GetPreferencesRequest { Person = person }, cancellationToken: Ct),
            await notifications.ListSuppressionsAsync(new ListSuppressionsRequest(), cancellationToken: Ct),
        ];
        return string.Join('\n', all) + string.Join(',', known["message_id"]);
    }

    private static Fact Fact(string id, Timestamp time, Action<Fact> kind)
    {
        var fact = new Fact { Source = "known-source", EventId = id, CustomerId = "known-customer", OccurTime = time };
        kind(fact);
        return fact;
    }

    private static Timestamp At(int year, int month) => Timestamp.FromDateTime(new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Utc));

    /// <summary>Makes a request by chance, of what is known by the names of its fields.</summary>
    private static IMessage Made(Random random, MessageDescriptor type, Dictionary<string, string[]> known, int depth)
    {
        var message = type.Parser.ParseFrom([]);
        if (type.FullName == Timestamp.Descriptor.FullName)
        {
            return new Timestamp { Seconds = 1_700_000_000 + random.Next(60_000_000) };
        }

        if (type.FullName.StartsWith("google.protobuf.", StringComparison.Ordinal) || depth > 4)
        {
            return message;
        }

        var oneofs = type.Oneofs.Where(oneof => !oneof.IsSynthetic).Select(oneof => oneof.Fields[random.Next(oneof.Fields.Count)]).ToHashSet();
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            // A read at any time is one of today too, now and then.
            if ((field.RealContainingOneof is not null && !oneofs.Contains(field)) || field.IsMap || random.Next(5) == 0)
            {
                continue;
            }

            if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = random.Next(3); i > 0; i--)
                {
                    list.Add(Value(field));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(field));
            }
        }

        return message;

        object Value(FieldDescriptor field) => field.FieldType switch
        {
            FieldType.String when known.TryGetValue(field.Name, out var values) => values[random.Next(values.Length)],
            FieldType.String => known.Values.ElementAt(random.Next(known.Count)) is var any ? any[random.Next(any.Length)] : "",
            FieldType.Bytes => ByteString.Empty,
            FieldType.Bool => random.Next(2) == 0,
            FieldType.Double => random.NextDouble(),
            FieldType.Float => random.NextSingle(),
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => random.Next(-1, 40),
            FieldType.UInt32 or FieldType.Fixed32 => (uint)random.Next(40),
            FieldType.UInt64 or FieldType.Fixed64 => (ulong)random.Next(40),
            FieldType.Enum => field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number,
            FieldType.Message or FieldType.Group => Made(random, field.MessageType, known, depth + 1),
            _ => (long)random.Next(-1, 40),
        };
    }
}
