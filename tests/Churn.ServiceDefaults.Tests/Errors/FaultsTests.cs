using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using CallStatus = Grpc.Core.Status;

namespace Churn.ServiceDefaults.Tests.Errors;

public sealed class FaultsTests
{
    [Fact]
    public void Invalid_Fields_NamesEach()
    {
        var status = Faults.Invalid("BAD", [Faults.Violation("BAD", "a.b", "No."), Faults.Violation("WORSE", "c[2]", "Never.")]).ToRichStatus()!;
        Assert.Equal((int)StatusCode.InvalidArgument, status.Code);
        Assert.Equal("No. (and 1 more)", status.Message);
        Assert.Equal(("BAD", "churn", "a.b"), status.Details[0].Unpack<ErrorInfo>() is var info ? (info.Reason, info.Domain, info.Metadata["field"]) : default);
        Assert.Equal([("a.b", "No.", "BAD"), ("c[2]", "Never.", "WORSE")], status.Details[1].Unpack<BadRequest>().FieldViolations.Select(field => (field.Field, field.Description, field.Reason)));
    }

    [Fact]
    public void Exhausted_Wait_IsToldToTheCaller()
    {
        var status = Faults.Exhausted("FULL", "Full.", TimeSpan.FromMilliseconds(1500)).ToRichStatus()!;
        Assert.Equal(TimeSpan.FromMilliseconds(1500), status.Details[1].Unpack<RetryInfo>().RetryDelay.ToTimeSpan());
    }

    [Theory]
    [InlineData("full", StatusCode.ResourceExhausted, "STORAGE_FULL", true)]
    [InlineData("storage", StatusCode.Unavailable, "STORAGE_FAILED", true)]
    [InlineData("other", StatusCode.Internal, "INTERNAL", false)]
    [InlineData("stopping", StatusCode.Unavailable, "STOPPING", true)]
    [InlineData("disposed", StatusCode.Internal, "INTERNAL", false)]
    public async Task Interceptor_Exception_BecomesAStatusWithoutSecrets(string what, StatusCode code, string reason, bool retry)
    {
        var logger = new Kept();
        using var lifetime = new Lifetime();
        var interceptor = new FaultInterceptor(lifetime, logger);
        Exception thrown = what switch
        {
            "full" => new StorageFullException("/secret/path"),
            "storage" => new StorageException("/secret/path"),
            "stopping" => new OperationCanceledException(),
            "disposed" => new ObjectDisposedException("secret"),
            _ => new InvalidTimeZoneException("SELECT secret"),
        };
        if (what == "stopping")
        {
            lifetime.StopApplication();
        }

        using var calling = new CancellationTokenSource();
        var context = new Context(calling.Token);
        foreach (var call in Calls(interceptor, context, thrown))
        {
            var failure = await Assert.ThrowsAsync<RpcException>(call);
            var status = failure.ToRichStatus()!;
            Assert.Equal(code, failure.StatusCode);
            Assert.Equal(reason, status.Details[0].Unpack<ErrorInfo>().Reason);
            Assert.Equal(retry, status.Details.Any(detail => detail.Is(RetryInfo.Descriptor)));
            Assert.DoesNotContain("secret", status.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(what == "stopping" ? 0 : 4, logger.Exceptions.Count(exception => exception == thrown));
    }

    [Fact]
    public async Task Interceptor_CallerGone_IsCancelledAndNotLogged()
    {
        var logger = new Kept();
        using var lifetime = new Lifetime();
        using var calling = new CancellationTokenSource();
        await calling.CancelAsync();
        foreach (var call in Calls(new FaultInterceptor(lifetime, logger), new Context(calling.Token), new OperationCanceledException(calling.Token)))
        {
            Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
        }

        Assert.Empty(logger.Exceptions);
    }

    [Fact]
    public async Task Interceptor_StatusThrown_IsLeftAsItIs()
    {
        var thrown = Faults.NotFound("GONE", "Gone.");
        using var lifetime = new Lifetime();
        foreach (var call in Calls(new FaultInterceptor(lifetime, new Kept()), new Context(CancellationToken.None), thrown))
        {
            Assert.Same(thrown, await Assert.ThrowsAsync<RpcException>(call));
        }
    }

    private static IEnumerable<Func<Task>> Calls(Interceptor interceptor, ServerCallContext context, Exception thrown) =>
    [
        () => interceptor.UnaryServerHandler<string, string>("", context, (_, _) => Task.FromException<string>(thrown)),
        () => interceptor.ClientStreamingServerHandler<string, string>(null!, context, (_, _) => Task.FromException<string>(thrown)),
        () => interceptor.ServerStreamingServerHandler<string, string>("", null!, context, (_, _, _) => Task.FromException(thrown)),
        () => interceptor.DuplexStreamingServerHandler<string, string>(null!, null!, context, (_, _, _) => Task.FromException(thrown)),
    ];

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }

    private sealed class Kept : ILogger<FaultInterceptor>
    {
        public List<Exception?> Exceptions { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Exceptions.Add(exception);
    }

    private sealed class Context(CancellationToken cancellationToken) : ServerCallContext
    {
        protected override string MethodCore => "/churn.Test/Test";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore => [];

        protected override CancellationToken CancellationTokenCore => cancellationToken;

        protected override Metadata ResponseTrailersCore => [];

        protected override CallStatus StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
    }
}
