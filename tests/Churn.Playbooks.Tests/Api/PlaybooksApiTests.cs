using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Rpc;
using Grpc.Core;
using State = Churn.Playbooks.V1.Task.Types.State;
using Status = Churn.Playbooks.V1.RunStatus;

namespace Churn.Playbooks.Tests.Api;

public sealed class PlaybooksApiTests
{
    private const string Hello = """
        kind: template
        name: hello
        """;

    private const string Rescue = """
        kind: playbook
        name: rescue
        title: A payment failed
        trigger: { fact: payment_failed }
        holdout: none
        goal: [ { fact: payment_succeeded } ]
        entry: { again: 1d }
        steps:
          - id: first
            notify: { channel: email, template: hello, to: billing }
          - id: call
            task: { title: "Call {{ customer }}", owner: "{{ attribute.owner | else: support }}", due: 2d }
          - id: rest
            wait: 1d
          - id: second
            notify: { channel: email, template: hello, to: billing }
        """;

    [Fact]
    public async Task ApplyPlaybooks_NewSameAndOther_MakesVersionsOnlyOfWhatIsNew()
    {
        await using var server = await PlaybooksServer.StartAsync();
        var first = await ApplyAsync(server, Hello + "\n---\n" + Rescue);
        Assert.Equal([("template", "hello", 1, true), ("playbook", "rescue", 1, true)], first);
        Assert.Equal([("playbook", "rescue", 1, false)], await ApplyAsync(server, "# Another comment.\n" + Rescue));
        Assert.Equal([("playbook", "rescue", 2, true)], await ApplyAsync(server, Rescue.Replace("wait: 1d", "wait: 3d", StringComparison.Ordinal), dryRun: true));
        Assert.Equal([("playbook", "rescue", 2, true)], await ApplyAsync(server, Rescue.Replace("wait: 1d", "wait: 2d", StringComparison.Ordinal)));

        var listed = Assert.Single((await server.Client.ListPlaybooksAsync(new())).Playbooks);
        Assert.Equal(("rescue", 2, "A payment failed", false, "payment_failed"), (listed.Name, listed.Version, listed.Title, listed.Active, listed.Trigger));
        Assert.Contains("wait: 1d", (await server.Client.GetPlaybookAsync(new() { Name = "rescue", Version = 1 })).Document, StringComparison.Ordinal);
        Assert.Contains("wait: 2d", (await server.Client.GetPlaybookAsync(new() { Name = "rescue" })).Document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyPlaybooks_OneIsWrong_SavesNoneAndSaysWhere()
    {
        await using var server = await PlaybooksServer.StartAsync();
        var wrong = Rescue.Replace("name: rescue", "name: other", StringComparison.Ordinal).Replace("wait: 1d", "wait: 0d", StringComparison.Ordinal);
        var fault = await Assert.ThrowsAsync<RpcException>(() => ApplyAsync(server, Hello + "\n---\n" + Rescue + "\n---\n" + wrong));
        Assert.Equal((StatusCode.InvalidArgument, "DOCUMENT_INVALID"), (fault.StatusCode, ReasonOf(fault)));
        var violation = Assert.Single(fault.ToRichStatus()!.Details.Single(detail => detail.Is(BadRequest.Descriptor)).Unpack<BadRequest>().FieldViolations);
        Assert.StartsWith("all.yaml:34:", violation.Field, StringComparison.Ordinal);
        Assert.Empty((await server.Client.ListPlaybooksAsync(new())).Playbooks);
        Assert.Empty(server.Templates.Saved);

        fault = await Assert.ThrowsAsync<RpcException>(() => ApplyAsync(server, Rescue));
        Assert.Contains("no template 'hello'", fault.Status.Detail, StringComparison.Ordinal);
        fault = await Assert.ThrowsAsync<RpcException>(() => ApplyAsync(server, Hello + "\nwrong: true\n---\n" + Rescue));
        Assert.Contains("the template is wrong", fault.Status.Detail, StringComparison.Ordinal);
        fault = await Assert.ThrowsAsync<RpcException>(() => ApplyAsync(server, Hello + "\n---\n" + Rescue + "\n---\n" + Rescue));
        Assert.Contains("in this call already", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FromSignalToEnd_IsTold()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await ApplyAsync(server, Hello + "\n---\n" + Rescue, start: true);
        server.Record(Failed("c1", "s1", server.Now));
        var run = await server.RunOfAsync("c1");
        Assert.Equal((Status.Running, "rest", 1, "s1"), (run.Status, run.Step, run.Version, run.SignalId));
        var request = Assert.Single(await server.RequestsAsync("c1"));
        Assert.Equal((run.Id + ":first", "hello", "pay@example.com", "rescue"), (request.Key, request.Template, request.Recipient.Email, request.Playbook));

        // In the middle of everything it ends and starts again, and so it does wherever much time passes.
        await server.PassAsync(TimeSpan.FromHours(23));
        Assert.Equal(Status.Running, (await server.RunOfAsync("c1")).Status);
        await server.PassAsync(TimeSpan.FromHours(1));
        run = await server.RunOfAsync("c1", run => run.Status == Status.Completed);
        Assert.Equal(run.EnterTime.Seconds + 86_400, run.EndTime.Seconds);
        var told = await server.Client.GetRunAsync(new() { Id = run.Id });
        Assert.Equal(
            ["Entered", "Notified first", "TaskMade call", "Waiting rest", "TimeCame rest", "Notified second", "Ended"],
            told.Events.Select(happened => $"{happened.Kind} {happened.Step}".TrimEnd()));
        Assert.Equal("s1", told.Signal.Id);
        Assert.Equal(2, (await server.RequestsAsync("c1")).Count);
        var playbook = (await server.Client.GetPlaybookAsync(new() { Name = "rescue" })).Playbook;
        Assert.Equal((0, 1, 0), (playbook.RunningCount, playbook.TreatedCount, playbook.HeldOutCount));
    }

    [Fact]
    public async Task PausePlaybook_WhileARunWaits_TakesNoStepUntilItIsStarted()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await ApplyAsync(server, Hello + "\n---\n" + Rescue, start: true);
        server.Record(Failed("c1", "s1", server.Now));
        await server.RunOfAsync("c1");
        Assert.False((await server.Client.PausePlaybookAsync(new() { Name = "rescue" })).Playbook.Active);
        server.Record(Failed("c2", "s2", server.Now));
        await server.PassAsync(TimeSpan.FromDays(3));
        await server.UntilAsync(async () => (await EventsAsync(server, "c1")).Contains("TimeCame rest", StringComparer.Ordinal));
        Assert.Single(await server.RequestsAsync("c1"));
        Assert.Empty((await server.Client.ListRunsAsync(new() { CustomerId = "c2" })).Runs);

        var started = server.Now;
        Assert.True((await server.Client.StartPlaybookAsync(new() { Name = "rescue" })).Playbook.Active);
        await server.RunOfAsync("c1", run => run.Status == Status.Completed);
        var requests = await server.RequestsAsync("c1");
        Assert.Equal(2, requests.Count);
        Assert.True(Instants.FromWire(requests[1].RequestTime) >= started);
    }

    [Fact]
    public async Task ApplyPlaybooks_WhileARunGoesOn_LetsItFinishOnItsVersion()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await ApplyAsync(server, Hello + "\n---\n" + Rescue, start: true);
        server.Record(Failed("c1", "s1", server.Now));
        await server.RunOfAsync("c1");
        await ApplyAsync(server, Rescue[..Rescue.IndexOf("  - id: rest", StringComparison.Ordinal)]);
        server.Record(Failed("c2", "s2", server.Now));
        var second = await server.RunOfAsync("c2");
        Assert.Equal((2, Status.Completed), (second.Version, second.Status));
        await server.PassAsync(TimeSpan.FromDays(1));
        var first = await server.RunOfAsync("c1", run => run.Status == Status.Completed);
        Assert.Equal(1, first.Version);
        Assert.Equal(2, (await server.RequestsAsync("c1")).Count);
    }

    [Fact]
    public async Task Tasks_OfRuns_AreListedDonePutOffAndCancelled()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await ApplyAsync(server, Hello + "\n---\n" + Rescue, start: true);
        foreach (var customer in (string[])["c1", "c2", "c3"])
        {
            server.Record(Failed(customer, "s-" + customer, server.Now));
            await server.RunOfAsync(customer);
        }

        var page = await server.Client.ListTasksAsync(new() { PageSize = 2 });
        Assert.Equal(2, page.Tasks.Count);
        var rest = await server.Client.ListTasksAsync(new() { PageSize = 2, PageToken = page.NextPageToken });
        Assert.Equal(("Call c3", "support", ""), (Assert.Single(rest.Tasks).Title, rest.Tasks[0].Owner, rest.NextPageToken));
        await FaultsAsync(StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID", () => server.Client.ListTasksAsync(new() { PageToken = page.NextPageToken, Owner = "me" }).ResponseAsync);

        var done = page.Tasks[0].Id;
        Assert.Equal(State.Done, (await server.Client.CompleteTaskAsync(new() { Id = done, Note = "spoke" })).Task.State);
        Assert.Equal("spoke", (await server.Client.CompleteTaskAsync(new() { Id = done, Note = "again" })).Task.CloseNote);
        await FaultsAsync(StatusCode.FailedPrecondition, "TASK_CLOSED", () => server.Client.SnoozeTaskAsync(new() { Id = done, DueTime = Instants.ToWire(server.Now + World.Day) }).ResponseAsync);
        await FaultsAsync(StatusCode.InvalidArgument, "FIELD_INVALID", () => server.Client.SnoozeTaskAsync(new() { Id = done, DueTime = Instants.ToWire(server.Now) }).ResponseAsync);
        await FaultsAsync(StatusCode.NotFound, "TASK_NOT_FOUND", () => server.Client.CompleteTaskAsync(new() { Id = "none" }).ResponseAsync);

        var due = server.Now + (9 * World.Day);
        Assert.Equal(due, Instants.FromWire((await server.Client.SnoozeTaskAsync(new() { Id = page.Tasks[1].Id, DueTime = Instants.ToWire(due) })).Task.DueTime));

        // Who has paid needs no call.
        server.Record(Paid("c2", "p2", server.Now));
        await server.RunOfAsync("c2", run => run.Status == Status.GoalReached);
        var cancelled = Assert.Single((await server.Client.ListTasksAsync(new() { State = State.Cancelled })).Tasks);
        Assert.Equal("c2", cancelled.CustomerId);
    }

    [Fact]
    public async Task ListRuns_InPages_GivesEachOnceLatestFirst()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await ApplyAsync(server, Hello + "\n---\n" + Rescue, start: true);
        for (var i = 0; i < 7; i++)
        {
            server.Record(Failed($"c{i}", $"s{i}", server.Now));
            await server.RunOfAsync($"c{i}");
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var customers = new List<string>();
        var request = new V1.ListRunsRequest { Playbook = "rescue", Status = Status.Running, PageSize = 3 };
        do
        {
            var page = await server.Client.ListRunsAsync(request);
            customers.AddRange(page.Runs.Select(run => run.CustomerId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        Assert.Equal(["c6", "c5", "c4", "c3", "c2", "c1", "c0"], customers);
        Assert.Empty((await server.Client.ListRunsAsync(new() { Status = Status.Completed })).Runs);
        Assert.Equal(7, (await server.Client.ListRunsAsync(new())).Runs.Count);
        Assert.Equal("c3", Assert.Single((await server.Client.ListRunsAsync(new() { CustomerId = "c3" })).Runs).CustomerId);
    }

    [Fact]
    public async Task Calls_ForWhatIsNotThere_SaySo()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await FaultsAsync(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", () => server.Client.GetPlaybookAsync(new() { Name = "none" }).ResponseAsync);
        await FaultsAsync(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", () => server.Client.StartPlaybookAsync(new() { Name = "none" }).ResponseAsync);
        await FaultsAsync(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", () => server.Client.PausePlaybookAsync(new() { Name = "none" }).ResponseAsync);
        await FaultsAsync(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", () => server.Client.GetResultsAsync(new() { Playbook = "none" }).ResponseAsync);
        await FaultsAsync(StatusCode.NotFound, "RUN_NOT_FOUND", () => server.Client.GetRunAsync(new() { Id = "none" }).ResponseAsync);
        await FaultsAsync(StatusCode.InvalidArgument, "FIELD_INVALID", () => server.Client.ApplyPlaybooksAsync(new()).ResponseAsync);
        await FaultsAsync(StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID", () => server.Client.ListRunsAsync(new() { PageToken = "x" }).ResponseAsync);
        await FaultsAsync(StatusCode.InvalidArgument, "FIELD_INVALID", () => server.Client.GetResultsAsync(new() { Playbook = "none", AfterDays = 366 }).ResponseAsync);
        await FaultsAsync(StatusCode.InvalidArgument, "FIELD_INVALID", () => SimulateAsync(server, new() { Name = "none" }));
        await FaultsAsync(StatusCode.InvalidArgument, "FIELD_INVALID", () => SimulateAsync(server, Period(server, new() { Name = "none" }, ends: server.Now + World.Day)));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await FaultsAsync(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", () => SimulateAsync(server, Period(server, new() { Name = "none" })));
    }

    [Fact]
    public async Task SimulatePlaybook_OverThePast_TellsWhatWouldHaveBeen()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await server.PassAsync(TimeSpan.FromDays(60));
        for (var i = 0; i < 5; i++)
        {
            var at = World.Start + (i * World.Day);
            server.Signals.Past.Add(Known(Failed($"c{i}", $"s{i}", at), at));
        }

        server.Signals.Past.Add(Known(Paid("c0", "p0", World.Start + World.Hour), World.Start + World.Hour));
        server.Signals.StandingAt = point => new Standing { Mrr = { new CurrencyMrr { Currency = "USD", MrrMicros = point.CustomerId == "c1" ? 0 : 5_000_000 } } };
        var request = Period(server, new() { Document = new() { File = "try.yaml", Text = Rescue }, EventLimit = 4 });
        var (events, summary) = await SimulateAsync(server, request);
        Assert.Equal(["Entered", "Notified", "TaskMade", "Waiting"], events.Select(happened => happened.Kind.ToString()));
        Assert.Equal((5, 6, 5, 0), (summary.CustomerCount, summary.SignalCount, summary.TreatedCount, summary.HeldOutCount));
        Assert.Equal([("first", 5), ("call", 5), ("rest", 5), ("second", 4)], summary.Steps.Select(step => (step.Step, step.Count)));
        Assert.Equal([(Status.Completed, 4), (Status.GoalReached, 1)], summary.Ends.Select(end => (end.Status, end.Count)));
        Assert.Equal((5, 4, 30), (summary.Readout.Treated.CustomerCount, summary.Readout.Treated.RetainedCount, summary.Readout.AfterDays));
        Assert.NotEmpty(summary.Readout.Sentence);

        Assert.Empty((await server.Client.ListRunsAsync(new())).Runs);
        await ApplyAsync(server, Hello + "\n---\n" + Rescue);
        var (none, again) = await SimulateAsync(server, Period(server, new() { Name = "rescue", CustomerId = "c0" }));
        Assert.Empty(none);
        Assert.Equal(1, again.CustomerCount);
        await FaultsAsync(StatusCode.InvalidArgument, "DOCUMENT_INVALID", () => SimulateAsync(server, Period(server, new() { Document = new() { Text = Hello } })));
        await FaultsAsync(StatusCode.InvalidArgument, "DOCUMENT_INVALID", () => SimulateAsync(server, Period(server, new() { Document = new() { Text = "kind: playbook" } })));
    }

    [Fact]
    public async Task GetResults_AfterItsDays_ComparesTheArms()
    {
        await using var server = await PlaybooksServer.StartAsync();
        await ApplyAsync(server, Hello + "\n---\n" + Rescue.Replace("holdout: none", "holdout: 40%\nmeasure: { after: 10d }", StringComparison.Ordinal), start: true);
        const int customers = 40;
        for (var i = 0; i < customers; i++)
        {
            server.Record(Failed($"c{i}", $"s{i}", server.Now));
        }

        await server.UntilAsync(async () => (await server.Client.ListRunsAsync(new() { PageSize = 1_000 })).Runs.Count == customers);
        var runs = (await server.Client.ListRunsAsync(new() { PageSize = 1_000 })).Runs;
        var heldOut = runs.Where(run => run.Status == Status.HeldOut).Select(run => run.CustomerId).ToHashSet();
        Assert.InRange(heldOut.Count, 6, 28);
        Assert.Empty(await server.RequestsAsync(heldOut.First()));

        var before = (await server.Client.GetResultsAsync(new() { Playbook = "rescue" })).Readout;
        Assert.Equal((customers, 0, 0), (before.PendingCount, before.Treated.CustomerCount, before.HeldOut.CustomerCount));

        // Everybody pays at entry; of the held out nobody does afterwards.
        server.Signals.StandingAt = point => new Standing
        {
            Mrr = { new CurrencyMrr { Currency = "USD", MrrMicros = Instants.FromWire(point.Time) > World.Start + (5 * World.Day) && heldOut.Contains(point.CustomerId) ? 0 : 7_000_000 } },
        };
        await server.PassAsync(TimeSpan.FromDays(11));
        var readout = (await server.Client.GetResultsAsync(new() { Playbook = "rescue", Version = 1 })).Readout;
        Assert.Equal((0, customers - heldOut.Count, heldOut.Count), (readout.PendingCount, readout.Treated.RetainedCount, readout.HeldOut.CustomerCount));
        Assert.Equal((1.0, 10), (readout.RetentionDifference, readout.AfterDays));
        Assert.True(readout.PValue < 0.001);
        Assert.Equal(customers * 0.4, readout.SampleRatio.ExpectedHeldOut, 9);
        Assert.Equal(7_000_000 * (customers - heldOut.Count), Assert.Single(readout.Mrr).SavedMicros, 3);
        await FaultsAsync(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", () => server.Client.GetResultsAsync(new() { Playbook = "rescue", Version = 9 }).ResponseAsync);
    }

    private static async Task<List<string>> EventsAsync(PlaybooksServer server, string customer)
    {
        var run = await server.RunOfAsync(customer);
        return [.. (await server.Client.GetRunAsync(new() { Id = run.Id })).Events.Select(happened => $"{happened.Kind} {happened.Step}")];
    }

    private static async Task<List<(string Kind, string Name, int Version, bool Changed)>> ApplyAsync(
        PlaybooksServer server, string text, bool start = false, bool dryRun = false)
    {
        var applied = await server.Client.ApplyPlaybooksAsync(new() { Documents = { new V1.Document { File = "all.yaml", Text = text } }, Start = start, DryRun = dryRun });
        return [.. applied.Applied.Select(document => (document.Kind, document.Name, document.Version, document.Changed))];
    }

    private static V1.SimulatePlaybookRequest Period(PlaybooksServer server, V1.SimulatePlaybookRequest request, long? ends = null)
    {
        request.FromTime = Instants.ToWire(World.Start);
        request.ToTime = Instants.ToWire(ends ?? server.Now);
        return request;
    }

    private static async Task<(List<V1.RunEvent> Events, V1.SimulationSummary Summary)> SimulateAsync(PlaybooksServer server, V1.SimulatePlaybookRequest request)
    {
        var parts = new List<V1.SimulatePlaybookResponse>();
        using var call = server.Client.SimulatePlaybook(request);
        await foreach (var part in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            parts.Add(part);
        }

        return ([.. parts.SkipLast(1).Select(part => part.Event)], parts[^1].Summary);
    }

    private static async Task FaultsAsync(StatusCode code, string reason, Func<Task> call)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, reason), (fault.StatusCode, ReasonOf(fault)));
    }

    private static string ReasonOf(RpcException fault) =>
        fault.ToRichStatus()!.Details.Where(detail => detail.Is(ErrorInfo.Descriptor)).Select(detail => detail.Unpack<ErrorInfo>().Reason).FirstOrDefault("");

    private static Signal Known(Signal signal, long known)
    {
        signal.KnownTime = Instants.ToWire(known);
        return signal;
    }

    private static Signal Failed(string customer, string id, long time) => Of(customer, id, time, new Fact { PaymentFailed = new PaymentFailed { InvoiceId = "i" } });

    private static Signal Paid(string customer, string id, long time) => Of(customer, id, time, new Fact { PaymentSucceeded = new PaymentSucceeded { InvoiceId = "i" } });

    private static Signal Of(string customer, string id, long time, Fact fact) => new()
    {
        Id = id,
        CustomerId = customer,
        Time = Instants.ToWire(time),
        Fact = fact,
        Standing = new Standing { State = CustomerState.Active },
        Contacts = { new Contact { ContactId = "k1", Role = "billing", Email = "pay@example.com" } },
    };
}
