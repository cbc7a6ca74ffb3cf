namespace Churn.ServiceDefaults.Access;

/// <summary>Says how a process asks its callers who they are.</summary>
public sealed record AccessOptions
{
    /// <summary>Tells whether callers without a key are refused; otherwise they work for the tenant "default" and may do all.</summary>
    public bool RequireKeys { get; init; }

    /// <summary>Gives the key that this process shows to other services; null where all of them are in this process.</summary>
    public string? InternalKey { get; init; }

    /// <summary>Gives the gRPC services that anybody may call, whatever else is asked for.</summary>
    public IReadOnlyCollection<string> OpenServices { get; init; } =
        ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
}
