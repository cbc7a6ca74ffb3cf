using Churn.Access.V1;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using FsCheck.Fluent;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Churn.ServiceDefaults.Tests.Access;

public sealed class AccessStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero));
    private readonly Database _database;
    private readonly AccessStore _store;

    public AccessStoreTests()
    {
        _database = Database.Open(_folder.File("access.db"), AccessStore.Options);
        _store = new AccessStore(_database, _clock);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Default_Tenant_IsThereFromTheStartAndStaysAsItWasMade()
    {
        var made = _store.FindTenant("default")!;
        Assert.Equal(("default", 32), (made.Id, made.Spread));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(made, new AccessStore(_database, _clock).FindTenant("default"));
    }

    [Fact]
    public void AddTenant_Twice_GivesTheFirst()
    {
        var (first, isNew) = _store.AddTenant("a", new Tenant("acme", "Acme", 4, 0, default));
        Assert.True(isNew);
        var (second, again) = _store.AddTenant("a", new Tenant("acme", "Other", 8, 0, default));
        Assert.False(again);
        Assert.Equal(first, second);
        Assert.Single(_store.Entries("tenant acme", long.MaxValue, 10));
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("a", true)]
    [InlineData("0-9", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("Acme", false)]
    [InlineData("a_b", false)]
    [InlineData("a'b", false)]
    [InlineData("a\u00e9", false)]
    public void IsId_Text_IsOneOfTheLettersAlone(string text, bool expected) => Assert.Equal(expected, Tenant.IsId(text));

    [Fact]
    public void IsId_Length_EndsAt63() =>
        Assert.Equal((true, false), (Tenant.IsId(new string('a', 63)), Tenant.IsId(new string('a', 64))));

    [Fact]
    public void Keys_Secrets_AreNowhereInTheFile()
    {
        var (key, text) = _store.AddKey("a", "default", ScopeSet.Internal, "label", null)!.Value;
        _store.RotateKey("a", key.Id, TimeSpan.FromDays(1), null);
        _database.Dispose();
        var bytes = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(_folder.File("access.db")));
        Assert.Contains(key.Id, bytes, StringComparison.Ordinal);
        Assert.DoesNotContain(text[19..], bytes, StringComparison.Ordinal);
    }

    [Fact]
    public void Admit_Keys_AreGoodUntilTheyExpireOrAreRevoked()
    {
        var ring = new KeyRing(_store, _clock);
        var (_, good) = _store.AddKey("a", "default", ScopeSet.Internal, "", null)!.Value;
        var (_, short_) = _store.AddKey("a", "default", ScopeSet.Internal, "", _store.Now() + 60_000_000)!.Value;
        var (revoked, text) = _store.AddKey("a", "default", ScopeSet.Internal, "", null)!.Value;
        ring.Admit(good);
        ring.Admit(short_);
        ring.Admit(text);
        _store.RevokeKey("a", revoked.Id);
        ring.Admit(text);
        _clock.Advance(KeyRing.Memory);
        Assert.Equal("KEY_REVOKED", Refused(() => ring.Admit(text)));
        Assert.Equal("KEY_REVOKED", Refused(() => ring.Again(revoked.Id)));
        _clock.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal("KEY_EXPIRED", Refused(() => ring.Admit(short_)));
        ring.Admit(good);
        Assert.Equal("KEY_UNKNOWN", Refused(() => ring.Admit(good[..^1] + (good[^1] == 'A' ? 'Q' : 'A'))));
        Assert.Equal("KEY_UNKNOWN", Refused(() => ring.Admit(KeyText.Create().Text)));
        Assert.Equal("KEY_UNKNOWN", Refused(() => ring.Admit("Bearer")));
    }

    [Fact]
    public void Admit_AKeyAgain_ReadsTheDatabaseOnceInAWhileAlsoWhereThereIsNone()
    {
        var ring = new KeyRing(_store, _clock);
        var (_, good) = _store.AddKey("a", "default", ScopeSet.Internal, "", null)!.Value;
        var wrong = KeyText.Create().Text;
        ring.Admit(good);
        Assert.Equal("KEY_UNKNOWN", Refused(() => ring.Admit(wrong)));

        // A database that is closed answers nothing: what is answered now is remembered.
        _database.Dispose();
        ring.Admit(good);
        Assert.Equal("KEY_UNKNOWN", Refused(() => ring.Admit(wrong)));
        _clock.Advance(KeyRing.Memory);
        Assert.Throws<ObjectDisposedException>(() => ring.Admit(good));
        Assert.Throws<ObjectDisposedException>(() => ring.Admit(wrong));
    }

    [Fact]
    public void Rotate_Key_GoesOnForTheOverlapAndNoLongerThanItWould()
    {
        var ring = new KeyRing(_store, _clock);
        var (key, text) = _store.AddKey("a", "default", ScopeSet.Parse("ingest,read")!.Value, "export", _store.Now() + 3_600_000_000)!.Value;
        var (old, next, nextText) = _store.RotateKey("b", key.Id, TimeSpan.FromDays(1), null)!.Value;
        Assert.Equal(key.ExpireTime, old.ExpireTime);
        Assert.Equal((key.Tenant, key.Scopes, key.Label, (long?)null), (next.Tenant, next.Scopes, next.Label, next.ExpireTime));
        ring.Admit(text);
        ring.Admit(nextText!);
        (old, _, _) = _store.RotateKey("b", next.Id, TimeSpan.FromMinutes(1), null)!.Value;
        Assert.Equal(_store.Now() + 60_000_000, old.ExpireTime);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("KEY_EXPIRED", Refused(() => ring.Admit(nextText!)));
        Assert.Null(_store.RotateKey("b", next.Id, TimeSpan.Zero, null)!.Value.Text);
        Assert.Null(_store.RotateKey("b", "bbbbbbbbbbbb", TimeSpan.Zero, null));
    }

    [Fact]
    public void Audit_OfEachChange_SaysWhoWhenWhatAndAboutWhat()
    {
        _store.AddTenant("key k", new Tenant("acme", "Acme", 1, 0, default));
        _store.ChangeTenant("key k", "acme", tenant => tenant);
        _store.ChangeTenant("key k", "acme", tenant => tenant with { Name = "Acme Inc.", Limits = new TenantLimits(1, 2, 3) });
        var (key, _) = _store.AddKey("key k", "acme", ScopeSet.Parse("read")!.Value, "x", null)!.Value;
        _store.RevokeKey("local root", key.Id);
        _store.RevokeKey("local root", key.Id);
        var all = _store.Entries("", long.MaxValue, 10);
        Assert.Equal(
            [("local root", "RevokeKey", $"key {key.Id}"), ("key k", "CreateKey", $"key {key.Id}"), ("key k", "UpdateTenant", "tenant acme"), ("key k", "CreateTenant", "tenant acme")],
            all.Select(entry => (entry.Actor, entry.Action, entry.Subject)));
        Assert.All(all, entry => Assert.Equal(_store.Now(), entry.Time));
        Assert.Equal("name \"Acme Inc.\", calls a second 1, facts a second 2, facts a month 3; before: name \"Acme\", calls a second 0, facts a second 0, facts a month 0", all[2].Detail);
        Assert.Equal(all.Skip(2), _store.Entries("", all[1].Id, 10));
    }

    [Fact]
    public void Law_Bucket_NeverGivesMoreThanItsRateAndASecondsWorth() => Law.Holds(
        Gen.Zip(Gen.Choose(1, 50), Gen.ListOf(Gen.Zip(Gen.Choose(1, 80), Gen.Choose(0, 400)), 60)).ToArbitrary(),
        of =>
        {
            var (rate, asks) = of;
            var clock = new FakeTimeProvider();
            var bucket = new Bucket();
            var (taken, last) = (0L, 0L);
            var began = clock.GetTimestamp();
            foreach (var (count, pause) in asks)
            {
                clock.Advance(TimeSpan.FromMilliseconds(pause));
                if (bucket.Take(count, rate, clock.GetTimestamp(), clock) is not { } wait)
                {
                    (taken, last) = (taken + count, count);
                }
                else
                {
                    // Who waits as long as it is told gets it.
                    clock.Advance(wait);
                    Assert.Null(bucket.Take(count, rate, clock.GetTimestamp(), clock));
                    (taken, last) = (taken + count, count);
                }
            }

            // One batch may be larger than a second's worth, and leaves a debt.
            var seconds = clock.GetElapsedTime(began).TotalSeconds;
            Assert.True(taken <= (rate * (seconds + 1)) + Math.Max(0, last - rate) + 1e-6, $"{taken} in {seconds} s at {rate}");
        });

    [Fact]
    public void TakeFacts_Month_EndsAtTheQuotaAndBeginsAgain()
    {
        var tenant = new Tenant("acme", "Acme", 1, 0, new TenantLimits(0, 0, 1_000));
        var meters = new TenantMeters(_store, _clock);
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.Null(meters.TakeFacts(tenant, 400));
        Assert.Null(meters.TakeFacts(tenant, 600));
        var failure = Assert.Throws<RpcException>(() => meters.TakeFacts(tenant, 1));
        Assert.Equal((StatusCode.ResourceExhausted, "QUOTA_EXHAUSTED"), (failure.StatusCode, ReasonOf(failure)));
        Assert.Equal(TimeSpan.FromHours(1), failure.ToRichStatus()!.Details[1].Unpack<RetryInfo>().RetryDelay.ToTimeSpan());

        // Another process learns of it when it is written.
        _store.Note(new Dictionary<string, long>(), meters.TakeSent());
        Assert.Equal(1_000, _store.FactsOf("acme", "2026-01"));
        Assert.Throws<RpcException>(() => new TenantMeters(_store, _clock).TakeFacts(tenant, 1));
        Assert.Throws<RpcException>(() => meters.TakeFacts(tenant, 1));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(meters.TakeFacts(tenant, 1_000));
    }

    [Fact]
    public void Note_KeyUses_AreKeptAndNeverGoBack()
    {
        var (key, _) = _store.AddKey("a", "default", ScopeSet.Internal, "", null)!.Value;
        Assert.Null(_store.FindKey(key.Id)!.LastUseTime);
        _store.Note(new Dictionary<string, long> { [key.Id] = 5 }, new Dictionary<(string, string), long>());
        _store.Note(new Dictionary<string, long> { [key.Id] = 3 }, new Dictionary<(string, string), long>());
        Assert.Equal(5, _store.FindKey(key.Id)!.LastUseTime);
    }

    [Fact]
    public void Rule_OfEveryCallOfTheSuite_IsInItsProto()
    {
        var methods = typeof(ScopeReflection).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", typeof(FileDescriptor))?.GetValue(null) as FileDescriptor).OfType<FileDescriptor>()
            .SelectMany(file => file.Services).Where(service => service.FullName.StartsWith("churn.", StringComparison.Ordinal)).SelectMany(service => service.Methods).ToList();
        Assert.True(methods.Count >= 50, $"{methods.Count} calls were found");
        Assert.Empty(methods.Where(method => MethodRules.ScopeOf(method) == Scope.Unspecified).Select(method => method.FullName));
        Assert.All(methods.Where(method => method.Service.FullName.Contains(".admin.", StringComparison.Ordinal)), method => Assert.Equal(Scope.Admin, MethodRules.ScopeOf(method)));
        Assert.All(methods.Where(method => method.Service.FullName.Contains(".streams.", StringComparison.Ordinal)), method => Assert.Equal(Scope.Internal, MethodRules.ScopeOf(method)));
    }

    private static string Refused(Action act) => ReasonOf(Assert.Throws<RpcException>(act));

    private static string ReasonOf(RpcException failure) => failure.ToRichStatus()!.Details[0].Unpack<ErrorInfo>().Reason;
}
