using Churn.Playbooks.Calls;
using Churn.Playbooks.Domain;
using Churn.Playbooks.Reads;
using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;
using WirePlaybook = Churn.Playbooks.V1.Playbook;

namespace Churn.Playbooks;

/// <summary>Answers the calls of playbooks.proto.</summary>
internal sealed partial class PlaybooksApi(
    PlaybooksStore store, Policies policies, IPlaybookReader reader, Neighbours neighbours, PlaybooksOptions options, TimeProvider clock)
    : V1.PlaybooksService.PlaybooksServiceBase
{
    private const string Tenant = Tenants.Default;

    public override Task<V1.ListPlaybooksResponse> ListPlaybooks(V1.ListPlaybooksRequest request, ServerCallContext context) =>
        Task.FromResult(store.Read(connection =>
        {
            var response = new V1.ListPlaybooksResponse();
            foreach (var name in PlaybookRows.Versions(connection, Tenant).GroupBy(row => row.Name, StringComparer.Ordinal))
            {
                response.Playbooks.Add(ToWire(connection, name.Last()));
            }

            return response;
        }));

    public override Task<V1.GetPlaybookResponse> GetPlaybook(V1.GetPlaybookRequest request, ServerCallContext context) =>
        Task.FromResult(store.Read(connection =>
        {
            var latest = Find(connection, request.Name);
            var asked = request.Version == 0
                ? latest
                : PlaybookRows.Find(connection, Tenant, request.Name, request.Version) ?? throw PlaybooksFaults.NoPlaybook(request.Name, request.Version);
            return new V1.GetPlaybookResponse { Playbook = ToWire(connection, latest), Document = asked.Document };
        }));

    public override Task<V1.StartPlaybookResponse> StartPlaybook(V1.StartPlaybookRequest request, ServerCallContext context)
    {
        var now = clock.Now();
        return Task.FromResult(store.Write(connection =>
        {
            if (!Find(connection, request.Name).Active)
            {
                PlaybookRows.Start(connection, Tenant, request.Name, now);
            }

            return new V1.StartPlaybookResponse { Playbook = ToWire(connection, Find(connection, request.Name)) };
        }));
    }

    public override Task<V1.PausePlaybookResponse> PausePlaybook(V1.PausePlaybookRequest request, ServerCallContext context) =>
        Task.FromResult(store.Write(connection =>
        {
            if (Find(connection, request.Name).Active)
            {
                PlaybookRows.Pause(connection, Tenant, request.Name);
            }

            return new V1.PausePlaybookResponse { Playbook = ToWire(connection, Find(connection, request.Name)) };
        }));

    private static PlaybookRow Find(DatabaseConnection connection, string name) =>
        PlaybookRows.Find(connection, Tenant, name, 0) ?? throw PlaybooksFaults.NoPlaybook(name);

    private WirePlaybook ToWire(DatabaseConnection connection, PlaybookRow row)
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
                .Bind(1, Tenant).Bind(2, row.Name).Bind(3, (long)RunStatus.Running)),
            TreatedCount = CountExposed(connection, row.Name, heldOut: false),
            HeldOutCount = CountExposed(connection, row.Name, heldOut: true),
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

    private static long CountExposed(DatabaseConnection connection, string playbook, bool heldOut) =>
        Count(connection.Prepare("SELECT count(*) FROM exposure WHERE tenant = ? AND playbook = ? AND held_out = ?")
            .Bind(1, Tenant).Bind(2, playbook).Bind(3, heldOut ? 1 : 0));

    private static long Count(Statement row)
    {
        row.Step();
        return row.Number(0);
    }
}
