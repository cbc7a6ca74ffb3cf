using System.Globalization;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.Collections;
using Grpc.Core;
using Calendar = Churn.Metrics.Domain.Calendar;
using WireFact = Churn.Ingestion.V1.Fact;

namespace Churn.Metrics;

/// <summary>Movements, and the facts behind them.</summary>
internal sealed partial class MetricsApi
{
    public override async Task<V1.ListMovementsResponse> ListMovements(V1.ListMovementsRequest request, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        var grain = GrainOf(request.Grain);
        var split = PartOf(read, request.Segment);
        var kinds = KindsOf(request.Kinds);
        var pageSize = PageSize(request.PageSize, usual: 1_000, most: 10_000);
        var (horizon, _) = await HorizonOfAsync(read, request.FromMonth, request.ToMonth);
        // A token is bound to all that decides which movements there are, but for the instant: pages of a running month may go on.
        var bound = request.Clone();
        (bound.PageToken, bound.PageSize, bound.Read) = ("", 0, null);
        CustomerMovement? after = request.PageToken.Length == 0 ? null : Place(PageToken.Read(request.PageToken, bound.ToString()));
        var question = new MovementsQuestion(split, kinds)
        {
            Grain = grain,
            From = FirstPeriod(grain, horizon),
            To = LastPeriod(grain, horizon),
            After = after,
            Most = pageSize + 1,
        };
        var found = read.Take(await owners.AskAsync(question, read));
        var response = new V1.ListMovementsResponse { Info = Reader.InfoOf(read, 0) };
        response.Movements.AddRange(found.Take(pageSize).Select(m => ToWire(grain, m)));
        response.NextPageToken = found.Count > pageSize ? PageToken.Write(PlaceOf(found[pageSize - 1]), bound.ToString()) : "";
        return response;
    }

    public override async Task ExplainMetric(
        V1.ExplainMetricRequest request, IServerStreamWriter<V1.ExplainMetricResponse> responseStream, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        var split = PartOf(read, request.Segment);
        var kinds = KindsOf(request.Kinds);
        var (question, from, until) = Explained(request, read, split, kinds);
        var found = read.Take(await owners.AskAsync(question, read));
        await responseStream.WriteAsync(new V1.ExplainMetricResponse { Info = Reader.InfoOf(read, 0) }, context.CancellationToken);
        foreach (var movement in found)
        {
            var response = new V1.ExplainMetricResponse { Movement = ToWire(question.Grain, movement) };
            response.Facts.AddRange(CausesOf(read, movement.Customer, from, until));
            await responseStream.WriteAsync(response, context.CancellationToken);
        }
    }

    private static (MovementsQuestion Question, long From, long Until) Explained(V1.ExplainMetricRequest request, Read read, Split split, int kinds)
    {
        switch (request.PeriodCase)
        {
            case V1.ExplainMetricRequest.PeriodOneofCase.Month:
                var month = Periods.Month(request.Month) ?? throw NoMonth("month", request.Month);
                return (new MovementsQuestion(split, kinds) { Grain = Grain.Month, From = month, To = month },
                    Calendar.Start(month), Math.Min(Calendar.Start(month + 1), read.Cut));
            case V1.ExplainMetricRequest.PeriodOneofCase.Window:
                if (split.IsByPlan)
                {
                    throw ReadFaults.FieldInvalid("segment", "By plan, a month is explained, not a window.");
                }

                var window = Window.At(KindOf(request.Window, "window"), read.Day);
                return (new MovementsQuestion(split, kinds) { Grain = Grain.Day, Window = window.Kind }, window.From, window.End);
            default:
                throw ReadFaults.FieldInvalid("period", "Name a month or a window.");
        }
    }

    // A customer's facts are in the database that all replicas share, with every movement that an owner tells of.
    private IEnumerable<WireFact> CausesOf(Read read, string customer, long from, long until)
    {
        var shard = ServiceDefaults.Streams.Shards.Of(read.Tenant, customer, read.Spread);
        var wire = store.FactsOf(shard, read.Tenant, customer);
        var facts = wire.ConvertAll(f => Consumers.FactFromWire.FromWire(f, vocabulary.Plans));
        var byId = wire.ToDictionary(f => (f.Source, f.EventId));
        return Account.Causes(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(facts), Policy.Standard, from, until)
            .Select(f => byId[(f.Source, f.EventId)]);
    }

    private static int KindsOf(RepeatedField<V1.MovementKind> kinds)
    {
        var bits = 0;
        foreach (var kind in kinds)
        {
            bits |= kind != V1.MovementKind.Unspecified && Enum.IsDefined(kind)
                ? 1 << (int)kind.FromWire()
                : throw ReadFaults.FieldInvalid("kinds", "There is no such kind of movement.");
        }

        return bits == 0 ? Wire.AllKinds : bits;
    }

    private static long FirstPeriod(Grain grain, Horizon horizon) => grain switch
    {
        Grain.Month => horizon.From,
        Grain.Day => horizon.FirstDay,
        _ => Calendar.Start(horizon.From),
    };

    private static long LastPeriod(Grain grain, Horizon horizon) => grain switch
    {
        Grain.Month => horizon.To,
        Grain.Day => horizon.FirstDay + horizon.Days - 1,
        _ => horizon.End - 1,
    };

    private static V1.Movement ToWire(Grain grain, CustomerMovement found) => new()
    {
        CustomerId = found.Customer,
        Period = Periods.Text(grain, found.Movement.Period),
        Kind = found.Movement.Kind.ToWire(),
        BeforeMicros = found.Movement.Before,
        AfterMicros = found.Movement.After,
    };

    private static string PlaceOf(CustomerMovement found) =>
        string.Create(CultureInfo.InvariantCulture, $"{found.Movement.Period} {(int)found.Movement.Kind} {found.Customer}");

    private static CustomerMovement Place(string? place)
    {
        var parts = place?.Split(' ', 3);
        return parts?.Length == 3
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var period)
            && byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var kind)
                ? new CustomerMovement(parts[2], new Movement(period, 0, 0, (MovementKind)kind))
                : throw ReadFaults.PageTokenInvalid();
    }
}
