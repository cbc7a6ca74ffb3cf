using Churn.Admin.V1;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.ServiceDefaults.Access;

/// <summary>Makes the calls of churn.admin.v1 on a store directly: for the first key, before any server can be called with one.</summary>
public sealed class LocalAdmin : CallInvoker
{
    private readonly AdminApi _api;
    private readonly Context _context;

    /// <summary>Makes calls on a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="clock">Tells when things are done.</param>
    /// <param name="user">Who does it, for the audit log.</param>
    public LocalAdmin(AccessStore store, TimeProvider clock, string user)
    {
        _api = new AdminApi(store, new KeyRing(store, clock));
        _context = new Context();
        new Caller(store.FindTenant(Tenants.Default), ScopeSet.All, IsService: false, $"local {user}").PutInto(_context);
    }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var answer = AnswerAsync<TResponse>(request);
        return new AsyncUnaryCall<TResponse>(answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        AnswerAsync<TResponse>(request).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw None(method.FullName);

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw None(method.FullName);

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw None(method.FullName);

    private async Task<TResponse> AnswerAsync<TResponse>(object request) => (TResponse)(object)(request switch
    {
        CreateKeyRequest r => await _api.CreateKey(r, _context),
        ListKeysRequest r => await _api.ListKeys(r, _context),
        RotateKeyRequest r => await _api.RotateKey(r, _context),
        RevokeKeyRequest r => await _api.RevokeKey(r, _context),
        CreateTenantRequest r => await _api.CreateTenant(r, _context),
        ListTenantsRequest r => await _api.ListTenants(r, _context),
        UpdateTenantRequest r => await _api.UpdateTenant(r, _context),
        ListAuditRequest r => await _api.ListAudit(r, _context),
        _ => throw None(request.GetType().Name),
    });

    private static InvalidOperationException None(string what) => new($"{what} is no call that administers.");

    /// <summary>Stands for the call that there is none of.</summary>
    private sealed class Context : ServerCallContext
    {
        protected override string MethodCore => "local";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => CancellationToken.None;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new("", []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
