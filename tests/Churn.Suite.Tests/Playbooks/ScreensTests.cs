using System.CommandLine;
using Churn.Cli;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;
using Churn.Suite.Playbooks;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Tests.Playbooks;

/// <summary>Compares what <c>churn playbooks</c> and <c>churn tasks</c> print with files; UPDATE_GOLDEN=1 writes them.</summary>
public class ScreensTests
{
    [Theory]
    [InlineData("list", "playbooks list")]
    [InlineData("list-csv", "playbooks list --format csv")]
    [InlineData("list-json", "playbooks list --format json")]
    [InlineData("show", "playbooks show failed-payment")]
    [InlineData("simulate", "playbooks simulate saved --from 2036-02-01 --to 2036-03-10")]
    [InlineData("simulate-limit", "playbooks simulate saved --limit 2")]
    [InlineData("simulate-csv", "playbooks simulate saved --format csv")]
    [InlineData("simulate-json", "playbooks simulate saved --format json")]
    [InlineData("start", "playbooks start failed-payment")]
    [InlineData("pause", "playbooks pause failed-payment")]
    [InlineData("runs", "playbooks runs")]
    [InlineData("runs-limit", "playbooks runs --limit 1")]
    [InlineData("runs-csv", "playbooks runs --format csv")]
    [InlineData("run", "playbooks runs 5f0c2f9d6f1e4b7a")]
    [InlineData("results", "playbooks results failed-payment")]
    [InlineData("results-csv", "playbooks results failed-payment --format csv")]
    [InlineData("tasks", "tasks list")]
    [InlineData("tasks-csv", "tasks list --format csv")]
    [InlineData("tasks-done", "tasks done t-1 --note renewed")]
    [InlineData("tasks-snooze", "tasks snooze t-1 --for 2d")]
    public async Task Screen_OfAFewCustomers_IsTheGoldenOne(string name, string command)
    {
        await using var server = await CommandServer.StartAsync();
        var outcome = await server.AskAsync(command.Split(' '));
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Golden.Matches(name, outcome.Output);
    }

    [Theory]
    [InlineData("playbooks")]
    [InlineData("playbooks apply")]
    [InlineData("playbooks library")]
    [InlineData("playbooks list")]
    [InlineData("playbooks show")]
    [InlineData("playbooks simulate")]
    [InlineData("playbooks start")]
    [InlineData("playbooks pause")]
    [InlineData("playbooks runs")]
    [InlineData("playbooks results")]
    [InlineData("playbooks schema")]
    [InlineData("tasks")]
    [InlineData("tasks list")]
    [InlineData("tasks done")]
    [InlineData("tasks snooze")]
    public void Help_OfACommand_IsTheGoldenOne(string command)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var churn = ChurnCommand.Create(SuiteCommands.Create());
        Assert.Equal(0, ChurnCommand.Read(churn, [.. command.Split(' '), "--help"]).Invoke(new InvocationConfiguration { Output = output }));
        Golden.Matches("help-" + command.Replace(' ', '-'), output.ToString());
    }

    [Fact]
    public async Task Apply_AFile_IsSentWithItsName()
    {
        await using var server = await CommandServer.StartAsync();
        server.Playbooks.Warning = "winback.yaml:3:7: a goal would tell when to stop";
        var outcome = await server.AskAsync("playbooks", "apply", server.File("winback.yaml", "kind: playbook\n"), "--start");
        Assert.Equal((0, "churn playbooks: warning: winback.yaml:3:7: a goal would tell when to stop\n"), (outcome.Status, outcome.Error));
        Assert.Equal(
            """
            playbook  failed-payment    version 1  new
            template  failed-payment-1  version 3  changed
            template  failed-payment-2  version 1  unchanged
            Started: customers enter from now on.

            """,
            outcome.Output);
        var request = Assert.IsType<ApplyPlaybooksRequest>(Assert.Single(server.Playbooks.Requests));
        Assert.EndsWith("winback.yaml", request.Documents[0].File, StringComparison.Ordinal);
        Assert.Equal(("kind: playbook\n", true, false), (request.Documents[0].Text, request.Start, request.DryRun));
    }

    [Fact]
    public async Task Apply_New_SaysWhatComesNext()
    {
        await using var server = await CommandServer.StartAsync();
        var outcome = await server.AskAsync("playbooks", "apply", server.File("winback.yaml", "kind: playbook\n"));
        Assert.EndsWith(
            "Paused until it is started. Try it on the past: churn playbooks simulate failed-payment. Then: churn playbooks\n  start failed-payment\n", outcome.Output, StringComparison.Ordinal);
        var dry = await server.AskAsync("playbooks", "apply", server.File("winback.yaml", "kind: playbook\n"), "--dry-run");
        Assert.EndsWith("All of it is in order. Nothing was saved: this was a dry run.\n", dry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_Faults_AreALineEach()
    {
        await using var server = await CommandServer.StartAsync();
        server.Playbooks.Failures.Enqueue(CommandServer.Failure(
            StatusCode.InvalidArgument, "DOCUMENT_INVALID", "a wait is at least 1m (and 1 more)",
            ("documents[0]", "winback.yaml:7:9: steps[0].wait: a wait is at least 1m: write 1m or leave it out"),
            ("winback.yaml:12:3", "there is no step of that id: write one of first, last\u001b[31m")));
        var outcome = await server.AskAsync("playbooks", "apply", server.File("winback.yaml", "kind: playbook\n"));
        Assert.Equal((1, ""), (outcome.Status, outcome.Output));
        Assert.Equal(
            """
            churn playbooks: 2 faults to mend; nothing was done
            winback.yaml:7:9: steps[0].wait: a wait is at least 1m: write 1m or leave it out
            winback.yaml:12:3: there is no step of that id: write one of first, last?[31m

            """,
            outcome.Error);
    }

    [Theory]
    [InlineData("playbooks apply nothing.yaml", "churn playbooks: there is no file nothing.yaml\n")]
    [InlineData("playbooks simulate folder/none", "churn playbooks: there is no file folder/none\n")]
    [InlineData("playbooks show x --format csv", "churn playbooks: a playbook is no table: leave --format csv out, or take json\n")]
    public async Task Ask_WhatIsNotThere_SaysSo(string command, string error)
    {
        await using var server = await CommandServer.StartAsync();
        var outcome = await server.AskAsync(command.Split(' '));
        Assert.Equal((1, "", error), (outcome.Status, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData("playbooks results x --after 0d", "--after takes days such as 30d, 1d to 365d, not '0d'.")]
    [InlineData("playbooks results x --after 36h", "--after takes days such as 30d, 1d to 365d, not '36h'.")]
    [InlineData("playbooks runs --status done", "--status takes any, running, completed, goal-reached, exited, retracted, superseded or held-out, not 'done'.")]
    [InlineData("tasks snooze t-1 --for ever", "--for takes a time such as 30m, 12h, 3d or 2w, at most 400d, not 'ever'.")]
    [InlineData("tasks snooze t-1 --for 401d", "--for takes a time such as 30m, 12h, 3d or 2w, at most 400d, not '401d'.")]
    [InlineData("tasks snooze t-1", "Option '--for' is required.")]
    public async Task Run_BadOption_SaysWhatIsTaken(string command, string message)
    {
        var outcome = await CommandServer.RunAsync(command.Split(' '));
        Assert.Equal((1, message), (outcome.Status, outcome.Error.Split('\n')[0]));
    }

    [Fact]
    public async Task Simulate_WithoutAPeriod_IsTheLastYear()
    {
        await using var server = await CommandServer.StartAsync();
        await server.AskAsync("playbooks", "simulate", server.File("p.yaml", "kind: playbook"), "--customer", "acme", "--limit", "7");
        var request = Assert.IsType<SimulatePlaybookRequest>(Assert.Single(server.Playbooks.Requests));
        request.Document.File = "p.yaml";
        Assert.Equal(
            """{ "document": { "file": "p.yaml", "text": "kind: playbook" }, "fromTime": "2035-03-10T12:00:00Z", "toTime": "2036-03-10T12:00:00Z", "customerId": "acme", "eventLimit": 7 }""",
            JsonFormatter.Default.Format(request));
    }

    [Fact]
    public async Task Simulate_AReadyMadeOne_SendsTheOnePlaybookOfItsNameOnItsLines()
    {
        await using var server = await CommandServer.StartAsync();
        server.Playbooks.IsEmpty = true;
        Assert.Equal(0, (await server.AskAsync("playbooks", "simulate", "failed-payment")).Status);
        var sent = server.Playbooks.Requests.OfType<SimulatePlaybookRequest>().Single().Document;
        Assert.Equal("failed-payment.yaml", sent.File);
        Assert.Single(sent.Text.Split('\n'), l => l.StartsWith("kind: ", StringComparison.Ordinal));

        var two = new Document { File = "f.yaml", Text = "kind: playbook\nname: a\n---\nkind: playbook\nname: b\n" };
        Assert.Equal("\n\n\nkind: playbook\nname: b\n\n", Library.Only(two, "b").Text);
        Assert.Same(two, Library.Only(two, "f.yaml"));
    }

    [Fact]
    public async Task Ask_Options_ReachTheServer()
    {
        await using var server = await CommandServer.StartAsync();
        await server.AskAsync("playbooks", "runs", "--playbook", "p", "--customer", "c", "--status", "held-out", "--format", "json");
        await server.AskAsync("playbooks", "results", "p", "--after", "2w", "--version", "3");
        await server.AskAsync("tasks", "snooze", "t", "--for", "12h");
        Assert.Equal(
            """{ "playbook": "p", "customerId": "c", "status": "RUN_STATUS_HELD_OUT", "pageSize": 1000 }""",
            JsonFormatter.Default.Format(Assert.IsType<ListRunsRequest>(server.Playbooks.Requests[0])));
        Assert.Equal(
            """{ "playbook": "p", "version": 3, "afterDays": 14 }""", JsonFormatter.Default.Format(server.Playbooks.Requests.OfType<GetResultsRequest>().Single()));
        Assert.Equal(CommandServer.At(11, 0), server.Playbooks.Requests.OfType<SnoozeTaskRequest>().Single().DueTime);
    }

    [Theory]
    [InlineData("playbooks list", "There is no playbook yet. churn playbooks library lists ready-made ones; churn playbooks apply NAME saves one.\n")]
    [InlineData("playbooks runs", "No run.\n")]
    [InlineData("tasks list", "No task.\n")]
    public async Task Screen_OfNothing_SaysSo(string command, string text)
    {
        await using var server = await CommandServer.StartAsync();
        server.Playbooks.IsEmpty = true;
        var words = string.Join(' ', (await server.AskAsync(command.Split(' '))).Output.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)) + "\n";
        Assert.Equal(text, words);
    }

    [Fact]
    public async Task Ask_NotFound_SaysSoInOneLine()
    {
        await using var server = await CommandServer.StartAsync();
        server.Playbooks.Failures.Enqueue(CommandServer.Failure(StatusCode.NotFound, "PLAYBOOK_NOT_FOUND", "There is no playbook winback."));
        var outcome = await server.AskAsync("playbooks", "results", "winback");
        Assert.Equal((1, "", "churn playbooks: There is no playbook winback (PLAYBOOK_NOT_FOUND)\n"), (outcome.Status, outcome.Output, outcome.Error));
    }

    [Fact]
    public void Word_OfAValue_IsTheProtosWithoutItsPrefix() =>
        Assert.Equal(("goal_reached", "held_out", "in_app"), (Shown.Word(RunStatus.GoalReached), Shown.Word(RunStatus.HeldOut), Shown.Word(Churn.Notifications.V1.Channel.InApp)));
}
