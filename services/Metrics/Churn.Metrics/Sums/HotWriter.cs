using Churn.Metrics.Books;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;

namespace Churn.Metrics.Sums;

/// <summary>Writes the sums that changed to Redis, behind the commits and never before them.</summary>
internal sealed class HotWriter(HotFields fields, Shelf shelf, ILedgerProgress progress, HotStore store, TimeProvider clock) : BackgroundService
{
    private const int AtOnce = 64;

    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LivesOn = TimeSpan.FromHours(1);

    private int _day = int.MinValue;
    private long _renewed;

    /// <summary>Writes what is dirty once; false where Redis has not acknowledged all of it.</summary>
    internal async Task<bool> RoundAsync()
    {
        var today = Reader.TodayOf(clock);
        if (today != _day || clock.GetElapsedTime(_renewed) >= LivesOn)
        {
            (_day, _renewed) = (today, clock.GetTimestamp());
            fields.DirtyAll();
        }

        // Looked at first: what is closed then is applied, and so in what is taken.
        var round = Take();
        var written = new HashSet<DirtyField>();
        foreach (var some in round.Fields.Chunk(AtOnce))
        {
            var writing = some.Select(field => (field, Done: Write(field, today))).ToList();
            foreach (var (field, done) in writing)
            {
                if (await done)
                {
                    written.Add(field);
                }
            }

            if (written.Count == 0)
            {
                break;
            }
        }

        fields.Done(round, written);
        return written.Count == round.Fields.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            // Taken first, so that a change in between is written at the next turn.
            var changed = fields.NextChange;
            var began = clock.GetTimestamp();
            var worked = await RoundAsync();

            // A round that takes long leaves most of the time to others.
            var pause = clock.GetElapsedTime(began) * 4;
            pause = !worked ? Every : pause < Together ? Together : pause;
            await Task.WhenAny(changed, Task.Delay(Every, clock, stoppingToken)).ConfigureAwait(false);
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private HotFields.Round Take()
    {
        Span<ShardProgress> shards = stackalloc ShardProgress[Shards.Count];
        progress.Look(shards);
        return fields.Take(shards);
    }

    private Task<bool> Write(DirtyField field, int today)
    {
        // A shard that was given up meanwhile is its next owner's to write.
        if (shelf.BooksOf(field.Tenant, default(ShardSet).With(field.Shard)) is not [var book])
        {
            return Task.FromResult(true);
        }

        var vocabulary = shelf.Vocabulary;
        var contents = new Dictionary<int, V1.HotField> { [SumsKey.All] = new() };
        foreach (var attribute in shelf.Kept)
        {
            contents.Add(attribute, new V1.HotField());
        }

        var packer = new SumsPacker(plan => plan);
        var state = LedgerState.Of(default, [book], vocabulary);
        book.ReadSums(today, (key, sums) =>
        {
            Array.ForEach(sums, window => window.Carry(packer));
            contents[key.Attribute].Windows.Add(new V1.CurrencyWindows
            {
                Currency = vocabulary.Plans.Currencies[key.Currency],
                Windows = new V1.PartWindows { Part = key.Attribute == SumsKey.All ? "" : vocabulary.Values[key.Value], Sums = UnsafeByteOperations.UnsafeWrap(packer.Take()) },
            });
        });
        return store.WriteAsync(field.Shard, [.. contents.Select(content =>
        {
            content.Value.Life = field.Life;
            content.Value.Currencies.AddRange(state.Currencies);
            content.Value.Attributes.AddRange(state.Attributes);
            return (HotStore.KeyOf(field.Tenant, content.Key == SumsKey.All ? "" : vocabulary.Attributes[content.Key]), HotValue.Write(field, today, content.Value));
        })]);
    }
}
