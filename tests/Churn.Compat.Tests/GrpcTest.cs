using Grpc.Core;

namespace Churn.Compat.Tests;

/// <summary>What the gRPC tests have in common: the shared server and the token that ends a test.</summary>
public abstract class GrpcTest(EchoServer server)
{
    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected EchoServer Server => server;

    protected static async Task<IReadOnlyList<T>> ToListAsync<T>(IAsyncStreamReader<T> reader)
    {
        var list = new List<T>();
        await foreach (var item in reader.ReadAllAsync(Ct))
        {
            list.Add(item);
        }

        return list;
    }

    protected static async Task<RpcException> FailureAsync<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            return await Assert.ThrowsAsync<RpcException>(async () => await call);
        }
    }

    protected static async Task<RpcException> FailureAsync<T>(AsyncServerStreamingCall<T> call) =>
        await Assert.ThrowsAsync<RpcException>(async () => await ToListAsync(call.ResponseStream));
}
