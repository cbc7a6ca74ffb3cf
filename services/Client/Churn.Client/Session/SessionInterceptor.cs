using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Churn.Client.Session;

/// <summary>Gives every call a deadline, keeps the tokens of writes, and gives them to reads.</summary>
internal sealed class SessionInterceptor(WrittenSoFar written, ChurnClientOptions options) : Interceptor
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var response = continuation(WithToken(request), WithDeadline(context));
        Keep(response);
        return response;
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(WithToken(request), WithDeadline(context));
        return typeof(TResponse) == typeof(RecordFactsResponse) || typeof(TResponse) == typeof(RetractFactResponse)
            ? new AsyncUnaryCall<TResponse>(KeepAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose)
            : call;
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(WithToken(request), context);

    private async Task<TResponse> KeepAsync<TResponse>(Task<TResponse> call)
    {
        var response = await call;
        Keep(response);
        return response;
    }

    private void Keep<TResponse>(TResponse response)
    {
        switch (response)
        {
            case RecordFactsResponse recorded:
                written.Add(recorded.ConsistencyToken);
                break;
            case RetractFactResponse retracted:
                written.Add(retracted.ConsistencyToken);
                break;
        }
    }

    // A deadline is a point in the time of the system, whatever clock waits.
    private ClientInterceptorContext<TRequest, TResponse> WithDeadline<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class =>
        context.Options.Deadline is not null || options.Timeout == Timeout.InfiniteTimeSpan
            ? context
            : new ClientInterceptorContext<TRequest, TResponse>(
                context.Method, context.Host, context.Options.WithDeadline((TimeProvider.System.GetUtcNow() + options.Timeout).UtcDateTime));

    // The caller's request is not touched: it may be sent again when more has been written.
    private TRequest WithToken<TRequest>(TRequest request)
        where TRequest : class
    {
        if (!options.ReadsOwnWrites || written.Token is not { Length: > 0 } token)
        {
            return request;
        }

        return request switch
        {
            GetOverviewRequest r when Lacks(r.Read) => As<TRequest>(new GetOverviewRequest(r) { Read = With(r.Read, token) }),
            ListMovementsRequest r when Lacks(r.Read) => As<TRequest>(new ListMovementsRequest(r) { Read = With(r.Read, token) }),
            GetRatesRequest r when Lacks(r.Read) => As<TRequest>(new GetRatesRequest(r) { Read = With(r.Read, token) }),
            GetRollingMetricsRequest r when Lacks(r.Read) => As<TRequest>(new GetRollingMetricsRequest(r) { Read = With(r.Read, token) }),
            GetSeriesRequest r when Lacks(r.Read) => As<TRequest>(new GetSeriesRequest(r) { Read = With(r.Read, token) }),
            GetCohortsRequest r when Lacks(r.Read) => As<TRequest>(new GetCohortsRequest(r) { Read = With(r.Read, token) }),
            ListSegmentsRequest r when Lacks(r.Read) => As<TRequest>(new ListSegmentsRequest(r) { Read = With(r.Read, token) }),
            ExplainMetricRequest r when Lacks(r.Read) => As<TRequest>(new ExplainMetricRequest(r) { Read = With(r.Read, token) }),
            WatchMetricsRequest r when Lacks(r.Read) => As<TRequest>(new WatchMetricsRequest(r) { Read = With(r.Read, token) }),
            _ => request,
        };

        static bool Lacks(ReadOptions? read) => read is null || read.ConsistencyToken.Length == 0;

        static ReadOptions With(ReadOptions? read, string token) =>
            new(read ?? new ReadOptions()) { ConsistencyToken = token };

        static T As<T>(object changed)
            where T : class => (T)changed;
    }
}
