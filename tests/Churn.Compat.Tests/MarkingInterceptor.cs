using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Churn.Compat.Tests;

/// <summary>Leaves a mark of each kind of call on the server's side: in the call's state, and in a trailer.</summary>
internal sealed class MarkingInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Mark(context, "unary");
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Mark(context, "client");
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Mark(context, "server");
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Mark(context, "duplex");
        return continuation(requestStream, responseStream, context);
    }

    private static void Mark(ServerCallContext context, string kind)
    {
        context.UserState["intercepted"] = kind;
        context.ResponseTrailers.Add("x-intercepted", kind);
    }
}
