using Churn.Compat.Tests.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Churn.Compat.Tests;

public class InterceptorTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task Intercept_SeveralInterceptors_RunInTheOrderGiven()
    {
        var log = new List<string>();
        var client = new Echo.EchoClient(Server.Channel().Intercept(new Recorder("a", log), new Recorder("b", log)));
        var reply = await client.UnaryAsync(new EchoRequest(), cancellationToken: Ct);
        Assert.Equal("b", reply.Seen["x-last"]);
        Assert.Equal("unary", reply.Seen["intercepted"]);
        client.Unary(new EchoRequest(), cancellationToken: Ct);
        using (var call = client.Collect(cancellationToken: Ct))
        {
            await call.RequestStream.CompleteAsync();
            await call;
        }

        using (var call = client.Expand(new EchoRequest(), cancellationToken: Ct))
        {
            await ToListAsync(call.ResponseStream);
        }

        using (var call = client.Chat(cancellationToken: Ct))
        {
            await call.RequestStream.CompleteAsync();
            await ToListAsync(call.ResponseStream);
        }

        Assert.Equal(
            ["a:unary", "b:unary", "a:blocking", "b:blocking", "a:client", "b:client", "a:server", "b:server", "a:duplex", "b:duplex"], log);
    }

    [Fact]
    public async Task Intercept_FunctionOfTheHeaders_ChangesThem()
    {
        var client = new Echo.EchoClient(Server.Channel().Intercept(headers =>
        {
            headers.Add("x-custom", "from the interceptor");
            return headers;
        }));
        Assert.Equal("from the interceptor", (await client.UnaryAsync(new EchoRequest(), cancellationToken: Ct)).Seen["x-custom"]);
    }

    [Fact]
    public async Task Intercept_InterceptorThatOverridesNothing_PassesThrough()
    {
        var client = new Echo.EchoClient(Server.Channel().Intercept(new Nothing()));
        Assert.Equal("t", (await client.UnaryAsync(new EchoRequest { Text = "t" }, cancellationToken: Ct)).Text);
    }

    private sealed class Nothing : Interceptor;

    private sealed class Recorder(string name, List<string> log) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(request, Note("blocking", context));

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(request, Note("unary", context));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(request, Note("server", context));

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Note("client", context));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Note("duplex", context));

        private ClientInterceptorContext<TRequest, TResponse> Note<TRequest, TResponse>(
            string kind, ClientInterceptorContext<TRequest, TResponse> context)
            where TRequest : class
            where TResponse : class
        {
            log.Add($"{name}:{kind}");
            var headers = new Metadata();
            foreach (var entry in (context.Options.Headers ?? []).Where(entry => entry.Key != "x-last"))
            {
                headers.Add(entry);
            }

            headers.Add("x-last", name);
            return new(context.Method, context.Host, context.Options.WithHeaders(headers));
        }
    }
}
