using Churn.Metrics.V1;
using Grpc.Core;

namespace Churn.Client.Tests;

/// <summary>Keeps what was asked of <see cref="FakeMetricsApi"/>.</summary>
public sealed class FakeReads
{
    public IList<string> Tokens { get; } = new List<string>();

    public IList<TimeSpan> TimeLeft { get; } = new List<TimeSpan>();
}

/// <summary>Answers with nothing and keeps what it was asked.</summary>
public sealed class FakeMetricsApi(FakeReads reads) : MetricsService.MetricsServiceBase
{
    public override Task<GetOverviewResponse> GetOverview(GetOverviewRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new GetOverviewResponse(), request.Read, context));

    public override Task<ListMovementsResponse> ListMovements(ListMovementsRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new ListMovementsResponse(), request.Read, context));

    public override Task<GetRatesResponse> GetRates(GetRatesRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new GetRatesResponse(), request.Read, context));

    public override Task<GetRollingMetricsResponse> GetRollingMetrics(GetRollingMetricsRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new GetRollingMetricsResponse(), request.Read, context));

    public override Task<GetSeriesResponse> GetSeries(GetSeriesRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new GetSeriesResponse(), request.Read, context));

    public override Task<GetCohortsResponse> GetCohorts(GetCohortsRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new GetCohortsResponse(), request.Read, context));

    public override Task<ListSegmentsResponse> ListSegments(ListSegmentsRequest request, ServerCallContext context) =>
        Task.FromResult(Kept(new ListSegmentsResponse(), request.Read, context));

    public override Task ExplainMetric(ExplainMetricRequest request, IServerStreamWriter<ExplainMetricResponse> responseStream, ServerCallContext context) =>
        responseStream.WriteAsync(Kept(new ExplainMetricResponse(), request.Read, context));

    public override Task WatchMetrics(WatchMetricsRequest request, IServerStreamWriter<WatchMetricsResponse> responseStream, ServerCallContext context) =>
        responseStream.WriteAsync(Kept(new WatchMetricsResponse(), request.Read, context));

    private T Kept<T>(T response, ReadOptions? read, ServerCallContext context)
    {
        lock (reads)
        {
            reads.Tokens.Add(read?.ConsistencyToken ?? "");
            reads.TimeLeft.Add(context.Deadline == DateTime.MaxValue ? TimeSpan.MaxValue : context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime);
        }

        return response;
    }
}
