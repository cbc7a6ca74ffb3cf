using Churn.Metrics.V1;
using Churn.Playbooks.Consumers;
using Churn.Playbooks.Documents;
using Churn.Playbooks.Reads;
using Churn.Playbooks.Simulation;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Documents;
using Churn.ServiceDefaults.Errors;
using Grpc.Core;
using DomainPlaybook = Churn.Playbooks.Domain.Playbook;

namespace Churn.Playbooks;

internal sealed partial class PlaybooksApi
{
    public override async Task SimulatePlaybook(
        V1.SimulatePlaybookRequest request, IServerStreamWriter<V1.SimulatePlaybookResponse> responseStream, ServerCallContext context)
    {
        var (from, to) = PeriodOf(request);
        var playbook = SimulatedOf(context.Caller().Tenant, request);
        var simulator = new Simulator(policies.Alone(playbook), to);
        var left = request.EventLimit;
        using var replay = neighbours.Signals.ReplaySignals(
            new ReplaySignalsRequest { FromTime = Instants.ToWire(from), ToTime = Instants.ToWire(to), CustomerId = request.CustomerId },
            deadline: context.Deadline, cancellationToken: context.CancellationToken);
        await foreach (var page in replay.ResponseStream.ReadAllAsync(context.CancellationToken))
        {
            foreach (var signal in page.Signals)
            {
                await TellAsync(simulator.Take(signal.FromWire()));
            }
        }

        await TellAsync(simulator.End());
        var summary = new V1.SimulationSummary
        {
            Playbook = playbook.Name,
            CustomerCount = simulator.Customers,
            SignalCount = simulator.Signals,
            TreatedCount = simulator.Treated,
            HeldOutCount = simulator.HeldOut,
            Steps =
            {
                playbook.Steps.Select(step => new V1.StepCount { Step = step.Id, What = Wording.Of(step), Count = simulator.Steps.GetValueOrDefault(step.Id) }),
            },
            Ends = { simulator.Ends.OrderBy(end => end.Key).Select(end => new V1.EndCount { Status = (V1.RunStatus)end.Key, Count = end.Value }) },
            Readout = await ReadoutAsync(
                playbook.Name, playbook.MeasureAfterDays, [.. simulator.Exposures.Select(of => new Subject(of.Customer, of.Exposure))], isSimulated: true, context),
        };
        await responseStream.WriteAsync(new V1.SimulatePlaybookResponse { Summary = summary }, context.CancellationToken);

        async Task TellAsync(Story? story)
        {
            foreach (var happened in story?.Events ?? [])
            {
                if (left-- > 0)
                {
                    await responseStream.WriteAsync(new V1.SimulatePlaybookResponse { Event = happened.ToWire(story!.Journey.Customer) }, context.CancellationToken);
                }
            }
        }
    }

    private (long From, long To) PeriodOf(V1.SimulatePlaybookRequest request)
    {
        if (request.EventLimit < 0)
        {
            throw PlaybooksFaults.FieldInvalid("event_limit", "The number of events is not negative; 0 streams none.");
        }

        var from = Instants.FromWire(request.FromTime ?? throw PlaybooksFaults.FieldInvalid("from_time", "Say from when customers may enter."));
        var to = Instants.FromWire(request.ToTime ?? throw PlaybooksFaults.FieldInvalid("to_time", "Say until when it is simulated."));
        return from >= to ? throw PlaybooksFaults.FieldInvalid("to_time", "The end is after the beginning.")
            : to > clock.Now() ? throw PlaybooksFaults.FieldInvalid("to_time", "The future cannot be simulated: the end is not after now.")
            : (from, to);
    }

    private DomainPlaybook SimulatedOf(string tenant, V1.SimulatePlaybookRequest request)
    {
        if (request.Document is not { } document)
        {
            var row = store.Read(connection => Find(connection, tenant, request.Name));
            return reader.Read(row.Document, row.Version).Playbook;
        }

        if (request.Name.Length > 0)
        {
            throw PlaybooksFaults.FieldInvalid("name", "Give a name or a document, not both.");
        }

        var file = DocumentFile.Read(NameOf(document), document.Text);
        var playbooks = file.Documents.Where(of => PlaybookReader.KindOf(of) == Words.Playbook).Select(of => PlaybookReader.Read(of, options.DocumentRules)).ToList();
        return file.Problems.Any ? throw Faults.Invalid(DocumentInvalid, [.. file.Problems.Errors.Select(ToViolation)])
            : playbooks is [{ } only] ? only.Playbook
            : throw Faults.Invalid(DocumentInvalid, NameOf(document), $"A simulation takes a document with one playbook; this one has {playbooks.Count}.");
    }
}
