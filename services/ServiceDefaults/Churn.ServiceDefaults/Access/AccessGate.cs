using System.Security.Cryptography;
using System.Text;
using Churn.Access.V1;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.ServiceDefaults.Access;

/// <summary>Says of each call who makes it, or refuses it.</summary>
internal sealed class AccessGate
{
    private const string Open = "open";
    private static readonly Tenant Lone = new(Tenants.Default, "Default", Shards.Count, 0, default);

    private readonly MethodRules _rules;
    private readonly AccessOptions _options;
    private readonly ProcessKey _own;
    private readonly KeyRing? _ring;
    private readonly TenantMeters? _meters;
    private readonly AccessLog? _log;

    /// <summary>Makes the gate.</summary>
    /// <param name="rules">Which call needs what.</param>
    /// <param name="options">Whether keys are asked for.</param>
    /// <param name="own">The key of this process.</param>
    /// <param name="ring">The keys; null where there is no store: then there is the default tenant alone, and nobody is asked.</param>
    /// <param name="meters">What tenants use; null where there is no store.</param>
    /// <param name="log">Where it is noted which keys are used; null where there is no store.</param>
    public AccessGate(MethodRules rules, AccessOptions options, ProcessKey own, KeyRing? ring, TenantMeters? meters, AccessLog? log)
    {
        (_rules, _options, _own, _ring, _meters, _log) = (rules, options, own, ring, meters, log);
        if (ring is null && options.RequireKeys)
        {
            throw new InvalidOperationException("Keys cannot be asked for where none are stored.");
        }
    }

    /// <summary>Gives who makes a call; null for one that anybody may make.</summary>
    /// <exception cref="RpcException">The call may not be made.</exception>
    public Admission? Admit(ServerCallContext context)
    {
        if (_rules.IsOpen(context.Method))
        {
            return null;
        }

        var admission = CallerOf(context);
        var scope = _rules.ScopeOf(context.Method);
        if (!admission.Caller.Scopes.Allows(scope))
        {
            throw scope == Scope.Unspecified ? AccessFaults.RuleMissing(context.Method) : AccessFaults.ScopeMissing(scope, admission.Caller.Scopes);
        }

        // What services do for a tenant was asked for by a call that was counted.
        if (admission.Caller is { Bound: { } tenant, IsService: false })
        {
            _meters?.TakeCall(tenant);
        }

        return admission;
    }

    /// <summary>Looks again at the key of a call that goes on.</summary>
    /// <exception cref="RpcException">It is over.</exception>
    public void Again(Admission admission)
    {
        if (admission.KeyId is { } id)
        {
            _ring!.Again(id);
        }
    }

    private Admission CallerOf(ServerCallContext context)
    {
        var named = context.RequestHeaders.GetValue(AccessHeaders.Tenant);
        if (context.RequestHeaders.GetValue(AccessHeaders.Authorization) is not { } authorization)
        {
            return _options.RequireKeys ? throw AccessFaults.KeyMissing() : new Admission(new Caller(TenantOf(named ?? Tenants.Default), ScopeSet.All, IsService: false, Open), null);
        }

        if (!authorization.StartsWith(AccessHeaders.Bearer, StringComparison.OrdinalIgnoreCase))
        {
            throw AccessFaults.KeyMalformed();
        }

        var text = authorization[AccessHeaders.Bearer.Length..].Trim();
        if (_own.Is(text))
        {
            return new Admission(new Caller(named is null ? null : TenantOf(named), ScopeSet.Internal, IsService: true, "this process"), null);
        }

        if (_ring is null)
        {
            throw AccessFaults.KeyMalformed();
        }

        var key = _ring.Admit(text);
        _log?.Used(key.Id);
        if (key.Scopes.Has(Scope.Internal))
        {
            return new Admission(new Caller(named is null ? null : TenantOf(named), key.Scopes, IsService: true, $"key {key.Id}"), key.Id);
        }

        return named is null || string.Equals(named, key.Tenant, StringComparison.Ordinal)
            ? new Admission(new Caller(TenantOf(key.Tenant), key.Scopes, IsService: false, $"key {key.Id}"), key.Id)
            : throw AccessFaults.TenantForbidden();
    }

    private Tenant TenantOf(string id) =>
        (_ring is null ? (string.Equals(id, Lone.Id, StringComparison.Ordinal) ? Lone : null) : _ring.FindTenant(id)) ?? throw AccessFaults.TenantUnknown(id);
}

/// <summary>Holds who makes a call, and by which key.</summary>
internal sealed record Admission(Caller Caller, string? KeyId);

/// <summary>Holds the key by which the parts of one process call each other; it never leaves the machine.</summary>
internal sealed class ProcessKey
{
    private readonly byte[] _hash;

    public ProcessKey()
    {
        Text = KeyText.Create().Text;
        _hash = HashOf(Text);
    }

    public string Text { get; }

    public bool Is(string text) => CryptographicOperations.FixedTimeEquals(_hash, HashOf(text));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
