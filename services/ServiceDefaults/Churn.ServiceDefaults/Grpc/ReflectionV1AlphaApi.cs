using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Answers the same as <see cref="ReflectionApi"/> under the older name, which some tools ask for first.</summary>
internal sealed class ReflectionV1AlphaApi(ReflectionIndex index) : ReflectionV1AlphaBase
{
    private readonly ReflectionApi _api = new(index);

    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) => _api.ServerReflectionInfo(requestStream, responseStream, context);
}

/// <summary>Stands for a generated base class: the messages of the older name are the same on the wire.</summary>
[BindServiceMethod(typeof(ReflectionV1AlphaBase), nameof(Bind))]
internal abstract class ReflectionV1AlphaBase
{
    private static readonly Method<ServerReflectionRequest, ServerReflectionResponse> Info = new(
        MethodType.DuplexStreaming,
        "grpc.reflection.v1alpha.ServerReflection",
        nameof(ServerReflectionInfo),
        Marshallers.Create(request => request.ToByteArray(), ServerReflectionRequest.Parser.ParseFrom),
        Marshallers.Create(response => response.ToByteArray(), ServerReflectionResponse.Parser.ParseFrom));

    public static void Bind(ServiceBinderBase binder, ReflectionV1AlphaBase? service) =>
        binder.AddMethod(Info, service is null ? null : service.ServerReflectionInfo);

    public abstract Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context);
}
