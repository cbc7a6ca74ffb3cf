using Churn.Ingestion.V1;
using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Metrics.Tests.Consumers;

public sealed class FactsHandlerTests
{
    private static readonly string[] Segments = ["", "country", "size"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Law_HistoriesInAnyOrderAndBatching_EndInTheLedgerOfTheirSet(int seed)
    {
        var random = new RandomHistories((ulong)seed);
        var histories = Enumerable.Range(0, 500).Select(i => random.Of($"c{i}")).ToList();
        using var desk = await new Desk().OpenAsync();
        var late = random.Shuffled(histories.SelectMany(h => h));
        for (var at = 0; at < late.Count;)
        {
            var size = Math.Min(1 + random.Next(random.Next(10) == 0 ? 400 : 30), late.Count - at);
            await desk.ApplyAsync(late.GetRange(at, size));
            at += size;
        }

        Assert.Equal(LinesOf(histories), desk.Contents().Select(l => l.TrimEnd()).Where(l => l.Contains(' ', StringComparison.Ordinal)));
        AssertSumsAreThoseOfAScan(desk);

        desk.Clock.Advance(TimeSpan.FromDays(1));
        AssertSumsAreThoseOfAScan(desk);
        Assert.Equal(0, desk.Quarantined);
    }

    [Fact]
    public async Task TakeAsync_AfterARestart_HoldsTheSame()
    {
        var folder = Directory.CreateTempSubdirectory("churn-metrics-").FullName;
        try
        {
            var random = new RandomHistories(9);
            IReadOnlyList<string> before;
            using (var desk = await new Desk(folder).OpenAsync())
            {
                await desk.ApplyAsync(Enumerable.Range(0, 200).SelectMany(i => random.Of($"c{i}")));
                before = desk.Contents();
            }

            using var again = await new Desk(folder).OpenAsync();
            Assert.Equal(before.Where(l => l.Contains(' ', StringComparison.Ordinal)), again.Contents().Where(l => l.Contains(' ', StringComparison.Ordinal)));
            AssertSumsAreThoseOfAScan(again);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task ApplyAsync_RecordsThatCannotBeApplied_ArePutAsideAndStopNothing()
    {
        using var desk = await new Desk().OpenAsync();
        var shard = Shards.Of(Tenants.Default, "rich", Shards.Count);
        await desk.ApplyRecordsAsync([(shard, [0xFF, 0xFF], 1), (shard, [], 1), (shard, Google.Protobuf.MessageExtensions.ToByteArray(Start("a", "rich", 5)), 1)]);

        // 9,224 subscriptions at the largest price exceed an int64; the one too many is put aside, and a price that is too large too.
        await desk.ApplyAsync(Enumerable.Range(0, 9_224).Select(i => Start($"r{i}", "rich", Money.Largest)));
        await desk.ApplyAsync([Start("huge", "rich", Money.Largest * 2), Start("b", "other", 7)]);

        Assert.Equal(4, desk.Quarantined);
        Assert.Contains(desk.Contents(), l => l.StartsWith("other [", StringComparison.Ordinal));
        Assert.Equal(9_224, desk.Contents().Single(l => l.StartsWith("rich ", StringComparison.Ordinal)).Count(c => c == '['));
    }

    [Fact]
    public async Task ApplyAsync_UnderALostLease_ChangesNothing()
    {
        using var desk = await new Desk().OpenAsync();
        var chunk = new StreamChunk(1, 1, 1, Tenants.Default, new byte[] { 0 }, 1);
        var page = new ShardPage(new Lease(3, 0), new StreamPage([chunk], new ShardHead(3, 1, 1, 1)));
        await Assert.ThrowsAsync<LeaseLostException>(() => desk.Handler.ApplyAsync([page], TestContext.Current.CancellationToken));
        Assert.Equal(0, desk.Store.AppliedOf(3).Offset);
    }

    [Fact]
    public async Task ResetAsync_OfAShard_DropsItsCustomers()
    {
        using var desk = await new Desk().OpenAsync();
        await desk.ApplyAsync([Start("a", "c1", 5), Start("b", "c2", 5)]);
        var shard = Shards.Of(Tenants.Default, "c1", Shards.Count);
        Assert.NotEqual(shard, Shards.Of(Tenants.Default, "c2", Shards.Count));
        await desk.Handler.ResetAsync(new Lease(shard, 1), TestContext.Current.CancellationToken);

        Assert.Equal(0, desk.Store.AppliedOf(shard).Offset);
        Assert.StartsWith("c2 ", Assert.Single(desk.Contents()), StringComparison.Ordinal);
    }

    private static Churn.Ingestion.V1.Fact Start(string id, string customer, long mrr) => new()
    {
        Source = "s",
        EventId = id,
        CustomerId = customer,
        OccurTime = RandomHistories.Start.ToTimestamp(),
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = id, Price = new Price { Currency = "USD", MrrMicros = mrr } },
    };

    private static IEnumerable<string> LinesOf(List<List<Churn.Ingestion.V1.Fact>> histories)
    {
        var plans = new PlanTable();
        return histories.Select(history =>
        {
            var account = Account.Of([.. history.Where(FactFromWire.BearsOnLedger).Select(f => f.FromWire(plans))], Policy.Standard);
            var terms = account.Terms.Select(t => $"[{t.Start} {t.End} {t.Mrr} {plans.NameOf(t.Plan)}/{plans.Currencies[plans.CurrencyOf(t.Plan)]} {t.State} {t.Completes}]");
            var attributes = account.Attributes.Select(a => $"{a.Key}={a.Value}").Order(StringComparer.Ordinal);
            return $"{history[0].CustomerId} {string.Concat(terms)} {string.Join(' ', attributes)}".TrimEnd();
        }).Where(l => l.Contains(' ', StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }

    private static void AssertSumsAreThoseOfAScan(Desk desk)
    {
        var vocabulary = desk.Shelf.Vocabulary;
        var day = Calendar.DayOf((desk.Clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10);
        for (var currency = 0; currency < vocabulary.Plans.Currencies.Count; currency++)
        {
            foreach (var name in Segments)
            {
                var split = new Split(name, name.Length == 0 ? -1 : vocabulary.Attributes.Find(name));
                var kept = new Dictionary<int, WindowSums[]>();
                foreach (var book in desk.Shelf.BooksOf(Tenants.Default, ShardSet.All)!)
                {
                    book.AddSumsTo(kept, split.Attribute, currency, day);
                }

                var scanned = new WindowsQuestion(split).Merge(desk.Shelf.Scan(
                    desk.Shelf.BooksOf(Tenants.Default, ShardSet.All)!, currency, (day + 1) * Calendar.Day, () => new WindowVisitor(day, split, vocabulary.Plans.ByName), TestContext.Current.CancellationToken).ConvertAll(v => v.Sums));
                string[] Texts(Dictionary<int, WindowSums[]> sums) =>
                [
                    .. sums.OrderBy(s => vocabulary.Values[s.Key], StringComparer.Ordinal)
                        .SelectMany(s => s.Value.Select((w, i) => (w, i)).Where(w => !w.w.IsZero)
                            .Select(w => $"{name}={vocabulary.Values[s.Key]} {(WindowKind)w.i} {w.w.ToBridge().ToWire()} {w.w.Imbalance}")),
                ];
                Assert.Equal(Texts(scanned), Texts(kept));
                Assert.All(Texts(kept), t => Assert.EndsWith(" 0", t, StringComparison.Ordinal));
            }
        }
    }
}
