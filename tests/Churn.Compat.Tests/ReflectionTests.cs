using Churn.Compat.Tests.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Churn.Compat.Tests;

public class ReflectionTests(EchoServer server) : GrpcTest(server)
{
    [Fact]
    public async Task ListServices_NothingListedByHand_NamesTheMappedServices() => Assert.Equal(
        ["churn.compat.tests.v1.Echo", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"],
        (await AskAsync(new ServerReflectionRequest { ListServices = "" })).ListServicesResponse.Service.Select(service => service.Name));

    [Theory]
    [InlineData("churn.compat.tests.v1.Echo")]
    [InlineData("churn.compat.tests.v1.Echo.Unary")]
    [InlineData("churn.compat.tests.v1.EchoRequest")]
    [InlineData("churn.compat.tests.v1.EchoRequest.text")]
    [InlineData("churn.compat.tests.v1.EchoRequest.payload")]
    [InlineData("churn.compat.tests.v1.EchoRequest.LabelsEntry")]
    public async Task FileContainingSymbol_Known_IsTheFileThenItsImports(string symbol)
    {
        var files = Files(await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol }));
        Assert.Equal("Protos/echo.proto", files[0].Name);
        Assert.Equal(
            EchoReflection.Descriptor.Dependencies.Select(file => file.Name).Order(StringComparer.Ordinal),
            files.Skip(1).Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.Equal(EchoReflection.Descriptor.SerializedData, files[0].ToByteString());
    }

    [Fact]
    public async Task FileContainingSymbol_EnumValue_IsFound() => Assert.Equal(
        "grpc/health/v1/health.proto",
        Files(await AskAsync(new ServerReflectionRequest { FileContainingSymbol = "grpc.health.v1.HealthCheckResponse.SERVING" }))[0].Name);

    [Fact]
    public async Task FileContainingSymbol_ErrorDetail_IsFound() => Assert.Equal(
        "google/rpc/error_details.proto",
        Files(await AskAsync(new ServerReflectionRequest { FileContainingSymbol = "google.rpc.ErrorInfo" }))[0].Name);

    [Fact]
    public async Task FileByFilename_Import_IsFound() => Assert.Equal(
        "google/protobuf/struct.proto",
        Files(await AskAsync(new ServerReflectionRequest { FileByFilename = "google/protobuf/struct.proto" })).Single().Name);

    [Fact]
    public async Task AllExtensionNumbersOfType_MessageWithoutExtensions_IsEmpty()
    {
        var response = await AskAsync(new ServerReflectionRequest { AllExtensionNumbersOfType = "churn.compat.tests.v1.EchoRequest" });
        Assert.Equal("churn.compat.tests.v1.EchoRequest", response.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(response.AllExtensionNumbersResponse.ExtensionNumber);
    }

    [Fact]
    public async Task Ask_SeveralThingsThatAreNotThere_AnswersEachAndStaysOpen()
    {
        using var call = new ServerReflection.ServerReflectionClient(Server.Channel()).ServerReflectionInfo(cancellationToken: Ct);
        ServerReflectionRequest[] requests =
        [
            new() { FileByFilename = "none.proto" },
            new() { FileContainingSymbol = "none" },
            new() { FileContainingExtension = new ExtensionRequest { ContainingType = "none", ExtensionNumber = 1 } },
            new() { AllExtensionNumbersOfType = "none" },
            new() { Host = "h" },
        ];
        foreach (var request in requests)
        {
            await call.RequestStream.WriteAsync(request, Ct);
        }

        await call.RequestStream.CompleteAsync();
        var responses = await ToListAsync(call.ResponseStream);
        Assert.Equal(requests, responses.Select(response => response.OriginalRequest));
        Assert.Equal("h", responses[^1].ValidHost);
        Assert.Equal(
            [StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.NotFound, StatusCode.InvalidArgument],
            responses.Select(response => (StatusCode)response.ErrorResponse.ErrorCode));
    }

    [Fact]
    public async Task Ask_UnderTheOlderName_AnswersTheSame()
    {
        var method = new Method<ServerReflectionRequest, ServerReflectionResponse>(
            MethodType.DuplexStreaming,
            "grpc.reflection.v1alpha.ServerReflection",
            "ServerReflectionInfo",
            Marshallers.Create(request => request.ToByteArray(), ServerReflectionRequest.Parser.ParseFrom),
            Marshallers.Create(response => response.ToByteArray(), ServerReflectionResponse.Parser.ParseFrom));
        using var call = Server.Channel().CreateCallInvoker().AsyncDuplexStreamingCall(method, null, new CallOptions(cancellationToken: Ct));
        var request = new ServerReflectionRequest { FileContainingSymbol = "churn.compat.tests.v1.Echo" };
        Assert.Equal(await AskAsync(request), await AskAsync(call, request));
    }

    private static async Task<ServerReflectionResponse> AskAsync(
        AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call, ServerReflectionRequest request)
    {
        await call.RequestStream.WriteAsync(request, Ct);
        await call.RequestStream.CompleteAsync();
        return Assert.Single(await ToListAsync(call.ResponseStream));
    }

    private static List<FileDescriptorProto> Files(ServerReflectionResponse response) =>
        [.. response.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)];

    private async Task<ServerReflectionResponse> AskAsync(ServerReflectionRequest request)
    {
        using var call = new ServerReflection.ServerReflectionClient(Server.Channel()).ServerReflectionInfo(cancellationToken: Ct);
        return await AskAsync(call, request);
    }
}
