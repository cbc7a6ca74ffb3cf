using System.Globalization;
using System.Text;
using Churn.Client;
using Churn.Ingestion.V1;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Suite.Tests.Import.Csv;

public sealed class RowImportTests : IAsyncLifetime
{
    private const string Header = "subscription_id,customer_id,plan,mrr,currency,start_at,end_at,country\n";
    private Importing _import = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _import = await Importing.StartAsync();

    public ValueTask DisposeAsync() => _import.DisposeAsync();

    [Theory]
    [InlineData("s1,c1,A,20,USD,2024-01-01,,DE", "start")]
    [InlineData("s1,c1,B,10,USD,2024-01-01,,DE", "start")]
    [InlineData("s1,c1,A,10,EUR,2024-01-01,,DE", "start")]
    [InlineData("s1,c1,A,10,USD,2024-01-01,,FR", "profile")]
    [InlineData("s1,c1,A,10,USD,2024-01-02,,DE", "profile,start")]
    public async Task Import_ValueThatChanged_RetractsTheOneBefore(string row, string fields)
    {
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\n");
        Assert.Equal(0, await _import.CsvAsync(Header + row + "\n"));
        var changed = _import.Server.Log.Facts[2..];
        Assert.Equal(fields, string.Join(',', changed.Select(f => f.EventId.Split('/')[1]).Order(StringComparer.Ordinal)));
        Assert.Equal(
            _import.Server.Log.Facts[..2].Select(f => f.EventId).Where(id => fields.Split(',').Contains(id.Split('/')[1])).Order(StringComparer.Ordinal),
            changed.Select(f => f.Retracts).Order(StringComparer.Ordinal));
        Assert.Equal(2, _import.Standing().Count);
    }

    [Fact]
    public async Task Import_EndThatIsFilledIn_IsOneNewFact()
    {
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\n");
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,2024-05-01,DE\n");
        var fact = Assert.Single(_import.Server.Log.Facts[2..]);
        Assert.Equal(("s1", ""), (fact.SubscriptionEnded.SubscriptionId, fact.Retracts));
    }

    [Fact]
    public async Task Import_EndThatLiesAhead_IsScheduledAndThenComes()
    {
        const string csv = Header + "s1,c1,A,10,USD,2024-01-01,2024-07-01,DE\n";
        await _import.CsvAsync(csv);
        Assert.NotNull(_import.Server.Log.Facts[1].CancellationScheduled);
        _import.Time.Now = new DateTimeOffset(2024, 6, 30, 23, 59, 59, TimeSpan.Zero);
        await _import.CsvAsync(csv);
        Assert.Equal(3, _import.Server.Log.Facts.Length);
        _import.Time.Now = new DateTimeOffset(2024, 7, 1, 0, 0, 0, TimeSpan.Zero);
        await _import.CsvAsync(csv);
        var end = Assert.Single(_import.Server.Log.Facts[3..]);
        Assert.Equal(("s1", ""), (end.SubscriptionEnded.SubscriptionId, end.Retracts));

        // It ended later than was said: neither the end nor the schedule holds.
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,2024-06-20,DE\n");
        Assert.Equal([end.EventId, _import.Server.Log.Facts[1].EventId], _import.Server.Log.Facts[4..].Select(f => f.Retracts));
        Assert.Equal(3, _import.Standing().Count);
    }

    [Theory]
    [InlineData("2024-05-01")]
    [InlineData("2024-12-31")]
    public async Task Import_EndThatIsGone_IsRetracted(string end)
    {
        await _import.CsvAsync(Header + $"s1,c1,A,10,USD,2024-01-01,{end},DE\n");
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\n");
        var retraction = Assert.Single(_import.Server.Log.Facts[3..]);
        Assert.Equal(_import.Server.Log.Facts[1].EventId, retraction.Retracts);
        Assert.Equal(retraction.Retracts + "/void", retraction.EventId);
        Assert.NotNull(retraction.Retraction);
        Assert.Equal(0, await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\n"));
        Assert.Equal(4, _import.Server.Log.Facts.Length);
    }

    [Fact]
    public async Task Import_ValueThatReturns_IsANewVersionOfItself()
    {
        foreach (var price in new[] { 10, 20, 10, 10, 20, 10 })
        {
            Assert.Equal(0, await _import.CsvAsync(Header + $"s1,c1,A,{price},USD,2024-01-01,,DE\n"));
        }

        var starts = _import.Server.Log.Facts.Where(f => f.SubscriptionStarted is not null).ToList();
        Assert.Equal(["", "~2", "~2", "~3"], new[] { starts[0], starts[2], starts[3], starts[4] }.Select(f => f.EventId[(f.EventId.LastIndexOf('/') + 17)..]));
        Assert.Equal(starts[..^1].Select(f => f.EventId), starts[1..].Select(f => f.Retracts));
        Assert.Equal(5, starts.Count);
        Assert.Equal(10_000_000, _import.Standing().Single(f => f.SubscriptionStarted is not null).SubscriptionStarted.Price.MrrMicros);
    }

    [Fact]
    public async Task Import_RowOfAnotherCustomer_MovesIt()
    {
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,2024-05-01,DE\n");
        Assert.Equal(0, await _import.CsvAsync(Header + "s1,c2,A,10,USD,2024-01-01,2024-05-01,DE\n"));
        Assert.Equal(["c2", "c2", "c2"], _import.Standing().Select(f => f.CustomerId));
        Assert.Equal(["c1", "c1", "c1"], _import.Server.Log.Facts.Where(f => f.Retraction is not null).Select(f => f.CustomerId));
        Assert.Equal(0, await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,2024-05-01,DE\n"));
        Assert.Equal(["c1", "c1", "c1"], _import.Standing().Select(f => f.CustomerId));
    }

    [Fact]
    public async Task Import_RowThatIsGone_IsLeftAlone()
    {
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\ns2,c2,A,10,USD,2024-01-01,,DE\n");
        await _import.CsvAsync(Header + "s2,c2,A,10,USD,2024-01-01,,DE\n");
        Assert.Equal(4, _import.Standing().Count);
        Assert.Equal(4, _import.Server.Log.Facts.Length);
    }

    [Fact]
    public async Task Import_OtherSource_KnowsNothingOfIt()
    {
        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\n");
        await _import.CsvAsync(Header + "s1,c1,A,20,USD,2024-01-01,,DE\n", "--source", "other");
        Assert.Equal(2, _import.Standing("csv").Count);
        Assert.Equal(2, _import.Standing("other").Count);
        Assert.All(_import.Server.Log.Facts, f => Assert.Equal("", f.Retracts));
    }

    [Fact]
    public async Task Import_WhatWasRetractedByHand_StaysOutUntilTheRowSaysSomethingElse()
    {
        const string csv = Header + "s1,c1,A,10,USD,2024-01-01,,DE\n";
        await _import.CsvAsync(csv);
        using (var client = new ChurnClient(_import.Server.Address))
        {
            await client.Ingestion.RetractFactAsync(new RetractFactRequest { Source = "csv", EventId = _import.Server.Log.Facts[0].EventId, Note = "never signed" }, cancellationToken: Ct);
        }

        await _import.CsvAsync(csv);
        Assert.Single(_import.Standing());
        await _import.CsvAsync(Header + "s1,c1,A,20,USD,2024-01-01,,DE\n");
        Assert.Equal(2, _import.Standing().Count);
        await _import.CsvAsync(csv);
        Assert.Equal(10_000_000, _import.Standing().Single(f => f.SubscriptionStarted is not null).SubscriptionStarted.Price.MrrMicros);
    }

    [Fact]
    public async Task Import_FactsOfTheSourceThatNoImportMade_AreLeftAlone()
    {
        foreach (var id in new[] { "x", "a/b", "s1/start/", "s1/start/00", "s1/start/00000000000000zz", "s1/start/0000000000000000~1", "s1/other/0000000000000000" })
        {
            _import.Server.Log.Record(new Fact { Source = "csv", EventId = id, CustomerId = "c1", OccurTime = new() { Seconds = 1 }, SubscriptionStarted = new() });
        }

        await _import.CsvAsync(Header + "s1,c1,A,10,USD,2024-01-01,,DE\n");
        Assert.Equal(9, _import.Standing().Count);
    }

    [Fact]
    public async Task Import_SubscriptionIdsOfEveryForm_AreKnownAgain()
    {
        var ids = new[] { "a/b", "a/start/0000000000000000", "caf\u00e9 \u2192", new string('x', 200), "\"a,b\"", "a b" };
        var csv = Header + string.Concat(ids.Select((id, i) => $"{id},c{i},A,10,USD,2024-01-01,,DE\n"));
        Assert.Equal(0, await _import.CsvAsync(csv));
        Assert.Equal(0, await _import.CsvAsync(csv.Replace(",10,", ",20,", StringComparison.Ordinal)));
        var facts = _import.Server.Log.Facts;
        Assert.Equal(ids.Length * 3, facts.Length);
        Assert.All(facts, f => Assert.InRange(Encoding.UTF8.GetByteCount(f.EventId), 1, 190));
        Assert.Equal(ids.Length * 2, _import.Standing().Count);
    }

    [Fact]
    public async Task Import_ThousandsOfEarlierFacts_AreReadPageByPage()
    {
        var rows = Enumerable.Range(0, 12_000).Select(i => $"s{i},c{i},A,10,USD,2024-01-01,,DE\n").ToList();
        await _import.CsvAsync(Header + string.Concat(rows));
        rows[11_999] = "s11999,c11999,A,11,USD,2024-01-01,,DE\n";
        await _import.CsvAsync(Header + string.Concat(rows));
        Assert.Equal(24_001, _import.Server.Log.Facts.Length);
        Assert.Equal(24_000, _import.Standing().Count);
    }

    [Fact]
    public void Law_AnySequenceOfExports_EndsInWhatTheLastRowsSay()
    {
        var row = from customer in Gen.Elements("c1", "c1", "c2")
                  from plan in Gen.Elements("A", "B")
                  from price in Gen.Choose(1, 2)
                  from start in Gen.Elements("2024-01-0", "2024-02-0")
                  from end in Gen.Elements("", "2024-03-01", "2024-09-01", "2024-12-31")
                  from country in Gen.Elements("DE", "FR")
                  select $"{customer},{plan},{price},USD,{start},{end},{country}";
        var exports = Gen.Choose(0, 4).SelectMany(days => Gen.ListOf(Gen.Choose(1, 3).Zip(row), 3).Select(rows => (Days: days * 40, Rows: rows)));
        var number = 0;
        Prop.ForAll(Gen.ListOf(exports, 6).ToArbitrary(), history =>
        {
            // Laws are run by a thread of their own.
            CheckAsync(history.Select(e => (e.Days, e.Rows.ToList())), $"law{number++}").GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private async Task CheckAsync(IEnumerable<(int Days, List<(int Id, string Row)> Rows)> history, string source)
    {
        _import.Time.Now = new DateTimeOffset(2024, 6, 15, 12, 0, 0, TimeSpan.Zero);
        var said = new Dictionary<int, List<string>>();
        foreach (var (days, rows) in history)
        {
            _import.Time.Now = _import.Time.Now.AddDays(days);
            // Each subscription has starts of its own: what a customer is, is not settled between rows here.
            var export = rows.GroupBy(r => r.Id).Select(g => (Id: g.Key, Row: g.Last().Row.Replace("-0,", $"-0{g.Key},", StringComparison.Ordinal))).ToList();
            foreach (var (id, row) in export)
            {
                said[id] = Expected(id, row);
            }

            var csv = Header + string.Concat(export.Select(r => $"s{r.Id},{r.Row}\n"));
            Assert.Equal(0, await _import.CsvAsync(csv, "--source", source));
            Assert.Equal(said.Values.SelectMany(f => f).Order(StringComparer.Ordinal), Standing(source));

            var before = _import.Server.Log.Facts.Length;
            Assert.Equal(0, await _import.CsvAsync(csv, "--source", source));
            Assert.Equal(before, _import.Server.Log.Facts.Length);
        }
    }

    private List<string> Expected(int id, string row)
    {
        var cells = row.Split(',');
        var facts = new List<string> { $"{cells[0]} s{id} {cells[1]} {cells[2]} from {cells[4]}", $"{cells[0]} {cells[6]} from {cells[4]}" };
        if (cells[5].Length > 0)
        {
            var isOver = DateTimeOffset.Parse(cells[5] + "T00:00:00Z", CultureInfo.InvariantCulture) <= _import.Time.Now;
            facts.Add($"{cells[0]} s{id} {(isOver ? "ended" : "will end")} {cells[5]}");
        }

        return facts;
    }

    // An end that came as it was scheduled says it twice.
    private IEnumerable<string> Standing(string source)
    {
        var facts = _import.Standing(source);
        var ended = facts.Where(f => f.SubscriptionEnded is not null).Select(f => (f.CustomerId, f.SubscriptionEnded.SubscriptionId, f.OccurTime)).ToHashSet();
        return facts
            .Where(f => f.CancellationScheduled is not { } schedule || !ended.Contains((f.CustomerId, schedule.SubscriptionId, schedule.EffectiveTime)))
            .Select(f => f.KindCase switch
            {
                Fact.KindOneofCase.SubscriptionStarted => $"{f.CustomerId} {f.SubscriptionStarted.SubscriptionId} {f.SubscriptionStarted.Plan} {f.SubscriptionStarted.Price.MrrMicros / 1_000_000} from {f.OccurTime.ToDateTime():yyyy-MM-dd}",
                Fact.KindOneofCase.SubscriptionEnded => $"{f.CustomerId} {f.SubscriptionEnded.SubscriptionId} ended {f.OccurTime.ToDateTime():yyyy-MM-dd}",
                Fact.KindOneofCase.CancellationScheduled => $"{f.CustomerId} {f.CancellationScheduled.SubscriptionId} will end {f.CancellationScheduled.EffectiveTime.ToDateTime():yyyy-MM-dd}",
                _ => $"{f.CustomerId} {f.CustomerProfile.Country} from {f.OccurTime.ToDateTime():yyyy-MM-dd}",
            })
            .Order(StringComparer.Ordinal);
    }
}
