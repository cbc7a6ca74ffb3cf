using System.Globalization;
using Churn.Playbooks.Domain;
using Churn.Playbooks.Reads;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;
using WireSignal = Churn.Metrics.V1.Signal;

namespace Churn.Playbooks;

internal sealed partial class PlaybooksApi
{
    public override Task<V1.ListRunsResponse> ListRuns(V1.ListRunsRequest request, ServerCallContext context)
    {
        var status = Defined(request.Status, "status");
        var size = PageSize(request.PageSize);
        var caller = context.Caller();
        var asked = string.Create(CultureInfo.InvariantCulture, $"runs|{caller.Tenant}|{request.Playbook}|{request.CustomerId}|{(int)status}");
        var (time, id) = PlaceOf(request.PageToken, asked, long.MaxValue);
        return Task.FromResult(store.Read(connection =>
        {
            var playbook = request.Playbook.Length > 0 ? "AND playbook = ?2" : "AND ?2 = ''";
            var customer = request.CustomerId.Length > 0 ? "AND shard = ?3 AND customer = ?4" : "AND ?3 >= 0 AND ?4 = ''";
            var index = request.CustomerId.Length > 0 ? "run_customer" : request.Playbook.Length > 0 ? "run_playbook" : "run_entered";
            var row = connection.Prepare($"""
                SELECT {WireRows.RunColumns} FROM run{connection.By(index)}
                WHERE tenant = ?1 {playbook} {customer} AND (?5 = 0 OR status = ?5) AND enter_time <= ?6 AND (enter_time < ?6 OR id > ?7)
                ORDER BY enter_time DESC, id LIMIT ?8
                """)
                .Bind(1, caller.Tenant).Bind(2, request.Playbook).Bind(3, Shards.Of(caller.Tenant, request.CustomerId, caller.Spread)).Bind(4, request.CustomerId)
                .Bind(5, (long)status).Bind(6, time).Bind(7, id).Bind(8, size + 1);
            var response = new V1.ListRunsResponse();
            var names = NamesOf(connection, caller.Tenant);
            while (row.Step())
            {
                if (response.Runs.Count == size)
                {
                    var last = response.Runs[^1];
                    response.NextPageToken = PageToken.Write(string.Create(CultureInfo.InvariantCulture, $"{Instants.FromWire(last.EnterTime)},{last.Id}"), asked);
                    break;
                }

                response.Runs.Add(WireRows.ToRun(row, names));
            }

            return response;
        }, context.CancellationToken));
    }

    public override Task<V1.GetRunResponse> GetRun(V1.GetRunRequest request, ServerCallContext context) => Task.FromResult(store.Read(connection =>
    {
        var tenant = context.Caller().Tenant;
        var row = connection.Prepare($"SELECT {WireRows.RunColumns}, signal FROM run WHERE tenant = ? AND id = ?").Bind(1, tenant).Bind(2, request.Id);
        if (!row.Step())
        {
            throw PlaybooksFaults.NoRun(request.Id);
        }

        var response = new V1.GetRunResponse
        {
            Run = WireRows.ToRun(row, NamesOf(connection, tenant)),
            Signal = row.IsNull(11) ? null : WireSignal.Parser.ParseFrom(row.Blob(11)),
        };
        row = connection.Prepare("SELECT time, kind, step, detail, status FROM run_event WHERE tenant = ? AND run = ? ORDER BY number").Bind(1, tenant).Bind(2, request.Id);
        while (row.Step())
        {
            var happened = new RunEvent(row.Number(0), (RunEventKind)row.Number(1), request.Id, row.Text(2), row.Text(3), (RunStatus)row.Number(4));
            response.Events.Add(happened.ToWire(response.Run.CustomerId));
        }

        return response;
    }, context.CancellationToken));

    private Func<string, int, int, string> NamesOf(DatabaseConnection connection, string tenant)
    {
        var versions = policies.Of(connection, tenant).Versions;
        return (playbook, version, step) => versions.TryGetValue((playbook, version), out var found) && step < found.Steps.Count ? found.Steps[step].Id : "";
    }

    private static (long Time, string Id) PlaceOf(string token, string request, long first)
    {
        if (token.Length == 0)
        {
            return (first, "");
        }

        var place = PageToken.Read(token, request)?.Split(',', 2);
        return place is { Length: 2 } && long.TryParse(place[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
            ? (time, place[1])
            : throw PlaybooksFaults.PageTokenInvalid();
    }

    private static int PageSize(int asked) => asked < 0
        ? throw PlaybooksFaults.FieldInvalid("page_size", "A page has at least one entry.")
        : asked == 0 ? 100 : Math.Min(asked, 1_000);

    private static T Defined<T>(T value, string field)
        where T : struct, System.Enum =>
        System.Enum.IsDefined(value) ? value : throw PlaybooksFaults.FieldInvalid(field, $"There is no such {field}.");
}
