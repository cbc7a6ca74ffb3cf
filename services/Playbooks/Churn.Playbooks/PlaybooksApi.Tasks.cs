using System.Globalization;
using System.Text;
using Churn.Playbooks.Reads;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using State = Churn.Playbooks.V1.Task.Types.State;
using WireTask = Churn.Playbooks.V1.Task;

namespace Churn.Playbooks;

internal sealed partial class PlaybooksApi
{
    private const int MostNoteBytes = 2_000;
    private const int MostDaysAhead = 366;

    public override Task<V1.ListTasksResponse> ListTasks(V1.ListTasksRequest request, ServerCallContext context)
    {
        var state = Defined(request.State, "state") is State.Unspecified ? State.Open : request.State;
        var size = PageSize(request.PageSize);
        var tenant = context.Caller().Tenant;
        var asked = string.Create(CultureInfo.InvariantCulture, $"tasks|{tenant}|{request.Owner}|{(int)state}|{request.CustomerId}");
        var (due, id) = PlaceOf(request.PageToken, asked, long.MinValue);
        return Task.FromResult(store.Read(connection =>
        {
            var row = connection.Prepare($"""
                SELECT {WireRows.TaskColumns} FROM task
                WHERE tenant = ?1 AND state = ?2 AND (?3 = '' OR owner = ?3) AND (?4 = '' OR customer = ?4)
                AND due_time >= ?5 AND (due_time > ?5 OR id > ?6) ORDER BY due_time, id LIMIT ?7
                """)
                .Bind(1, tenant).Bind(2, (long)state).Bind(3, request.Owner).Bind(4, request.CustomerId).Bind(5, due).Bind(6, id).Bind(7, size + 1);
            var response = new V1.ListTasksResponse();
            while (row.Step())
            {
                if (response.Tasks.Count == size)
                {
                    var last = response.Tasks[^1];
                    response.NextPageToken = PageToken.Write(string.Create(CultureInfo.InvariantCulture, $"{Instants.FromWire(last.DueTime)},{last.Id}"), asked);
                    break;
                }

                response.Tasks.Add(WireRows.ToTask(row));
            }

            return response;
        }, context.CancellationToken));
    }

    public override Task<V1.CompleteTaskResponse> CompleteTask(V1.CompleteTaskRequest request, ServerCallContext context)
    {
        if (Encoding.UTF8.GetByteCount(request.Note) > MostNoteBytes)
        {
            throw PlaybooksFaults.FieldInvalid("note", $"A note has at most {MostNoteBytes:N0} bytes; shorten it.");
        }

        var now = clock.Now();
        var tenant = context.Caller().Tenant;
        return Task.FromResult(store.Write(connection =>
        {
            // What a person did is done, also where it was no longer wanted.
            connection.Prepare("UPDATE task SET state = ?1, close_time = ?2, close_note = ?3 WHERE tenant = ?4 AND id = ?5 AND state <> ?1")
                .Bind(1, (long)State.Done).Bind(2, now).Bind(3, request.Note).Bind(4, tenant).Bind(5, request.Id).Execute();
            return new V1.CompleteTaskResponse { Task = TaskOf(connection, tenant, request.Id) };
        }));
    }

    public override Task<V1.SnoozeTaskResponse> SnoozeTask(V1.SnoozeTaskRequest request, ServerCallContext context)
    {
        var now = clock.Now();
        var due = request.DueTime is null ? long.MinValue : Instants.FromWire(request.DueTime);
        if (due <= now || due > now + (MostDaysAhead * Instants.Day))
        {
            throw PlaybooksFaults.FieldInvalid("due_time", $"A task is put off to an instant in the future, at most {MostDaysAhead} days ahead.");
        }

        var tenant = context.Caller().Tenant;
        return Task.FromResult(store.Write(connection =>
        {
            if (TaskOf(connection, tenant, request.Id).State != State.Open)
            {
                throw PlaybooksFaults.TaskClosed(request.Id);
            }

            connection.Prepare("UPDATE task SET due_time = ? WHERE tenant = ? AND id = ?").Bind(1, due).Bind(2, tenant).Bind(3, request.Id).Execute();
            return new V1.SnoozeTaskResponse { Task = TaskOf(connection, tenant, request.Id) };
        }));
    }

    private static WireTask TaskOf(DatabaseConnection connection, string tenant, string id)
    {
        var row = connection.Prepare($"SELECT {WireRows.TaskColumns} FROM task WHERE tenant = ? AND id = ?").Bind(1, tenant).Bind(2, id);
        return row.Step() ? WireRows.ToTask(row) : throw PlaybooksFaults.NoTask(id);
    }
}
