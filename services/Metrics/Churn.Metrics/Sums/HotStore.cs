using Churn.Metrics.Domain;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Churn.Metrics.Sums;

/// <summary>Reaches Redis, which may be flushed, wrong, slow or gone at any moment: then nothing comes of a call, soon.</summary>
internal sealed partial class HotStore : IAsyncDisposable
{
    /// <summary>Gives how long a key lives that nobody writes; its owner writes it every hour.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(3);

    private static readonly TimeSpan LongestRead = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    // Versions are digits of one length. What is no hash, or no value of ours, is in the way and makes room.
    private const string Script = """
        local refused = 0
        for i, key in ipairs(KEYS) do
          local kind = redis.call('TYPE', key).ok
          if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', key) end
          local value = ARGV[i + 3]
          local length = tonumber(ARGV[2])
          local held = redis.call('HGET', key, ARGV[1])
          local version = held and string.match(string.sub(held, 1, length), '^%d+$')
          if version and #version == length and version > string.sub(value, 1, length) then
            refused = refused + 1
          else
            redis.call('HSET', key, ARGV[1], value)
            redis.call('PEXPIRE', key, ARGV[3])
          end
        end
        return refused
        """;

    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private long _failed;
    private bool _failing;

    /// <summary>Makes it; it connects when it is first used, in the background.</summary>
    public HotStore(ConfigurationOptions options, TimeProvider clock, ILogger<HotStore> logger)
    {
        (_clock, _logger) = (clock, logger);
        _connection = new(() => Task.Run(() => ConnectionMultiplexer.ConnectAsync(options)));
    }

    /// <summary>Reads where Redis is, as StackExchange.Redis writes it: host:port,... and options; Sentinel, Cluster, TLS and users among them.</summary>
    /// <exception cref="FormatException">It cannot be read; the message does not repeat it, for it may hold a password.</exception>
    public static ConfigurationOptions Parse(string text)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(text);
        }
        catch (ArgumentException)
        {
            // The inner exception repeats what was given, a password too.
#pragma warning disable MA0054
            throw new FormatException("takes host:port, more of them separated by commas, and options of StackExchange.Redis such as ssl=true, user=NAME, password=SECRET, serviceName=SENTINEL");
#pragma warning restore MA0054
        }

        if (options.EndPoints.Count == 0)
        {
            throw new FormatException("names no host, such as redis:6379");
        }

        options.AbortOnConnectFail = false;
        options.ClientName = "churn-metrics";
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AsyncTimeout = (int)LongestWrite.TotalMilliseconds;
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, 2_000);
        options.ConnectRetry = 1;
        options.IncludeDetailInExceptions = false;
        return options;
    }

    /// <summary>Gives the key of a tenant's sums by an attribute. What is in braces keeps a tenant's keys together in a cluster, so that one script writes them.</summary>
    public static string KeyOf(string tenant, string attribute) =>
        $"churn:sums:{{{Uri.EscapeDataString(tenant)}}}:{Policy.Standard}{(attribute.Length == 0 ? "" : ":" + attribute)}";

    /// <summary>Writes one shard's field of some keys of a tenant, but not where a later version is; false where Redis has not acknowledged it.</summary>
    public async Task<bool> WriteAsync(int shard, IReadOnlyList<(string Key, byte[] Value)> values)
    {
        try
        {
            var database = (await _connection.Value.WaitAsync(LongestWrite, _clock)).GetDatabase();
            await database.ScriptEvaluateAsync(
                Script,
                [.. values.Select(v => (RedisKey)v.Key)],
                [shard, HotValue.VersionLength, (long)Lifetime.TotalMilliseconds, .. values.Select(v => (RedisValue)v.Value)]).WaitAsync(LongestWrite, _clock);
            Worked();
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            Failed(exception);
            return false;
        }
    }

    /// <summary>Reads all fields of a key by shard; null where Redis does not answer, or did not a moment ago.</summary>
    public async Task<IReadOnlyDictionary<int, byte[]>?> ReadAsync(string key)
    {
        if (Volatile.Read(ref _failed) is not 0 and var failed && _clock.GetElapsedTime(failed) < Rest)
        {
            return null;
        }

        try
        {
            var database = (await _connection.Value.WaitAsync(LongestRead, _clock)).GetDatabase();
            var fields = new Dictionary<int, byte[]>();
            foreach (var entry in await database.HashGetAllAsync(key).WaitAsync(LongestRead, _clock))
            {
                if (entry.Name.TryParse(out int shard) && (byte[]?)entry.Value is { } value)
                {
                    fields[shard] = value;
                }
            }

            return fields;
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // The owners write over it once they are asked.
            return new Dictionary<int, byte[]>();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            Failed(exception);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _connection.Value).DisposeAsync();
        }
    }

    private void Failed(Exception exception)
    {
        Volatile.Write(ref _failed, Math.Max(1, _clock.GetTimestamp()));
        if (!Interlocked.Exchange(ref _failing, true))
        {
            LogFailing(exception.GetType().Name, exception.Message.Split('\n')[0]);
        }
    }

    private void Worked()
    {
        Volatile.Write(ref _failed, 0);
        if (Interlocked.Exchange(ref _failing, false))
        {
            LogWorks();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not keep the sums of rolling windows ({Kind}: {Message}); answers come from the owners of the shards until it does.")]
    private partial void LogFailing(string kind, string message);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis keeps the sums of rolling windows again.")]
    private partial void LogWorks();
}
