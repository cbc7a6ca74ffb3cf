using Churn.Access.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Churn.Suite.Tests.Access;

/// <summary>Makes any call of the suite, by its descriptor.</summary>
internal static class AnyCall
{
    private const int MostMessages = 20;

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    /// <summary>Gives every call that the protos have.</summary>
    public static IReadOnlyList<MethodDescriptor> All { get; } =
    [
        .. typeof(ScopeReflection).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", typeof(FileDescriptor))?.GetValue(null) as FileDescriptor).OfType<FileDescriptor>()
            .SelectMany(file => file.Services).Where(service => service.FullName.StartsWith("churn.", StringComparison.Ordinal))
            .SelectMany(service => service.Methods).OrderBy(method => method.FullName, StringComparer.Ordinal),
    ];

    /// <summary>Gives the scope that a call needs.</summary>
    public static Scope ScopeOf(MethodDescriptor method) => method.GetOptions().GetExtension(ScopeExtensions.Scope);

    /// <summary>Makes a call with one request, and gives what was answered: messages, and how it failed.</summary>
    public static async Task<(List<IMessage> Answers, RpcException? Failure)> AskAsync(
        CallInvoker calls, MethodDescriptor method, IMessage request, bool isRefused = false)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        // Streams that wait for news are left after what they have at once.
        var isLive = method.IsServerStreaming;
        end.CancelAfter(TimeSpan.FromSeconds(isLive && !isRefused ? 0.5 : 20));
        var options = new CallOptions(cancellationToken: end.Token);
        var type = method.IsClientStreaming ? MethodType.DuplexStreaming : method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary;
        var call = new Method<byte[], byte[]>(type, method.Service.FullName, method.Name, Bytes, Bytes);
        var answers = new List<IMessage>();
        try
        {
            switch (type)
            {
                case MethodType.Unary:
                    answers.Add(method.OutputType.Parser.ParseFrom(await calls.AsyncUnaryCall(call, null, options, request.ToByteArray())));
                    break;
                case MethodType.ServerStreaming:
                    using (var stream = calls.AsyncServerStreamingCall(call, null, options, request.ToByteArray()))
                    {
                        await ReadAsync(stream.ResponseStream);
                    }

                    break;
                default:
                    using (var stream = calls.AsyncDuplexStreamingCall(call, null, options))
                    {
                        await stream.RequestStream.WriteAsync(request.ToByteArray());
                        await stream.RequestStream.CompleteAsync();
                        await ReadAsync(stream.ResponseStream);
                    }

                    break;
            }
        }
        catch (RpcException failure)
        {
            return (answers, failure.StatusCode == StatusCode.Cancelled && isLive ? null : failure);
        }

        return (answers, null);

        async Task ReadAsync(IAsyncStreamReader<byte[]> stream)
        {
            while (answers.Count < MostMessages && await stream.MoveNext(end.Token))
            {
                answers.Add(method.OutputType.Parser.ParseFrom(stream.Current));
            }
        }
    }
}
