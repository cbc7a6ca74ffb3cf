using System.Collections.Concurrent;
using System.Globalization;
using Churn.Compat.Tests.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RichStatus = Google.Rpc.Status;
using Status = Grpc.Core.Status;

namespace Churn.Compat.Tests;

/// <summary>What a test can see and set of the server it calls.</summary>
public sealed class EchoState
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ended = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);

    public bool Ready { get; set; } = true;

    public bool Live { get; set; } = true;

    public int Failed(string text) => _failures.AddOrUpdate(text, 1, (_, count) => count + 1);

    /// <summary>Completes when the server has seen the end of the call that held with this text.</summary>
    public TaskCompletionSource Ended(string text) =>
        _ended.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

internal sealed class EchoApi(EchoState state, HealthCheckService checks, IEnumerable<IHealthCheckPublisher> publishers) : Echo.EchoBase
{
    public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
    {
        await HoldAsync(request, context);
        Fail(request);
        var reply = new EchoReply { Text = request.Text, Request = request };
        foreach (var entry in context.RequestHeaders)
        {
            reply.Seen[entry.Key] = entry.IsBinary ? Convert.ToHexString(entry.ValueBytes) : entry.Value;
        }

        reply.Seen["deadline"] = context.Deadline.ToString("O", CultureInfo.InvariantCulture);
        reply.Seen["host"] = context.Host;
        reply.Seen["peer"] = context.Peer;
        reply.Seen["method"] = context.Method;
        reply.Seen["encoding"] = context.GetHttpContext().Request.Headers["grpc-encoding"].ToString();
        reply.Seen["intercepted"] = context.UserState.TryGetValue("intercepted", out var kind) ? (string)kind : "";
        context.ResponseTrailers.Add("x-trailer", "ascii");
        context.ResponseTrailers.Add("x-trailer-bin", [0, 1, 2, 255]);
        await context.WriteResponseHeadersAsync(new Metadata { { "x-header", "h" }, { "x-header-bin", [9, 8] } });
        return reply;
    }

    public override async Task<EchoReply> Collect(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        var reply = new EchoReply();
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            reply.Index++;
            reply.Text += request.Text;
        }

        return reply;
    }

    public override async Task Expand(EchoRequest request, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Repeat; i++)
        {
            await responseStream.WriteAsync(new EchoReply { Text = request.Text, Index = i }, context.CancellationToken);
        }

        await HoldAsync(request, context);
        context.ResponseTrailers.Add("x-encoding", context.GetHttpContext().Response.Headers["grpc-encoding"].ToString());
        if (request.FailWith != 0)
        {
            context.Status = new Status((StatusCode)request.FailWith, "after the stream");
        }
    }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; await requestStream.MoveNext(context.CancellationToken); i++)
        {
            await responseStream.WriteAsync(new EchoReply { Text = requestStream.Current.Text, Index = i }, context.CancellationToken);
        }
    }

    public override Task<Empty> Nothing(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<Empty> SetReady(SetReadyRequest request, ServerCallContext context)
    {
        state.Ready = request.Ready;
        var report = await checks.CheckHealthAsync(context.CancellationToken);
        foreach (var publisher in publishers)
        {
            await publisher.PublishAsync(report, context.CancellationToken);
        }

        return new Empty();
    }

    private async Task HoldAsync(EchoRequest request, ServerCallContext context)
    {
        if (!request.Hold)
        {
            return;
        }

        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }
        finally
        {
            state.Ended(request.Text).TrySetResult();
        }
    }

    private void Fail(EchoRequest request)
    {
        if (request.FailRichly)
        {
            throw new RichStatus
            {
                Code = (int)Code.InvalidArgument,
                Message = "text is too long",
                Details =
                {
                    Any.Pack(new ErrorInfo { Reason = "TEXT_TOO_LONG", Domain = "churn", Metadata = { ["limit"] = "3" } }),
                    Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "text", Description = "at most 3" } } }),
                },
            }.ToRpcException();
        }

        if (request.FailWith != 0 && (request.FailTimes == 0 || state.Failed(request.Text) <= request.FailTimes))
        {
            throw new RpcException(
                new Status((StatusCode)request.FailWith, "as asked: \u00fcn\u00efcode %"),
                new Metadata { { "why", "test" }, { "why-bin", [1, 2, 3] } });
        }
    }
}
