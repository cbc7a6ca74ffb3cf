using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Storage;
using WireRun = Churn.Playbooks.V1.Run;
using WireRunEvent = Churn.Playbooks.V1.RunEvent;
using WireTask = Churn.Playbooks.V1.Task;

namespace Churn.Playbooks.Reads;

/// <summary>Makes what the wire has of rows.</summary>
internal static class WireRows
{
    public const string RunColumns = "id, playbook, version, customer, status, enter_time, end_time, step, waits, due_time, signal_id";

    public const string TaskColumns = "id, title, note, owner, customer, run, playbook, due_time, state, create_time, close_time, close_note";

    /// <summary>Gives a run of <see cref="RunColumns"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="stepOf">Names a step of a version of a playbook.</param>
    public static WireRun ToRun(Statement row, Func<string, int, int, string> stepOf)
    {
        var run = new WireRun
        {
            Id = row.Text(0),
            Playbook = row.Text(1),
            Version = (int)row.Number(2),
            CustomerId = row.Text(3),
            Status = (V1.RunStatus)row.Number(4),
            EnterTime = Instants.ToWire(row.Number(5)),
            EndTime = row.IsNull(6) ? null : Instants.ToWire(row.Number(6)),
            SignalId = row.Text(10),
        };
        if (row.Number(8) != 0)
        {
            run.Step = stepOf(run.Playbook, run.Version, (int)row.Number(7));
            run.DueTime = row.IsNull(9) ? null : Instants.ToWire(row.Number(9));
        }

        return run;
    }

    /// <summary>Gives a task of <see cref="TaskColumns"/>.</summary>
    public static WireTask ToTask(Statement row) => new()
    {
        Id = row.Text(0),
        Title = row.Text(1),
        Note = row.Text(2),
        Owner = row.Text(3),
        CustomerId = row.Text(4),
        RunId = row.Text(5),
        Playbook = row.Text(6),
        DueTime = Instants.ToWire(row.Number(7)),
        State = (WireTask.Types.State)row.Number(8),
        CreateTime = Instants.ToWire(row.Number(9)),
        CloseTime = row.IsNull(10) ? null : Instants.ToWire(row.Number(10)),
        CloseNote = row.Text(11),
    };

    public static WireRunEvent ToWire(this RunEvent happened, string customer) => new()
    {
        Time = Instants.ToWire(happened.Time),
        Kind = (WireRunEvent.Types.Kind)happened.Kind,
        CustomerId = customer,
        RunId = happened.Run,
        Step = happened.Step,
        Detail = happened.Detail,
        Status = (V1.RunStatus)happened.Status,
    };
}
