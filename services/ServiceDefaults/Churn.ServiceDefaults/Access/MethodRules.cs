using Churn.Access.V1;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf.Reflection;

namespace Churn.ServiceDefaults.Access;

/// <summary>Knows which scope each call needs, from the option that its proto has.</summary>
internal sealed class MethodRules(MappedServices services, AccessOptions options)
{
    // Lazy: the endpoints are complete when the server listens.
    private readonly Lazy<Dictionary<string, Scope>> _scopes = new(() => services.Descriptors()
        .SelectMany(service => service.Methods)
        .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}", ScopeOf, StringComparer.Ordinal));

    private readonly HashSet<string> _open = options.OpenServices.Select(service => $"/{service}/").ToHashSet(StringComparer.Ordinal);

    /// <summary>Gives the scope that a method needs; unspecified where nothing is said.</summary>
    public static Scope ScopeOf(MethodDescriptor method) =>
        method.GetOptions()?.GetExtension(ScopeExtensions.Scope) ?? Scope.Unspecified;

    public bool IsOpen(string method) => _open.Contains(method[..(method.LastIndexOf('/') + 1)]);

    public Scope ScopeOf(string method) => _scopes.Value.GetValueOrDefault(method);
}
