using Churn.Ingestion.V1;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Leases;
using RunStatus = Churn.Playbooks.Domain.RunStatus;
using Signal = Churn.Metrics.V1.Signal;

namespace Churn.Playbooks.Tests.Live;

public sealed class LiveTests
{
    private static readonly Step Mail = new Step.Notify("mail", 1, "email", "hello", "billing", new Dictionary<string, ValueSource>(), null, null);
    private static readonly Step Rest = new Step.Wait("rest", 2, World.Day);
    private static readonly Step Again = new Step.Notify("again", -1, "email", "hello", "billing", new Dictionary<string, ValueSource>(), null, null);

    [Fact]
    public async Task ApplyAsync_WhatCannotBeRead_IsPutAsideAndStopsNothing()
    {
        using var stage = new Stage([Of(Mail, Rest, Again)]);
        stage.RecordBytes("c", [0xFF, 0xFF]);
        stage.Record(new Signal { Id = "none", CustomerId = "c", Time = Instants.ToWire(World.Start), KnownTime = Instants.ToWire(World.Start) });
        stage.Record(Failed("c", "s", World.Start + 5));
        await stage.ApplyAsync();
        Assert.Equal(2, stage.Handler.Quarantined);
        Assert.Single(await stage.RequestsOfAsync("c"));
        stage.Restart();
        Assert.Equal(2, stage.Handler.Quarantined);
    }

    [Fact]
    public async Task FireAsync_APlaybookThatCannotBeReadAnyMore_StopsNoOther()
    {
        using var stage = new Stage([Of(Mail, Rest, Again)]);
        stage.Record(Failed("a", "s1", World.Start + 5));
        await stage.ApplyAsync();
        stage.Store.Write(connection => connection.Execute("UPDATE run SET version = 7; INSERT INTO playbook_change VALUES ('other', 1)"));
        stage.Save(Of(Mail, Rest, Again) with { Version = 2 });
        stage.MoveTo(stage.Clock.Now() + World.Hour);
        stage.Record(Failed("b", "s2", stage.Clock.Now()));
        await stage.ApplyAsync();
        stage.MoveTo(stage.Clock.Now() + (2 * World.Day));
        await stage.FireAsync();
        Assert.Equal(1, stage.Handler.Quarantined);
        Assert.Null(stage.JourneyOf("a").Runs.Single().Due);
        Assert.Equal(RunStatus.Completed, stage.JourneyOf("b").Runs.Single().Status);
    }

    [Fact]
    public async Task ApplyAsync_ALeaseThatIsLost_WritesNothing()
    {
        using var stage = new Stage([Of(Mail, Rest, Again)]);
        stage.Record(Failed("c", "s", World.Start + 5));
        stage.Store.Write(connection => connection.Execute("UPDATE lease SET term = term + 1"));
        await Assert.ThrowsAsync<LeaseLostException>(() => stage.ApplyAsync());
        Assert.Empty(stage.JourneyOf("c").Runs);
        Assert.Empty(await stage.RequestsOfAsync("c"));
    }

    [Fact]
    public async Task ApplyAsync_AnErasure_LeavesNothingPersonal()
    {
        var text = new ValueSource([new ValuePart("", "contact.email", null)]);
        var owner = new ValueSource([new ValuePart("support", null, null)]);
        using var stage = new Stage([Of(new Step.Assign("call", 1, text, text, owner, World.Day), Rest, Again)]);
        stage.Record(Failed("c", "s", World.Start + 5));
        await stage.ApplyAsync();
        Assert.Contains("pay@example.com", Kept(stage), StringComparison.Ordinal);
        var erased = Failed("c", "e", World.Start + World.Hour);
        erased.Fact = new Fact { CustomerErased = new CustomerErased() };
        erased.Contacts.Clear();
        stage.Record(erased);
        await stage.ApplyAsync();
        Assert.DoesNotContain("pay@example.com", Kept(stage), StringComparison.Ordinal);
        Assert.Equal(RunStatus.Exited, stage.JourneyOf("c").Runs.Single().Status);
        Assert.Equal((long)V1.Task.Types.State.Cancelled, stage.TasksOf("c").Single().State);
    }

    [Fact]
    public async Task FireAsync_AmongAMillionTimers_FindsTheOneThatIsDue()
    {
        // The index is what finds it, however many there are: the plan of the query is looked at, not the clock.
        using var stage = new Stage([Of(Mail, Rest, Again)]);
        stage.Record(Failed("c", "s", World.Start + 5));
        await stage.ApplyAsync();
        var plan = stage.Store.Read(connection =>
        {
            var row = connection.Prepare("EXPLAIN QUERY PLAN SELECT tenant, customer FROM run WHERE shard = ? AND due_time <= ? ORDER BY due_time LIMIT ?");
            row.Step();
            return row.Text(3);
        });
        Assert.Contains("USING INDEX run_due (shard=? AND due_time<?)", plan, StringComparison.Ordinal);
    }

    // What is personal is in the signals, the tasks and what was last known.
    private static string Kept(Stage stage) => stage.Store.Read(connection =>
    {
        var row = connection.Prepare("""
            SELECT group_concat(text, ' ') FROM (SELECT CAST(signal AS TEXT) AS text FROM run UNION ALL SELECT CAST(known AS TEXT) FROM journey
            UNION ALL SELECT title || note || close_note FROM task UNION ALL SELECT detail FROM run_event)
            """);
        row.Step();
        return row.Text(0).Replace("\0", "", StringComparison.Ordinal);
    });

    private static Playbook Of(params Step[] steps) => new()
    {
        Name = "p", Version = 1, Trigger = new Trigger([new SignalPattern("payment_failed", [], [])], 72 * World.Hour), Steps = steps,
    };

    private static Signal Failed(string customer, string id, long known) => new()
    {
        Id = id,
        CustomerId = customer,
        Time = Instants.ToWire(known),
        KnownTime = Instants.ToWire(known),
        Fact = new Fact { PaymentFailed = new PaymentFailed { InvoiceId = "i" } },
        Contacts = { new Metrics.V1.Contact { ContactId = "k", Role = "billing", Email = "pay@example.com" } },
    };
}
