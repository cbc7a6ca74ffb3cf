using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Errors;

/// <summary>Turns what a call throws into a status that a client can act on; paths, SQL and stacks go to the log alone.</summary>
internal sealed partial class FaultInterceptor(IHostApplicationLifetime lifetime, ILogger<FaultInterceptor> logger) : Interceptor
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (!IsTold(exception))
        {
            throw Translate(exception, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception exception) when (!IsTold(exception))
        {
            throw Translate(exception, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (!IsTold(exception))
        {
            throw Translate(exception, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception exception) when (!IsTold(exception))
        {
            throw Translate(exception, context);
        }
    }

    // What was made by this suite, here or by a service that was called from here, is told as it is.
    private static bool IsTold(Exception exception) => exception is RpcException fault && fault.ToRichStatus() is not null;

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        switch (exception)
        {
            case StorageFullException:
                LogStorage(exception, context.Method);
                return Faults.Exhausted(Faults.StorageFull, "There is no room to store this, and nothing of it is kept: free some on the server's disk and send it again.", Later);
            case StorageException:
                LogStorage(exception, context.Method);
                return Faults.Unavailable(Faults.StorageFailed, "The server's storage fails, its log says how: mend it and send this again.", Later);
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
                // Who cancelled does not read this; whose deadline is over was told so by its own clock.
                return Faults.Of(StatusCode.Cancelled, Faults.Cancelled, "The call was cancelled.").ToRpcException();
            case OperationCanceledException or ObjectDisposedException when lifetime.ApplicationStopping.IsCancellationRequested:
                return Faults.Unavailable(Faults.Stopping, "The server stops: send this again.", Later);
            case RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded }:
                LogPeer(exception, context.Method);
                return Faults.Unavailable(Faults.PeerUnavailable, "Another service of this installation does not answer: send this again.", Later);
            default:
                LogUnforeseen(exception, context.Method);
                return Faults.Of(StatusCode.Internal, Faults.Internal, "The server failed at something that it did not foresee; its log says at what.").ToRpcException();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed.")]
    private partial void LogUnforeseen(Exception exception, string method);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} got no answer of another service.")]
    private partial void LogPeer(Exception exception, string method);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} found the storage failing.")]
    private partial void LogStorage(Exception exception, string method);
}
