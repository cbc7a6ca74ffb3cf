using Churn.Access.V1;
using Churn.Admin.V1;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;

namespace Churn.Suite.Tests.Access;

/// <summary>What keys may do, on a server that asks for them.</summary>
public sealed class KeysTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_WithoutAGoodKey_AreRefusedAndNoneRepeatsASecret()
    {
        await using var server = await KeyedServer.StartAsync();
        var good = await server.KeyAsync("default", "read");
        string[] bad = [good[..^2] + (good[^2] == 'A' ? "BA" : "AA"), "churn_bcdfghjkmnpq_" + new string('A', 43), "churn_", "hunter2"];
        foreach (var method in AnyCall.All)
        {
            var (answers, failure) = await AnyCall.AskAsync(server.Calls(null), method, method.InputType.Parser.ParseFrom([]), isRefused: true);
            Assert.Empty(answers);
            Assert.Equal((method.FullName, StatusCode.Unauthenticated, "KEY_MISSING"), (method.FullName, failure!.StatusCode, KeyedServer.ReasonOf(failure)));
        }

        foreach (var key in bad)
        {
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await Overview(server, key));
            Assert.Equal((StatusCode.Unauthenticated, "KEY_UNKNOWN"), (failure.StatusCode, KeyedServer.ReasonOf(failure)));
            Assert.DoesNotContain(key.Length > 19 ? key[19..] : "hunter2", failure.ToString(), StringComparison.Ordinal);
        }

        await Overview(server, good);
        var health = await new Health.HealthClient(server.Calls(null)).CheckAsync(new HealthCheckRequest(), cancellationToken: Ct);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task EveryCall_WithAKeyOfOneScope_IsRefusedUnlessItIsItsScope()
    {
        await using var server = await KeyedServer.StartAsync();
        foreach (var scope in ScopeSet.All.Scopes)
        {
            var calls = server.Calls(await server.KeyAsync("default", ScopeSet.WordOf(scope)));
            foreach (var method in AnyCall.All)
            {
                var needed = AnyCall.ScopeOf(method);
                var (_, failure) = await AnyCall.AskAsync(calls, method, method.InputType.Parser.ParseFrom([]), isRefused: !ScopeSet.Of([scope]).Allows(needed));
                var isRefused = failure is { StatusCode: StatusCode.PermissionDenied } && KeyedServer.ReasonOf(failure) == "SCOPE_MISSING";
                Assert.Equal((scope, method.FullName, !ScopeSet.Of([scope]).Allows(needed)), (scope, method.FullName, isRefused));
            }
        }
    }

    [Fact]
    public async Task AdminAndInternal_OfAnotherTenant_CannotBeHad()
    {
        await using var server = await KeyedServer.StartAsync();
        Assert.Equal(0, (await server.AskAsync(server.Admin, "tenants", "create", "acme")).Status);
        foreach (var scope in new[] { "admin", "internal" })
        {
            var (status, output, error) = await server.AskAsync(server.Admin, "keys", "create", "--tenant", "acme", "--scope", scope);
            Assert.Equal((1, ""), (status, output));
            Assert.Contains("SCOPE_INVALID", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Internal_Caller_NamesItsTenantAndNobodyElseMay()
    {
        await using var server = await KeyedServer.StartAsync();
        await server.AskAsync(server.Admin, "tenants", "create", "acme");
        var (service, own) = (await server.KeyAsync("default", "internal"), await server.KeyAsync("acme", "read"));
        Assert.Equal("TENANT_MISSING", await ReasonAsync(service, null));
        Assert.Equal("TENANT_UNKNOWN", await ReasonAsync(service, "nobody"));
        Assert.Equal("", await ReasonAsync(service, "acme"));
        Assert.Equal("", await ReasonAsync(own, "acme"));
        Assert.Equal("TENANT_FORBIDDEN", await ReasonAsync(own, "default"));
        Assert.Equal("TENANT_FORBIDDEN", await ReasonAsync(own, "nobody"));

        async Task<string> ReasonAsync(string key, string? tenant)
        {
            try
            {
                var headers = new Metadata();
                if (tenant is not null)
                {
                    headers.Add(AccessHeaders.Tenant, tenant);
                }

                await new MetricsService.MetricsServiceClient(server.Calls(key)).GetOverviewAsync(new GetOverviewRequest(), headers, cancellationToken: Ct);
                return "";
            }
            catch (RpcException failure)
            {
                return KeyedServer.ReasonOf(failure);
            }
        }
    }

    [Fact]
    public async Task Keys_RotatedAndRevoked_EndAlsoWithinAStreamThatIsOpen()
    {
        await using var server = await KeyedServer.StartAsync();
        var old = await server.KeyAsync("default", "ingest", "read");
        var rotated = await server.AskAsync(server.Admin, "keys", "rotate", old[6..18], "--overlap", "1d");
        Assert.Equal(0, rotated.Status);
        var next = rotated.Output.Trim();
        await Overview(server, old);
        await Overview(server, next);
        using var stream = new IngestionService.IngestionServiceClient(server.Calls(old)).StreamFacts(cancellationToken: Ct);
        await stream.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Fact("1") } }, Ct);
        Assert.True(await stream.ResponseStream.MoveNext(Ct));
        Assert.Equal(0, (await server.AskAsync(server.Admin, "keys", "revoke", old[6..18])).Status);
        Assert.Equal("KEY_REVOKED", KeyedServer.ReasonOf(await Assert.ThrowsAsync<RpcException>(async () => await Overview(server, old))));
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await stream.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Fact("2") } }, Ct);
            while (await stream.ResponseStream.MoveNext(Ct))
            {
            }
        });
        Assert.Equal("KEY_REVOKED", KeyedServer.ReasonOf(failure));
        await Overview(server, next);
        var (_, listed, _) = await server.AskAsync(server.Admin, "keys", "list", "--ended", "--format", "csv");
        Assert.Contains(old[6..18], listed, StringComparison.Ordinal);
        Assert.DoesNotContain(old[19..], listed, StringComparison.Ordinal);
        var (_, audit, _) = await server.AskAsync(server.Admin, "audit", "--format", "csv");
        Assert.Contains($"key {server.Admin[6..18]},RevokeKey,key {old[6..18]}", audit, StringComparison.Ordinal);
        Assert.Contains("local ", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_OfATenant_RefuseWithADelayAndLeaveOthersAlone()
    {
        await using var server = await KeyedServer.StartAsync();
        await server.AskAsync(server.Admin, "tenants", "create", "acme", "--calls-per-second", "2", "--facts-per-second", "10");
        var (slow, fast) = (await server.KeyAsync("acme", "ingest", "read"), await server.KeyAsync("default", "ingest", "read"));
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Overview(server, slow);
            }
        });
        Assert.Equal((StatusCode.ResourceExhausted, "RATE_LIMITED"), (failure.StatusCode, KeyedServer.ReasonOf(failure)));
        Assert.InRange(failure.ToRichStatus()!.Details.Single(detail => detail.Is(RetryInfo.Descriptor)).Unpack<RetryInfo>().RetryDelay.ToTimeSpan(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++)
        {
            await Overview(server, fast);
        }

        await server.AskAsync(server.Admin, "tenants", "update", "acme", "--calls-per-second", "0");
        var ingestion = new IngestionService.IngestionServiceClient(server.Calls(slow));
        await ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Enumerable.Range(0, 10).Select(i => Fact($"a{i}")) } }, cancellationToken: Ct);
        failure = await Assert.ThrowsAsync<RpcException>(async () => await ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Enumerable.Range(0, 10).Select(i => Fact($"b{i}")) } }, cancellationToken: Ct));
        Assert.Equal("RATE_LIMITED", KeyedServer.ReasonOf(failure));

        // A stream is slowed, and refused nothing.
        using var stream = ingestion.StreamFacts(cancellationToken: Ct);
        await stream.RequestStream.WriteAsync(new StreamFactsRequest { Facts = { Enumerable.Range(0, 10).Select(i => Fact($"c{i}")) } }, Ct);
        await stream.RequestStream.CompleteAsync();
        var recorded = 0L;
        while (await stream.ResponseStream.MoveNext(Ct))
        {
            recorded = stream.ResponseStream.Current.RecordedCount;
        }

        Assert.Equal(10, recorded);
    }

    [Fact]
    public async Task Admin_BadRequests_AreToldWhatIsWrong()
    {
        await using var server = await KeyedServer.StartAsync();
        var admin = new AdminService.AdminServiceClient(server.Calls(server.Admin));
        async Task<string> Of(Func<Task> call) => KeyedServer.ReasonOf(await Assert.ThrowsAsync<RpcException>(call));
        Assert.Equal("FIELD_MISSING", await Of(async () => await admin.CreateKeyAsync(new CreateKeyRequest(), cancellationToken: Ct)));
        Assert.Equal("SCOPE_INVALID", await Of(async () => await admin.CreateKeyAsync(new CreateKeyRequest { Scopes = { (Scope)99 } }, cancellationToken: Ct)));
        Assert.Equal("TENANT_UNKNOWN", await Of(async () => await admin.CreateKeyAsync(new CreateKeyRequest { Tenant = "nobody", Scopes = { Scope.Read } }, cancellationToken: Ct)));
        Assert.Equal("FIELD_INVALID", await Of(async () => await admin.CreateKeyAsync(new CreateKeyRequest { Scopes = { Scope.Read }, Label = new string('x', 201) }, cancellationToken: Ct)));
        Assert.Equal("FIELD_INVALID", await Of(async () => await admin.CreateTenantAsync(new CreateTenantRequest { Id = "No" }, cancellationToken: Ct)));
        Assert.Equal("FIELD_INVALID", await Of(async () => await admin.CreateTenantAsync(new CreateTenantRequest { Id = "a", Spread = 33 }, cancellationToken: Ct)));
        Assert.Equal("TENANT_EXISTS", await Of(async () => await admin.CreateTenantAsync(new CreateTenantRequest { Id = "default" }, cancellationToken: Ct)));
        Assert.Equal("TENANT_UNKNOWN", await Of(async () => await admin.UpdateTenantAsync(new UpdateTenantRequest { Id = "nobody" }, cancellationToken: Ct)));
        Assert.Equal("KEY_UNKNOWN", await Of(async () => await admin.RevokeKeyAsync(new RevokeKeyRequest { Id = "bcdfghjkmnpq" }, cancellationToken: Ct)));
        Assert.Equal("PAGE_TOKEN_INVALID", await Of(async () => await admin.ListKeysAsync(new ListKeysRequest { PageToken = "x" }, cancellationToken: Ct)));

        // Who gives the whole key for its id must not read it in the error.
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await admin.RevokeKeyAsync(new RevokeKeyRequest { Id = server.Admin }, cancellationToken: Ct));
        Assert.DoesNotContain(server.Admin[19..], failure.ToString(), StringComparison.Ordinal);
    }

    private static async Task Overview(KeyedServer server, string key) =>
        await new MetricsService.MetricsServiceClient(server.Calls(key)).GetOverviewAsync(new GetOverviewRequest(), cancellationToken: Ct);

    private static Fact Fact(string id) => new()
    {
        Source = "test",
        EventId = id,
        CustomerId = "c",
        OccurTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc)),
        UsageRecorded = new UsageRecorded { Meter = "calls", Quantity = 1 },
    };
}
