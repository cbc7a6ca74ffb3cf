using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Churn.Metrics.Sums;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Streams;
using Churn.TestServers;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Churn.Metrics.Tests.Sums;

public sealed class HotSumsTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private static readonly string All = HotStore.KeyOf(Tenants.Default, "");

    [Fact]
    public async Task Law_AReadThroughRedis_IsTheOwnersScanAtEveryStep()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        Law.Holds(Arb.From(Gen.Choose(0, int.MaxValue)), seed => HoldsAsync(redis, new RandomHistories((ulong)seed)).GetAwaiter().GetResult(), times: 3);
    }

    [Theory]
    [InlineData("flushed")]
    [InlineData("of another type")]
    [InlineData("damaged")]
    [InlineData("of another tenant's making")]
    public async Task Read_WhenRedisLies_IsRightAndThenMended(string how)
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var replicas = await FilledAsync(HotStore.Parse(redis.Endpoint));
        Assert.Equal(V1.FiguresSource.HotSums, await replicas.ReadAsync());
        Assert.Equal(V1.FiguresSource.HotSums, await replicas.ReadAsync("country"));
        switch (how)
        {
            case "flushed":
                await redis.ExecuteAsync(Token, "FLUSHALL");
                break;
            case "of another type":
                await redis.ExecuteAsync(Token, "SET", All, "nonsense");
                break;
            case "damaged":
                await redis.ExecuteAsync(Token, "HSET", All, "3", new string('9', HotValue.VersionLength) + "nonsense");
                break;
            default:
                await redis.ExecuteAsync(Token, "DEL", All);
                await redis.ExecuteAsync(Token, "HSET", All, "nonsense", "nonsense", "77", "x", "3", "");
                break;
        }

        await PassAsync(replicas);
        Assert.Equal(V1.FiguresSource.Owners, await replicas.ReadAsync());

        // The owners were asked, and write what was not found; what bears a later version stays until its key has ended.
        await replicas.WriteAllAsync();
        await replicas.HearAsync();
        Assert.Equal(how == "damaged" ? V1.FiguresSource.Owners : V1.FiguresSource.HotSums, await replicas.ReadAsync());
    }

    [Fact]
    public async Task Read_WhenRedisIsRestoredFromYesterday_IsRight()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var replicas = await FilledAsync(HotStore.Parse(redis.Endpoint));
        await redis.StopAsync(Token);
        var (data, kept) = (Path.Combine(redis.Folder, "appendonlydir"), Path.Combine(redis.Folder, "yesterday"));
        Copy(data, kept);
        await redis.RestartAsync(Token);
        var random = new RandomHistories(2);
        await replicas.ApplyAsync(Enumerable.Range(100, 60).SelectMany(i => random.Of($"c{i}")));
        await replicas.WriteAllAsync();
        await replicas.HearAsync();
        await ReadFromAsync(replicas, V1.FiguresSource.HotSums);

        await redis.StopAsync(Token);
        Directory.Delete(data, recursive: true);
        Copy(kept, data);
        await redis.RestartAsync(Token);
        Assert.NotEqual("0", await redis.ExecuteAsync(Token, "HLEN", All));
        await PassAsync(replicas);
        await replicas.WriteAllAsync();
        Assert.Equal(V1.FiguresSource.Owners, await replicas.ReadAsync());
        await PassAsync(replicas);
        await replicas.ReadAsync();
        await replicas.WriteAllAsync();
        await ReadFromAsync(replicas, V1.FiguresSource.HotSums);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_WhenRedisStandsStillOrIsGone_IsRightAndSoon(bool frozen)
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var replicas = await FilledAsync(HotStore.Parse(redis.Endpoint));
        if (frozen)
        {
            redis.Freeze();
        }
        else
        {
            redis.Kill();
        }

        await PassAsync(replicas);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(V1.FiguresSource.Owners, await replicas.ReadAsync());
            await PassAsync(replicas);
        }

        // Facts are applied all the same, and the fields stay dirty.
        await replicas.ApplyAsync([RandomHistories.Starts("late", "late", 5_000_000, replicas.Desk.Clock.GetUtcNow())]);
        Assert.False(await WrittenAsync(replicas));
        await replicas.HearAsync();
        Assert.Equal(V1.FiguresSource.Owners, await replicas.ReadAsync());
        if (frozen)
        {
            redis.Thaw();
        }
        else
        {
            await redis.RestartAsync(Token);
        }

        await replicas.WriteAllAsync();
        await ReadFromAsync(replicas, V1.FiguresSource.HotSums);
    }

    [Fact]
    public async Task Read_ByAUserWithoutRights_IsRight()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await redis.ExecuteAsync(Token, "ACL", "SETUSER", "weak", "on", ">secret", "~*", "+ping", "+info", "+client", "+echo");
        var options = HotStore.Parse($"{redis.Endpoint},user=weak,password=secret");
        await using var replicas = await HotReplicas.StartAsync(options);
        await replicas.ApplyAsync([RandomHistories.Starts("s", "c", 5_000_000, replicas.Desk.Clock.GetUtcNow())]);
        Assert.False(await WrittenAsync(replicas));
        await replicas.HearAsync();
        Assert.Equal(V1.FiguresSource.Owners, await replicas.ReadAsync());
        Assert.DoesNotContain("secret", options.ToString(includePassword: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ThroughAClusterOverTls_IsRight()
    {
        using var authority = ECDsa.Create();
        var request = new CertificateRequest("CN=127.0.0.1", authority, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var folder = Directory.CreateTempSubdirectory("churn-tls-").FullName;
        var nodes = new List<RedisServer>();
        try
        {
            var (pem, key) = (Path.Combine(folder, "redis.crt"), Path.Combine(folder, "redis.key"));
            await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem(), Token);
            await File.WriteAllTextAsync(key, authority.ExportPkcs8PrivateKeyPem(), Token);
            for (var node = 0; node < 3; node++)
            {
                nodes.Add(await RedisServer.StartAsync(
                    Token, "--cluster-enabled", "yes", "--cluster-port", FreePorts.Next().ToString(CultureInfo.InvariantCulture), "--tls-port", FreePorts.Next().ToString(CultureInfo.InvariantCulture),
                    "--tls-cert-file", pem, "--tls-key-file", key, "--tls-ca-cert-file", pem, "--tls-auth-clients", "no", "--tls-cluster", "yes", "--requirepass", "se,cret"));
            }

            var endpoints = new List<string>();
            for (var node = 0; node < 3; node++)
            {
                string[] As(params string[] command) => ["-a", "se,cret", "--no-auth-warning", .. command];
                var ports = (await nodes[node].ExecuteAsync(Token, As("CONFIG", "GET", "*-port"))).Split('\n');
                string PortOf(string name) => ports[Array.IndexOf(ports, name) + 1];
                endpoints.Add($"127.0.0.1:{PortOf("tls-port")}");
                await nodes[node].ExecuteAsync(Token, As("CLUSTER", "ADDSLOTSRANGE", $"{node * 5_500}", $"{(node == 2 ? 16_383 : ((node + 1) * 5_500) - 1)}"));
                await nodes[0].ExecuteAsync(Token, As("CLUSTER", "MEET", "127.0.0.1", PortOf("tls-port"), PortOf("cluster-port")));
            }

            foreach (var node in nodes)
            {
                while (!(await node.ExecuteAsync(Token, "-a", "se,cret", "--no-auth-warning", "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
                }
            }

            var options = HotStore.Parse(string.Join(',', endpoints) + ",ssl=true");
            options.Password = "se,cret";
            options.TrustIssuer(pem);
            await using var replicas = await FilledAsync(options);
            await ReadFromAsync(replicas, V1.FiguresSource.HotSums);
            Assert.Equal(V1.FiguresSource.HotSums, await replicas.ReadAsync("country"));
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task WriteAsync_AnEarlierVersion_IsRefused()
    {
        await using var redis = await RedisServer.StartAsync(Token);
        await using var store = new HotStore(HotStore.Parse(redis.Endpoint), TimeProvider.System, NullLogger<HotStore>.Instance);
        async Task<bool> IsThereAsync(long term, long offset, int day)
        {
            var value = HotValue.Write(new DirtyField("t", 5, term, 1, offset, 0), day, new V1.HotField());
            while (!await store.WriteAsync(5, [("k", value)]))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
            }

            return (await store.ReadAsync("k"))![5].AsSpan().SequenceEqual(value);
        }

        Assert.True(await IsThereAsync(2, 99, 7));
        Assert.True(await IsThereAsync(2, 100, 7));
        Assert.False(await IsThereAsync(2, 99, 8));
        Assert.False(await IsThereAsync(1, 500, 8));
        Assert.False(await IsThereAsync(2, 100, 6));
        Assert.True(await IsThereAsync(2, 100, 7));
        Assert.True(await IsThereAsync(2, 100, 8));
        Assert.True(await IsThereAsync(11, 0, 1));
        Assert.InRange(int.Parse(await redis.ExecuteAsync(Token, "TTL", "k"), CultureInfo.InvariantCulture), 1, (int)HotStore.Lifetime.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("redis:notaport,password=secret,nonsense=1")]
    [InlineData("redis:6379,password=secret,nonsense=1")]
    [InlineData("password=secret")]
    public void Parse_WhatIsNoRedis_SaysSoWithoutThePassword(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => HotStore.Parse(text)).ToString(), StringComparison.Ordinal);

    private static async Task HoldsAsync(RedisServer redis, RandomHistories random)
    {
        await redis.ExecuteAsync(Token, "FLUSHALL");
        await using var replicas = await FilledAsync(HotStore.Parse(redis.Endpoint));
        for (var step = 0; step < 14; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    await redis.ExecuteAsync(Token, "FLUSHALL");
                    await PassAsync(replicas);
                    break;
                case 1:
                    await replicas.MoveAsync(shard => random.Next(3) == 0 ? 2 + random.Next(HotReplicas.Owners) : replicas.OwnerOf(shard));
                    break;
                case 2:
                    replicas.Desk.Clock.Advance(TimeSpan.FromHours(24));
                    break;
                case 3 or 4:
                    await replicas.WriteAsync(random.Next(HotReplicas.Owners));
                    break;
                default:
                    await replicas.ApplyAsync(Enumerable.Range(0, 1 + random.Next(6)).SelectMany(i => random.Of($"s{step}c{i}")));
                    break;
            }

            await replicas.HearAsync();
            await replicas.ReadAsync(random.Next(2) == 0 ? "" : "country");
        }

        await replicas.WriteAllAsync();
        await replicas.HearAsync();
        await PassAsync(replicas);
        await replicas.ReadAsync();
    }

    private static async Task<HotReplicas> FilledAsync(StackExchange.Redis.ConfigurationOptions options)
    {
        var replicas = await HotReplicas.StartAsync(options);
        var random = new RandomHistories(1);
        await replicas.ApplyAsync(Enumerable.Range(0, 60).SelectMany(i => random.Of($"c{i}")));
        await replicas.WriteAllAsync();
        await replicas.HearAsync();
        await ReadFromAsync(replicas, V1.FiguresSource.HotSums);
        return replicas;
    }

    // Whoever found Redis failing rests for a second.
    private static async Task ReadFromAsync(HotReplicas replicas, V1.FiguresSource source)
    {
        while (await replicas.ReadAsync() != source)
        {
            await PassAsync(replicas);
            await replicas.WriteAllAsync();
            await replicas.HearAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }

    private static async Task<bool> WrittenAsync(HotReplicas replicas) => await replicas.WriteAsync(0) & await replicas.WriteAsync(1);

    // Long enough for a look to be old, and for a field to be written again that was not found.
    private static async Task PassAsync(HotReplicas replicas)
    {
        replicas.Desk.Clock.Advance(TimeSpan.FromSeconds(1.2));
        await replicas.HearAsync();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
