using Churn.Playbooks.Calls;
using Churn.Playbooks.Domain;
using Churn.Playbooks.Reads;
using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using WirePlaybook = Churn.Playbooks.V1.Playbook;

namespace Churn.Playbooks;

/// <summary>Answers the calls of playbooks.proto.</summary>
internal sealed partial class PlaybooksApi(
    PlaybooksStore store, Policies policies, IPlaybookReader reader, Neighbours neighbours, PlaybooksOptions options, TimeProvider clock)
    : V1.PlaybooksService.PlaybooksServiceBase
{
    public override Task<V1.ListPlaybooksResponse> ListPlaybooks(V1.ListPlaybooksRequest request, ServerCallContext context) =>
        Task.FromResult(store.Read(connection =>
        {
            var tenant = context.Caller().Tenant;
            var response = new V1.ListPlaybooksResponse();
            foreach (var name in PlaybookRows.Versions(connection, tenant).GroupBy(row => row.Name, StringComparer.Ordinal))
            {
                response.Playbooks.Add(ToWire(connection, tenant, name.Last()));
            }

            return response;
        }, context.CancellationToken));

    public override Task<V1.GetPlaybookResponse> GetPlaybook(V1.GetPlaybookRequest request, ServerCallContext context) =>
        Task.FromResult(store.Read(connection =>
        {
            var tenant = context.Caller().Tenant;
            var latest = Find(connection, tenant, request.Name);
            var asked = request.Version == 0
                ? latest
                : PlaybookRows.Find(connection, tenant, request.Name, request.Version) ?? throw PlaybooksFaults.NoPlaybook(request.Name, request.Version);
            return new V1.GetPlaybookResponse { Playbook = ToWire(connection, tenant, latest), Document = asked.Document };
        }, context.CancellationToken));

    public override Task<V1.StartPlaybookResponse> StartPlaybook(V1.StartPlaybookRequest request, ServerCallContext context)
    {
        var now = clock.Now();
        var tenant = context.Caller().Tenant;
        return Task.FromResult(store.Write(connection =>
        {
            if (!Find(connection, tenant, request.Name).Active)
            {
                PlaybookRows.Start(connection, tenant, request.Name, now);
            }

            return new V1.StartPlaybookResponse { Playbook = ToWire(connection, tenant, Find(connection, tenant, request.Name)) };
        }));
    }

    public override Task<V1.PausePlaybookResponse> PausePlaybook(V1.PausePlaybookRequest request, ServerCallContext context) =>
        Task.FromResult(store.Write(connection =>
        {
            var tenant = context.Caller().Tenant;
            if (Find(connection, tenant, request.Name).Active)
            {
                PlaybookRows.Pause(connection, tenant, request.Name);
            }

            return new V1.PausePlaybookResponse { Playbook = ToWire(connection, tenant, Find(connection, tenant, request.Name)) };
        }));

    private static PlaybookRow Find(DatabaseConnection connection, string tenant, string name) =>
        PlaybookRows.Find(connection, tenant, name, 0) ?? throw PlaybooksFaults.NoPlaybook(name);

    private WirePlaybook ToWire(DatabaseConnection connection, string tenant, PlaybookRow row)
    {
        var saved = Readable(row);
        return new WirePlaybook
        {
            Name = row.Name,
            Version = row.Version,
            Title = saved?.Title ?? "(this version of the program cannot read it; apply its document again)",
            Description = saved?.Description ?? "",
            Active = row.Active,
            Trigger = saved is null ? "" : Wording.Of(saved.Playbook.Trigger),
            HoldoutShare = saved?.Playbook.HoldoutShare ?? 0,
            RunningCount = Count(connection.Prepare("SELECT count(*) FROM run WHERE tenant = ? AND playbook = ? AND status = ? AND end_time IS NULL")
                .Bind(1, tenant).Bind(2, row.Name).Bind(3, (long)RunStatus.Running)),
            TreatedCount = CountExposed(connection, tenant, row.Name, heldOut: false),
            HeldOutCount = CountExposed(connection, tenant, row.Name, heldOut: true),
            SaveTime = Instants.ToWire(row.Saved),
        };
    }

    // One that was saved by another version of the program must not hide the others.
    private SavedPlaybook? Readable(PlaybookRow row)
    {
        try
        {
            return reader.Read(row.Document, row.Version);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static long CountExposed(DatabaseConnection connection, string tenant, string playbook, bool heldOut) =>
        Count(connection.Prepare("SELECT count(*) FROM exposure WHERE tenant = ? AND playbook = ? AND held_out = ?")
            .Bind(1, tenant).Bind(2, playbook).Bind(3, heldOut ? 1 : 0));

    private static long Count(Statement row)
    {
        row.Step();
        return row.Number(0);
    }
}
