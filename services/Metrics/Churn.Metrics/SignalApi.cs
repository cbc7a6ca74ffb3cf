using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Domain;
using Churn.Metrics.Reads;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Metrics;

/// <summary>Serves the signals of the past, and what customers paid at instants.</summary>
internal sealed class SignalApi(LedgerStore store, Reader reader) : V1.SignalService.SignalServiceBase
{
    private const int MostPoints = 10_000;
    private const int CustomersAtOnce = 500;
    private const int MostBytes = 1 << 20;

    public override async Task ReplaySignals(
        V1.ReplaySignalsRequest request, IServerStreamWriter<V1.ReplaySignalsResponse> responseStream, ServerCallContext context)
    {
        var caller = context.Caller();
        // What is read is the database that all replicas share, once the owner of each shard has caught up.
        await reader.BeginAsync(context);
        var from = InstantOf("from_time", request.FromTime);
        var until = InstantOf("to_time", request.ToTime);
        if (until <= from)
        {
            throw ReadFaults.FieldInvalid("to_time", "The period is empty; give an instant after from_time.");
        }

        if (request.CustomerId.Length > 0)
        {
            await ReplayAsync(ShardOf(caller, request.CustomerId), request.CustomerId);
            return;
        }

        for (var shard = 0; shard < Shards.Count; shard++)
        {
            List<string> customers;
            var after = "";
            do
            {
                customers = store.CustomersAfter(shard, caller.Tenant, after, CustomersAtOnce);
                foreach (var customer in customers)
                {
                    context.CancellationToken.ThrowIfCancellationRequested();
                    await ReplayAsync(shard, after = customer);
                }
            }
            while (customers.Count == CustomersAtOnce);
        }

        async Task ReplayAsync(int shard, string customer)
        {
            // Numbers of plans are the call's own: those of the ledger are for what it holds.
            var plans = new PlanTable();
            var signals = store.Read(connection => Replay.Of(connection, shard, caller.Tenant, customer, plans, from, until), context.CancellationToken);
            var response = new V1.ReplaySignalsResponse();
            var bytes = 0;
            foreach (var signal in signals)
            {
                response.Signals.Add(signal);
                bytes += signal.CalculateSize();
                if (bytes >= MostBytes)
                {
                    await responseStream.WriteAsync(response, context.CancellationToken);
                    (response, bytes) = (new V1.ReplaySignalsResponse(), 0);
                }
            }

            if (response.Signals.Count > 0)
            {
                await responseStream.WriteAsync(response, context.CancellationToken);
            }
        }
    }

    public override async Task<V1.GetStandingsResponse> GetStandings(V1.GetStandingsRequest request, ServerCallContext context)
    {
        var caller = context.Caller();
        // Taken first: what is recorded from here on may be in the answer or not.
        var state = await reader.BeginAsync(context);
        if (request.Points.Count is 0 or > MostPoints)
        {
            throw ReadFaults.FieldInvalid("points", $"There are {request.Points.Count} points; give 1 to {MostPoints}, and the rest in further calls.");
        }

        var response = new V1.GetStandingsResponse { Watermark = Wire.ToTimestamp(state.Watermark) };
        var instants = new long[request.Points.Count];
        for (var i = 0; i < instants.Length; i++)
        {
            instants[i] = InstantOf($"points[{i}].time", request.Points[i].Time);
            if (request.Points[i].CustomerId.Length == 0)
            {
                throw Faults.Invalid("FIELD_MISSING", $"points[{i}].customer_id", "Name the customer.");
            }
        }

        var plans = new PlanTable();
        var terms = new Dictionary<string, Term[]>(StringComparer.Ordinal);
        for (var i = 0; i < instants.Length; i++)
        {
            var customer = request.Points[i].CustomerId;
            if (!terms.TryGetValue(customer, out var known))
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                var facts = store.FactsOf(ShardOf(caller, customer), caller.Tenant, customer).Where(FactFromWire.BearsOnLedger).Select(fact => fact.FromWire(plans));
                terms.Add(customer, known = Account.Of([.. facts], Policy.Standard).Terms);
            }

            response.Standings.Add(Domain.Signals.Standing.At(known, instants[i], plans.CurrencyOf).ToWire(plans));
        }

        return response;
    }

    private static int ShardOf(Caller caller, string customer) => Shards.Of(caller.Tenant, customer, caller.Spread);

    private static long InstantOf(string field, Timestamp? time) => time switch
    {
        null => throw Faults.Invalid("FIELD_MISSING", field, "Give the instant."),
        { Nanos: >= 0 and < 1_000_000_000, Seconds: >= 0 and < 253_402_300_800 } => FactFromWire.Micros(time),
        _ => throw ReadFaults.FieldInvalid(field, "The instant is not between 1970-01-01 and 9999-12-31."),
    };
}
