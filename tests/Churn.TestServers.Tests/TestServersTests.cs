using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Churn.TestServers.Tests;

public sealed class TestServersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_KilledAndStartedAgain_HasItsRows()
    {
        await using var postgres = await PostgresServer.StartAsync(Cancellation);
        await postgres.CreateDatabaseAsync("one", Cancellation);
        await postgres.ExecuteAsync("CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)", Cancellation, "one");
        Assert.Equal("on", await postgres.ExecuteAsync("SHOW fsync", Cancellation));
        postgres.Kill();
        await Assert.ThrowsAsync<InvalidOperationException>(() => postgres.ExecuteAsync("SELECT 1", Cancellation));
        await postgres.RestartAsync(Cancellation);
        Assert.Equal("7", await postgres.ExecuteAsync("SELECT value FROM kept", Cancellation, "one"));
        await postgres.StopAsync(Cancellation);
        Assert.False(postgres.IsRunning);
    }

    [Fact]
    public async Task Postgres_Frozen_AnswersWhenItIsThawed()
    {
        await using var postgres = await PostgresServer.StartAsync(Cancellation);
        postgres.Freeze();
        var answer = postgres.ExecuteAsync("SELECT 1", Cancellation);
        await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation));
        Assert.False(answer.IsCompleted);
        postgres.Thaw();
        Assert.Equal("1", await answer);
    }

    [Fact]
    public async Task Postgres_WithASettingThatIsNone_SaysWhyItDoesNotStart()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => PostgresServer.StartAsync(Cancellation, "no_such=1"));
        Assert.Contains("no_such", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PgBouncer_BeforePostgres_PoolsByTransaction()
    {
        await using var postgres = await PostgresServer.StartAsync(Cancellation);
        await postgres.ExecuteAsync("CREATE ROLE reader LOGIN PASSWORD 'r'", Cancellation);
        await using var bouncer = await PgBouncerServer.StartAsync(postgres, Cancellation);
        Assert.Equal("1", await AskAsync(PostgresServer.User, PostgresServer.Password));
        Assert.Equal("1", await AskAsync("reader", "r"));
        Assert.Contains("authentication failed", await AskAsync("reader", "wrong"), StringComparison.Ordinal);
        bouncer.Kill();
        await bouncer.RestartAsync(Cancellation);
        Assert.Equal("1", await AskAsync("reader", "r"));

        async Task<string> AskAsync(string user, string password)
        {
            var start = new ProcessStartInfo("psql", ["-X", "-At", "-h", "127.0.0.1", "-p", bouncer.Port.ToString(CultureInfo.InvariantCulture), "-U", user, "-d", "postgres", "-c", "SELECT 1"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                Environment = { ["PGPASSWORD"] = password },
            };
            using var client = Process.Start(start)!;
            return (await client.StandardOutput.ReadToEndAsync(Cancellation) + await client.StandardError.ReadToEndAsync(Cancellation)).TrimEnd();
        }
    }

    [Fact]
    public async Task Redis_KilledAndStartedAgain_HasItsKeys()
    {
        await using var redis = await RedisServer.StartAsync(Cancellation, "--maxmemory", "10mb");
        Assert.Equal("OK", await redis.ExecuteAsync(Cancellation, "SET", "kept", "7"));
        redis.Kill();
        await redis.RestartAsync(Cancellation);
        Assert.Equal("7", await redis.ExecuteAsync(Cancellation, "GET", "kept"));
        Assert.Contains("10485760", await redis.ExecuteAsync(Cancellation, "CONFIG", "GET", "maxmemory"), StringComparison.Ordinal);
        await redis.StopAsync(Cancellation);
        Assert.False(redis.IsRunning);
    }

    [Fact]
    public async Task RabbitMq_KilledAndStartedAgain_HasItsUsersUntilItsDiskIsLost()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Cancellation);
        Assert.StartsWith("AMQP", await GreetAsync(rabbit), StringComparison.Ordinal);
        await rabbit.ExecuteAsync(Cancellation, "add_user", "kept", "secret");
        rabbit.Kill();
        await Assert.ThrowsAsync<SocketException>(() => GreetAsync(rabbit));
        await rabbit.RestartAsync(Cancellation);
        Assert.Contains("kept", await rabbit.ExecuteAsync(Cancellation, "list_users"), StringComparison.Ordinal);
        rabbit.LoseDisk();
        await rabbit.RestartAsync(Cancellation);
        Assert.DoesNotContain("kept", await rabbit.ExecuteAsync(Cancellation, "list_users"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Toxiproxy_CutAndHealed_EndsAndLetsThrough()
    {
        await using var proxy = await Toxiproxy.StartAsync(Cancellation);
        await using var redis = await RedisServer.StartAsync(Cancellation);
        var port = await proxy.OpenAsync("redis", redis.Port, Cancellation);
        using var way = new TcpClient();
        await way.ConnectAsync("127.0.0.1", port, Cancellation);
        await proxy.CutAsync("redis", Cancellation);
        Assert.Equal(0, await way.GetStream().ReadAsync(new byte[1], Cancellation));
        await proxy.HealAsync(Cancellation);
        await proxy.AddAsync("redis", "latency", downstream: true, new { latency = 300 }, Cancellation);
        using var slow = new TcpClient();
        await slow.ConnectAsync("127.0.0.1", port, Cancellation);
        var since = TimeProvider.System.GetTimestamp();
        await slow.GetStream().WriteAsync("PING\r\n"u8.ToArray(), Cancellation);
        Assert.Equal(7, await slow.GetStream().ReadAtLeastAsync(new byte[7], 7, throwOnEndOfStream: false, Cancellation));
        Assert.True(TimeProvider.System.GetElapsedTime(since) >= TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task Server_OfAProcessThatIsKilled_EndsWithIt()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        if (Environment.GetEnvironmentVariable("CHURN_TEST_SERVERS_CHILD") is not null)
        {
            var orphan = await RedisServer.StartAsync(Cancellation);
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"port {orphan.Port} in {orphan.Folder}"));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Cancellation);
        }

        var start = new ProcessStartInfo("dotnet", ["exec", typeof(TestServersTests).Assembly.Location, "-method", $"*.{nameof(Server_OfAProcessThatIsKilled_EndsWithIt)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
                UseShellExecute = false,
            Environment = { ["CHURN_TEST_SERVERS_CHILD"] = "1" },
        };
        using var process = Process.Start(start)!;
        var words = (await process.StandardError.ReadLineAsync(Cancellation))!.Split(' ');
        var port = int.Parse(words[1], CultureInfo.InvariantCulture);
        using (var before = new TcpClient())
        {
            await before.ConnectAsync("127.0.0.1", port, Cancellation);
        }

        process.Kill();
        while (true)
        {
            try
            {
                using var after = new TcpClient();
                await after.ConnectAsync("127.0.0.1", port, Cancellation);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
            }
            catch (SocketException)
            {
                break;
            }
        }

        Directory.Delete(words[^1], recursive: true);
    }

    private static async Task<string> GreetAsync(RabbitMqServer rabbit)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", rabbit.Port, Cancellation);
        await client.GetStream().WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 }, Cancellation);
        var answer = new byte[1];
        await client.GetStream().ReadExactlyAsync(answer, Cancellation);

        // A method frame on channel 0: Connection.Start.
        return answer[0] == 1 ? "AMQP" : Encoding.Latin1.GetString(answer);
    }
}
