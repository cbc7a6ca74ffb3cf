using Churn.Metrics.V1;
using Churn.Playbooks.Domain;
using Churn.Playbooks.Reads;
using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Access;
using Grpc.Core;

namespace Churn.Playbooks;

internal sealed partial class PlaybooksApi
{
    private const int MostDays = 365;

    // A call takes 10,000 points, and a customer has two.
    private const int MostCustomers = 5_000;

    public override async Task<V1.GetResultsResponse> GetResults(V1.GetResultsRequest request, ServerCallContext context)
    {
        if (request.AfterDays is < 0 or > MostDays)
        {
            throw PlaybooksFaults.FieldInvalid("after_days", $"The days after entry are 1 to {MostDays}; 0 means what the playbook says.");
        }

        var tenant = context.Caller().Tenant;
        var (days, subjects) = store.Read(connection =>
        {
            var row = Find(connection, tenant, request.Playbook);
            if (request.Version != 0 && PlaybookRows.Find(connection, tenant, request.Playbook, request.Version) is null)
            {
                throw PlaybooksFaults.NoPlaybook(request.Playbook, request.Version);
            }

            return (
                request.AfterDays == 0 ? reader.Read(row.Document, row.Version).Playbook.MeasureAfterDays : request.AfterDays,
                PlaybooksStore.Exposures(connection, tenant, request.Playbook, request.Version));
        }, context.CancellationToken);
        return new V1.GetResultsResponse { Readout = await ReadoutAsync(request.Playbook, days, subjects, isSimulated: false, context) };
    }

    private async Task<V1.Readout> ReadoutAsync(string playbook, int days, IReadOnlyList<Subject> subjects, bool isSimulated, ServerCallContext context)
    {
        var now = clock.Now();
        var length = days * Instants.Day;
        var outcomes = subjects.Where(subject => subject.Exposure.Time + length > now).Select(subject => subject.ToOutcome(null, null)).ToList();
        var watermark = Instants.ToWire(now);
        foreach (var chunk in subjects.Where(subject => subject.Exposure.Time + length <= now).Chunk(MostCustomers))
        {
            var request = new GetStandingsRequest();
            foreach (var subject in chunk)
            {
                request.Points.Add(new StandingPoint { CustomerId = subject.Customer, Time = Instants.ToWire(subject.Exposure.Time) });
                request.Points.Add(new StandingPoint { CustomerId = subject.Customer, Time = Instants.ToWire(subject.Exposure.Time + length) });
            }

            var standings = await neighbours.Signals.GetStandingsAsync(request, deadline: context.Deadline, cancellationToken: context.CancellationToken);
            outcomes.AddRange(chunk.Select((subject, i) => subject.ToOutcome(standings.Standings[2 * i], standings.Standings[(2 * i) + 1])));
            watermark = Instants.FromWire(standings.Watermark) < Instants.FromWire(watermark) ? standings.Watermark : watermark;
        }

        return Readout.Of(outcomes, days, isSimulated).ToWire(playbook, watermark);
    }
}

/// <summary>Holds a customer and the arm of its first exposure.</summary>
internal sealed record Subject(string Customer, Exposure Exposure)
{
    /// <summary>Gives what became of it; nulls while its days are not over.</summary>
    public CustomerOutcome ToOutcome(Standing? before, Standing? after) => new(
        Exposure.HeldOut, Exposure.Share, IsOver: after is not null, Retained: after?.Mrr.Any(mrr => mrr.MrrMicros > 0) ?? false, Mrr(before), Mrr(after));

    private static Dictionary<string, long> Mrr(Standing? standing) =>
        standing?.Mrr.ToDictionary(mrr => mrr.Currency, mrr => mrr.MrrMicros, StringComparer.Ordinal) ?? [];
}
