using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Churn.ServiceDefaults.Access;

/// <summary>Shows the key of this process to the services that it calls, and names the tenant that it works for.</summary>
public sealed class InternalCalls : Interceptor
{
    private readonly string? _authorization;

    internal InternalCalls(AccessOptions options, ProcessKey own) =>
        // A key of this process says nothing to another one; where nobody is asked, none is shown.
        _authorization = (options.InternalKey ?? (options.RequireKeys ? own.Text : null)) is { } key ? AccessHeaders.Bearer + key : null;

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, Signed(context));

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, Signed(context));

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(Signed(context));

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, Signed(context));

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(Signed(context));

    // A call that is given its metadata by its caller keeps them; the caller's own list is not changed.
    private ClientInterceptorContext<TRequest, TResponse> Signed<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? [])
        {
            headers.Add(entry);
        }

        if (_authorization is not null)
        {
            headers.Add(AccessHeaders.Authorization, _authorization);
        }

        if (TenantScope.Current is { } tenant)
        {
            headers.Add(AccessHeaders.Tenant, tenant);
        }

        return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithHeaders(headers));
    }
}
