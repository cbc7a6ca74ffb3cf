using Churn.ServiceDefaults.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Churn.ServiceDefaults.Access;

/// <summary>Asks of every call who makes it, before anything is read; a stream is asked again with each message.</summary>
internal sealed class AccessInterceptor(AccessGate gate) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Enter(context);
        return await continuation(request, context);
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var admission = Enter(context);
        return await continuation(Watched(requestStream, admission), context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var admission = Enter(context);
        await continuation(request, Watched(responseStream, admission), context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var admission = Enter(context);
        await continuation(Watched(requestStream, admission), Watched(responseStream, admission), context);
    }

    // What is set here flows into the call, and ends with the asynchronous method that set it.
    private Admission? Enter(ServerCallContext context)
    {
        var admission = gate.Admit(context);
        if (admission is not null)
        {
            admission.Caller.PutInto(context);
            TenantScope.Current = admission.Caller.Bound?.Id;
        }

        return admission;
    }

    private IAsyncStreamReader<T> Watched<T>(IAsyncStreamReader<T> reader, Admission? admission) =>
        admission?.KeyId is null ? reader : new Reader<T>(reader, gate, admission);

    private IServerStreamWriter<T> Watched<T>(IServerStreamWriter<T> writer, Admission? admission) =>
        admission?.KeyId is null ? writer : new Writer<T>(writer, gate, admission);

    private sealed class Reader<T>(IAsyncStreamReader<T> reader, AccessGate gate, Admission admission) : IAsyncStreamReader<T>
    {
        public T Current => reader.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!await reader.MoveNext(cancellationToken))
            {
                return false;
            }

            gate.Again(admission);
            return true;
        }
    }

    private sealed class Writer<T>(IServerStreamWriter<T> writer, AccessGate gate, Admission admission) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => writer.WriteOptions;
            set => writer.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            gate.Again(admission);
            return writer.WriteAsync(message, cancellationToken);
        }
    }
}
