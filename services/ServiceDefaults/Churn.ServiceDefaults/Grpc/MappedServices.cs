using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Reads the gRPC services from the mapped endpoints, so that nobody lists them a second time.</summary>
internal sealed class MappedServices(EndpointDataSource endpoints)
{
    // Lazy: the endpoints are complete when the server listens, not when this is made.
    private readonly Lazy<HashSet<string>> _names = new(
        () => Methods(endpoints).Select(method => method.Method.ServiceName).ToHashSet(StringComparer.Ordinal));

    public bool Contains(string service) => _names.Value.Contains(service);

    public IEnumerable<ServiceDescriptor> Descriptors() =>
        Methods(endpoints).Select(method => method.ServiceType).Distinct().Select(Descriptor).OfType<ServiceDescriptor>();

    private static IEnumerable<GrpcMethodMetadata> Methods(EndpointDataSource endpoints) =>
        endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()).OfType<GrpcMethodMetadata>();

    // A generated base class names the static class around it, which holds the descriptor. What is bound by hand has none.
    private static ServiceDescriptor? Descriptor(Type serviceType) =>
        serviceType.GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)?.BindType
            .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor;
}
