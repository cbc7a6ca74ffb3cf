using Churn.Metrics.V1;
using Churn.Playbooks.V1;
using Grpc.Core;
using static Churn.Suite.Tests.CommandServer;
using Task = System.Threading.Tasks.Task;
using V1 = Churn.Playbooks.V1;

namespace Churn.Suite.Tests.Playbooks;

/// <summary>Answers what the playbooks service answers, always the same, by the same contract.</summary>
internal sealed class FakePlaybooks : PlaybooksService.PlaybooksServiceBase
{
    /// <summary>Is what calls fail with, one after another, before they are answered.</summary>
    public Queue<RpcException> Failures { get; } = new();

    /// <summary>Gives what was asked.</summary>
    public List<object> Requests { get; } = [];

    /// <summary>Tells whether there is nothing yet.</summary>
    public bool IsEmpty { get; set; }

    /// <summary>Gives or takes what is said of saved documents.</summary>
    public string Warning { get; set; } = "";

    public static Playbook FailedPayment => new()
    {
        Name = "failed-payment",
        Version = 2,
        Title = "A payment failed",
        Active = true,
        Trigger = "a payment is past due for 1 day",
        HoldoutShare = 0.1,
        RunningCount = 12,
        TreatedCount = 194,
        HeldOutCount = 21,
        SaveTime = At(1, 9),
        Description = "Asks the billing contact to mend the card, three times in ten days, and stops once the invoice is paid.",
    };

    public static Readout Readout => new()
    {
        Playbook = "failed-payment",
        AfterDays = 30,
        Treated = new Arm { CustomerCount = 182, RetainedCount = 171, Retention = 171.0 / 182 },
        HeldOut = new Arm { CustomerCount = 20, RetainedCount = 15, Retention = 0.75 },
        RetentionDifference = (171.0 / 182) - 0.75,
        DifferenceLow = 0.048,
        DifferenceHigh = 0.4051,
        PValue = 0.0123,
        SampleRatio = new SampleRatio { TreatedCount = 194, HeldOutCount = 21, ExpectedHeldOut = 21.5, PValue = 0.9095, Ok = true },
        Mrr =
        {
            new MrrDifference
            {
                Currency = "USD", TreatedMeanMicros = -3_210_000, HeldOutMeanMicros = -31_400_000, DifferenceMicros = 28_190_000, DifferenceLowMicros = 4_100_000,
                DifferenceHighMicros = 52_280_000, SavedMicros = 5_130_580_000,
            },
        },
        PendingCount = 13,
        Sentence = "Of 182 treated customers 94.0% still paid 30 days later, of 20 held out 75.0%: the playbook kept about 19 of 100 (95% interval 5 to 41).",
        Watermark = At(10, 11, 59, 59),
    };

    private static RunEvent[] Events =>
    [
        Event(2, 9, RunEvent.Types.Kind.Entered, "", "a payment is past due for 1 day", RunStatus.Running),
        Event(2, 9, RunEvent.Types.Kind.Notified, "first", "failed-payment-1 by email to ana@example.com", RunStatus.Running),
        Event(2, 9, RunEvent.Types.Kind.Waiting, "grace", "2036-03-05T09:00:00Z", RunStatus.Running),
        Event(4, 7, RunEvent.Types.Kind.Ended, "", "goal: payment_succeeded", RunStatus.GoalReached),
    ];

    private static readonly Run[] Runs =
    [
        new()
        {
            Id = "5f0c2f9d6f1e4b7a", Playbook = "failed-payment", Version = 2, CustomerId = "acme", Status = RunStatus.Running, EnterTime = At(9, 8, 30), Step = "grace",
            DueTime = At(12, 8, 30), SignalId = "time:past_due:inv-7:1",
        },
        new()
        {
            Id = "91b7d0a4c3e25f68", Playbook = "failed-payment", Version = 2, CustomerId = "globex", Status = RunStatus.GoalReached, EnterTime = At(2, 9), EndTime = At(4, 7),
            SignalId = "time:past_due:inv-3:1",
        },
        new() { Id = "0d4e8b1f7a92c635", Playbook = "failed-payment", Version = 1, CustomerId = "initech", Status = RunStatus.HeldOut, EnterTime = At(1, 0), SignalId = "time:past_due:inv-1:1" },
    ];

    private static readonly V1.Task[] Tasks =
    [
        new()
        {
            Id = "t-1", Title = "Call before the renewal", Note = "They use a third of their seats.", Owner = "ana", CustomerId = "acme", RunId = "5f0c2f9d6f1e4b7a",
            Playbook = "renewal-90", DueTime = At(9, 17), State = V1.Task.Types.State.Open, CreateTime = At(2, 9),
        },
        new() { Id = "t-2", Title = "Look at the tickets", Owner = "support", CustomerId = "globex", RunId = "91b7d0a4c3e25f68", Playbook = "inactive", DueTime = At(12, 17), State = V1.Task.Types.State.Open },
    ];

    public override Task<ApplyPlaybooksResponse> ApplyPlaybooks(ApplyPlaybooksRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ApplyPlaybooksResponse
        {
            Applied =
            {
                new AppliedDocument { Kind = "playbook", Name = "failed-payment", Version = 1, Changed = true },
                new AppliedDocument { Kind = "template", Name = "failed-payment-1", Version = 3, Changed = true },
                new AppliedDocument { Kind = "template", Name = "failed-payment-2", Version = 1 },
            },
        };
        answer.Applied[0].Warnings.AddRange(Warning.Length == 0 ? [] : [Warning]);
        return Task.FromResult(answer);
    }

    public override Task<ListPlaybooksResponse> ListPlaybooks(ListPlaybooksRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ListPlaybooksResponse();
        answer.Playbooks.AddRange(IsEmpty ? [] : [FailedPayment, new Playbook { Name = "renewal-90", Title = "90 days before renewal", Version = 1, Trigger = "a renewal is 90 days ahead", SaveTime = At(1, 9) }]);
        return Task.FromResult(answer);
    }

    public override Task<GetPlaybookResponse> GetPlaybook(GetPlaybookRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new GetPlaybookResponse { Playbook = FailedPayment, Document = "kind: playbook\nname: failed-payment\nsteps:\n  - wait: 3d\n" });
    }

    public override Task<StartPlaybookResponse> StartPlaybook(StartPlaybookRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new StartPlaybookResponse { Playbook = FailedPayment });
    }

    public override Task<PausePlaybookResponse> PausePlaybook(PausePlaybookRequest request, ServerCallContext context)
    {
        Note(request);
        var paused = FailedPayment;
        paused.Active = false;
        return Task.FromResult(new PausePlaybookResponse { Playbook = paused });
    }

    public override async Task SimulatePlaybook(SimulatePlaybookRequest request, IServerStreamWriter<SimulatePlaybookResponse> responseStream, ServerCallContext context)
    {
        Note(request);
        foreach (var happened in Events.Append(Event(1, 0, RunEvent.Types.Kind.HeldOut, "", "", RunStatus.HeldOut, "initech")).Take(request.EventLimit))
        {
            await responseStream.WriteAsync(new SimulatePlaybookResponse { Event = happened });
        }

        var summary = new SimulationSummary
        {
            Playbook = "failed-payment",
            CustomerCount = 4_964,
            SignalCount = 12_345,
            TreatedCount = 194,
            HeldOutCount = 21,
            Readout = Readout,
            Steps = { new StepCount { Step = "first", What = "e-mail failed-payment-1", Count = 194 }, new StepCount { Step = "call", What = "task for support", Count = 0 } },
            Ends = { new EndCount { Status = RunStatus.GoalReached, Count = 150 }, new EndCount { Status = RunStatus.Completed, Count = 44 } },
        };
        await responseStream.WriteAsync(new SimulatePlaybookResponse { Summary = summary });
    }

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        Note(request);
        var from = request.PageToken.Length == 0 ? 0 : int.Parse(request.PageToken, System.Globalization.CultureInfo.InvariantCulture);
        var size = Math.Min(request.PageSize, 2);
        var answer = new ListRunsResponse { NextPageToken = from + size < Runs.Length && !IsEmpty ? FormattableString.Invariant($"{from + size}") : "" };
        answer.Runs.AddRange(IsEmpty ? [] : Runs.Skip(from).Take(size));
        return Task.FromResult(answer);
    }

    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new GetRunResponse
        {
            Run = Runs[0],
            Signal = new Signal { Id = "time:past_due:inv-7:1", CustomerId = "acme", Time = At(9, 8, 30), PastDue = new PastDueDay { InvoiceId = "inv-7", SubscriptionId = "s1", Day = 1 } },
        };
        answer.Events.AddRange(Events[..3]);
        return Task.FromResult(answer);
    }

    public override Task<GetResultsResponse> GetResults(GetResultsRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new GetResultsResponse { Readout = Readout });
    }

    public override Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context)
    {
        Note(request);
        var answer = new ListTasksResponse();
        answer.Tasks.AddRange(IsEmpty ? [] : Tasks);
        return Task.FromResult(answer);
    }

    public override Task<CompleteTaskResponse> CompleteTask(CompleteTaskRequest request, ServerCallContext context)
    {
        Note(request);
        return Task.FromResult(new CompleteTaskResponse { Task = Tasks[0] });
    }

    public override Task<SnoozeTaskResponse> SnoozeTask(SnoozeTaskRequest request, ServerCallContext context)
    {
        Note(request);
        var task = Tasks[0].Clone();
        task.DueTime = request.DueTime;
        return Task.FromResult(new SnoozeTaskResponse { Task = task });
    }

    private static RunEvent Event(int day, int hour, RunEvent.Types.Kind kind, string step, string detail, RunStatus status, string customer = "globex") => new()
    {
        Time = At(day, hour), Kind = kind, CustomerId = customer, RunId = customer == "globex" ? Runs[1].Id : Runs[2].Id, Step = step, Detail = detail, Status = status,
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
