using Churn.ServiceDefaults.Bus;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Churn.ServiceDefaults.Tests.Streams;

/// <summary>A file that readers of a stream write to, and the readers.</summary>
internal sealed class ReaderFile : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<Reader> _readers = [];

    public ReaderFile() => Database = Database.Open(_folder.File("reader.db"), new DatabaseOptions { Name = "reader", Migrations = [LeaseTable.Schema, KeepingHandler.Schema] });

    public Database Database { get; }

    public Reader Start(IStreamSource source, IStreamBus bus, string owner = "a", TimeProvider? leaseClock = null, Action<IReadOnlyList<ShardPage>>? applying = null)
    {
        var reader = new Reader(this, source, bus, owner, leaseClock ?? TimeProvider.System, applying);
        _readers.Add(reader);
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
        {
            await reader.StopAsync();
        }

        Database.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A consumer that keeps what it applies.</summary>
internal sealed class Reader
{
    public Reader(ReaderFile file, IStreamSource source, IStreamBus bus, string owner, TimeProvider leaseClock, Action<IReadOnlyList<ShardPage>>? applying)
    {
        Handler = new KeepingHandler(file.Database) { Applying = applying };
        Leases = new LeaseHolder(new LeaseTable(file.Database, leaseClock), owner, $"http://{owner}", leaseClock, NullLogger.Instance);
        var options = new StreamConsumerOptions
        {
            Stream = "things",
            MostBytes = 4096,
            Silence = TimeSpan.FromMilliseconds(20),
            LongestBackoff = TimeSpan.FromMilliseconds(10),
        };
        Consumer = new StreamConsumer(options, source, Handler, Leases, bus, TimeProvider.System, NullLogger<StreamConsumer>.Instance);
        Assert.True(Consumer.StartAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    public KeepingHandler Handler { get; }

    public LeaseHolder Leases { get; }

    public StreamConsumer Consumer { get; }

    public async Task StopAsync()
    {
        await Consumer.StopAsync(CancellationToken.None);
        Consumer.Dispose();
    }

    /// <summary>Waits until all that a log has is applied.</summary>
    public Task ReachAsync(StreamLog log) =>
        Consumer.WaitAppliedAsync(ConsistencyToken.Of(log.Heads().Select(head => (head.Shard, head.Offset))), CancellationToken.None).WaitAsync(Eventually.Longest);
}

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(60);

    public static Task IsAsync(Func<bool> condition) => IsAsync(() => Task.FromResult(condition()));

    public static async Task IsAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Longest, "It has not come to pass.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
