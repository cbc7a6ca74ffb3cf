using Churn.Ingestion.V1;
using Churn.Metrics.Storage;
using Churn.Metrics.Tests.Consumers;
using Churn.Metrics.Tests.Reads;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Signal = Churn.Metrics.V1.Signal;

namespace Churn.Metrics.Tests.Signals;

public sealed class LiveSignalsTests
{
    private static readonly DateTimeOffset Start = RandomHistories.Start;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Law_SignalsRaisedLive_AreThoseOfAReplay(int seed)
    {
        var business = new LivelyBusiness((ulong)seed);
        var desk = await new Desk(now: Start).OpenAsync();
        await using var server = await MetricsServer.StartAsync(desk);
        foreach (var batch in business.Batches(customers: 15, days: 100))
        {
            // A batch may be applied some time after its facts were recorded, and time looked at, or not, in between.
            var last = batch[^1].RecordTime;
            desk.Clock.Advance(TimeSpan.FromMicroseconds(Math.Max(0, last - desk.Now)));
            await desk.ApplyAsync(batch);
            if (business.Next(3) == 0)
            {
                desk.Due.Raise();
            }
        }

        desk.Clock.Advance(TimeSpan.FromDays(1));
        desk.Due.Raise();
        var live = (await desk.SignalsAsync()).ToLookup(s => s.CustomerId, StringComparer.Ordinal);
        var replayed = (await ReplayAsync(server, Start, desk.Clock.GetUtcNow().AddMicroseconds(1))).ToLookup(s => s.CustomerId, StringComparer.Ordinal);

        Assert.Equal(15, live.Count);
        Assert.Equal(live.Select(c => c.Key).Order(StringComparer.Ordinal), replayed.Select(c => c.Key).Order(StringComparer.Ordinal));
        var kinds = new HashSet<Signal.CauseOneofCase>();
        foreach (var customer in live)
        {
            var (said, again) = (customer.ToList(), replayed[customer.Key].ToList());
            Assert.Equal(said.Select(s => $"{s.Id} {s.Retracted} {s.Time}"), again.Select(s => $"{s.Id} {s.Retracted} {s.Time}"));
            foreach (var (a, b) in said.Zip(again))
            {
                Assert.True(a.KnownTime >= b.KnownTime, $"{a.Id}: {a.KnownTime} {b.KnownTime}");
                kinds.Add(a.CauseCase);
                Assert.Equal(Content(a), Content(b));
            }
        }

        Assert.Equal(6, kinds.Count);
        Assert.Contains(live.SelectMany(c => c), s => s.Retracted);
        Assert.Equal(0, desk.Quarantined);
    }

    [Fact]
    public async Task ApplyAsync_HistoryAndWhatIsInTime_AreToldApartAtSevenDays()
    {
        using var desk = await new Desk(now: Start.AddDays(100)).OpenAsync();
        await desk.ApplyAsync(
            Started("long ago", "c1", Start),
            Started("a moment too late", "c2", Start.AddDays(93).AddMicroseconds(-1)),
            Started("just", "c3", Start.AddDays(93)),
            Started("ahead", "c4", Start.AddDays(100).AddMinutes(5)));
        Assert.Equal(["fact:s:ahead", "fact:s:just"], (await desk.SignalsAsync()).Select(s => s.Id).Order(StringComparer.Ordinal));
        Assert.All(await desk.SignalsAsync(), s => Assert.Equal(CustomerState.Active, s.Standing.State));
    }

    [Fact]
    public async Task ApplyAsync_FactsOfOneCommit_ArriveAsTheyCountAndHistoryFirst()
    {
        using var desk = await new Desk(now: Start.AddDays(100)).OpenAsync();
        var paid = Fact("a", "c1", Start.AddDays(99), f => f.PaymentSucceeded = new PaymentSucceeded { InvoiceId = "i" });
        await desk.ApplyAsync(paid, PastDue("b", "c1", Start.AddDays(98)), Started("c", "c1", Start));
        var signals = await desk.SignalsAsync();
        Assert.Equal(
            ["fact:s:b", "time:past_due:i:0", "time:past_due:i:1", "time:past_due:i:2", "fact:s:a", "time:past_due:i:1 retracted", "time:past_due:i:2 retracted"],
            signals.Select(s => s.Id + (s.Retracted ? " retracted" : "")));
        Assert.Equal([CustomerState.PastDue, CustomerState.Active], signals.Where(s => s.Fact is not null).Select(s => s.Standing.State));
        Assert.Equal([false, true], signals.Where(s => s.Fact is not null).Select(s => s.Movements.Single().Undone));
    }

    [Fact]
    public async Task ApplyAsync_AFact_TellsWhatItMovedAndWhatIsKnown()
    {
        using var desk = await new Desk(now: Start.AddDays(100)).OpenAsync();
        await desk.ApplyAsync(
            Started("start", "c1", Start),
            Fact("profile", "c1", Start, f => f.CustomerProfile = new CustomerProfile { Country = "PT", RenewalDate = "2026-01-01" }),
            Fact("joined", "c1", Start, f => f.ContactJoined = new ContactJoined { ContactId = "p", Role = "billing", Email = "ana@example.org" }));
        desk.Clock.Advance(TimeSpan.FromHours(1));
        await desk.ApplyAsync(Fact("change", "c1", desk.Clock.GetUtcNow(), f => f.SubscriptionChanged = new SubscriptionChanged { SubscriptionId = "sub", Plan = "pro", Price = Price(30) }));

        var signal = Assert.Single(await desk.SignalsAsync());
        Assert.Equal((V1.MovementKind.Expansion, 10_000_000L, 30_000_000L, "USD", false), signal.Movements.Select(m => (m.Kind, m.BeforeMicros, m.AfterMicros, m.Currency, m.Undone)).Single());
        Assert.Equal(("change", "pro", "PT"), (signal.Fact.EventId, signal.Standing.Plans.Single(), signal.Attributes["country"]));
        Assert.Equal((30_000_000L, Start.ToTimestamp()), (signal.Standing.Mrr.Single().MrrMicros, signal.Standing.FirstPaidTime));
        Assert.Equal("ana@example.org", signal.Contacts.Single().Email);
        Assert.Equal(["contact_joined", "customer_profile", "subscription_changed", "subscription_started"], signal.History.Select(h => h.Kind));
        Assert.True(signal.KnownTime >= desk.Clock.GetUtcNow().ToTimestamp());
    }

    [Fact]
    public async Task ApplyAsync_Use_IsActivityOnceADayAndMeter()
    {
        using var desk = await new Desk(now: Start.AddHours(1)).OpenAsync();
        await desk.ApplyAsync(Use("u1", "api", Start), Use("u2", "api", Start.AddMinutes(5)), Use("u3", "seats", Start));
        await desk.ApplyAsync(Use("u4", "api", Start.AddMinutes(9), quantity: long.MaxValue / 2), Use("u5", "api", Start.AddMinutes(8), quantity: long.MaxValue / 2));
        desk.Clock.Advance(TimeSpan.FromHours(23));
        await desk.ApplyAsync(Use("u6", "api", Start.AddDays(1)));
        var signals = await desk.SignalsAsync();
        Assert.Equal(["u1", "u3", "u6"], signals.Where(s => s.CauseCase == Signal.CauseOneofCase.Activity).Select(s => s.Activity.EventId));
        Assert.Equal(3, signals.Count);

        // From the last use on it is missed, whichever meter it was of.
        desk.Clock.Advance(TimeSpan.FromDays(8));
        desk.Due.Raise();
        var absent = (await desk.SignalsAsync()).Skip(3).ToList();
        Assert.Equal([1, 2, 3, 5, 7], absent.Select(s => s.Absence.Days));
        Assert.Equal(Start.AddDays(2).ToTimestamp(), absent[0].Time);
        Assert.Equal(2, absent[0].History.Single().TimesMicros.Count);
    }

    [Fact]
    public async Task Raise_AfterALongStop_SaysOnlyWhatIsNoHistory()
    {
        using var desk = await new Desk(now: Start).OpenAsync();
        await desk.ApplyAsync(Started("start", "c1", Start), PastDue("due", "c1", Start));
        desk.Clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal(1, desk.Due.Raise());
        Assert.Equal(0, desk.Due.Raise());
        Assert.Equal([0, 13, 14, 15, 16, 17, 18, 19, 20], (await desk.SignalsAsync()).Where(s => s.PastDue is not null).Select(s => s.PastDue.Day).Order());
    }

    [Fact]
    public async Task Raise_BeforeItIsDue_SaysNothing()
    {
        using var desk = await new Desk(now: Start).OpenAsync();
        await desk.ApplyAsync(Started("start", "c1", Start), PastDue("due", "c1", Start));
        desk.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMicroseconds(1));
        Assert.Equal(0, desk.Due.Raise());
        desk.Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(1, desk.Due.Raise());
        Assert.Equal("time:past_due:i:1", (await desk.SignalsAsync())[^1].Id);
    }

    [Fact]
    public async Task Raise_UnderALostLease_SaysNothing()
    {
        using var desk = await new Desk(now: Start).OpenAsync();
        await desk.ApplyAsync(Started("start", "c1", Start), PastDue("due", "c1", Start));
        var before = await desk.SignalsAsync();
        desk.Clock.Advance(TimeSpan.FromDays(1));
        desk.LoseLeases();
        Assert.Throws<LeaseLostException>(() => desk.Due.Raise());
        Assert.Equal(before, await desk.SignalsAsync());
    }

    [Fact]
    public async Task ResetAsync_OfAShard_DropsWhatIsDueAndUse()
    {
        using var desk = await new Desk(now: Start).OpenAsync();
        await desk.ApplyAsync(Started("start", "c1", Start), PastDue("due", "c1", Start), Use("u1", "api", Start));
        var before = await desk.SignalsAsync();
        await desk.Handler.ResetAsync(new Lease(Shards.Of(Tenants.Default, "c1", Shards.Count), 1), TestContext.Current.CancellationToken);
        desk.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal(0, desk.Due.Raise());
        Assert.Equal(before, await desk.SignalsAsync());
        Assert.Empty(desk.Store.CustomersAfter(Shards.Of(Tenants.Default, "c1", Shards.Count), Tenants.Default, "", 10));
    }

    [Fact]
    public async Task Open_OfAFileFromBeforeSignals_ReadsAllAnewAndTellsNothingOfIt()
    {
        var folder = Directory.CreateTempSubdirectory("churn-metrics-").FullName;
        try
        {
            using (var before = Database.Open(Path.Combine(folder, "metrics.db"), new DatabaseOptions { Name = "ledger", Migrations = [LeaseTable.Schema, LedgerStore.Migrations[0]] }))
            {
                before.Write(connection =>
                {
                    for (var shard = 0; shard < Shards.Count; shard++)
                    {
                        connection.Upsert(new Rows("applied", new Column("shard", ColumnType.Number), new Column("\"offset\"", ColumnType.Number), new Column("hash", ColumnType.Bytes)).Add(shard).Add(1).Add(new byte[16]), key: 1);
                    }
                });
            }

            using var desk = await new Desk(folder, Start).OpenAsync();
            var shardOf = Shards.Of(Tenants.Default, "c1", Shards.Count);
            Assert.Equal(0, desk.Store.AppliedOf(shardOf).Offset);
            await desk.ApplyAsync(Started("before", "c1", Start));
            Assert.Empty(await desk.SignalsAsync());
            await desk.ApplyAsync(PastDue("after", "c1", Start));
            Assert.Equal(["fact:s:after", "time:past_due:i:0"], (await desk.SignalsAsync()).Select(s => s.Id));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task ReplaySignals_OfHistory_TellsItAsIfItHadArrivedInTime()
    {
        var desk = await new Desk(now: Start.AddDays(500)).OpenAsync();
        await using var server = await MetricsServer.StartAsync(desk);
        await desk.ApplyAsync(Started("start", "c1", Start), PastDue("due", "c1", Start.AddDays(10)), Use("u1", "api", Start.AddDays(20)), Started("start2", "c2", Start));
        Assert.Empty(await desk.SignalsAsync());

        var all = await ReplayAsync(server, Start, Start.AddDays(12));
        Assert.Equal(
            ["c1 fact:s:start", "c1 fact:s:due", "c1 time:past_due:i:0", "c1 time:past_due:i:1", "c2 fact:s:start2"],
            all.Select(s => $"{s.CustomerId} {s.Id}").OrderBy(s => s[..2], StringComparer.Ordinal));
        Assert.Equal(Start.ToTimestamp(), all.Single(s => s.Id == "fact:s:start").KnownTime);

        // A period holds its first instant and not its last; what was before is known, and not told.
        Assert.Equal(["time:past_due:i:1", "time:past_due:i:2"], (await ReplayAsync(server, Start.AddDays(11), Start.AddDays(13), "c1")).Select(s => s.Id));
        Assert.Equal(["time:past_due:i:30"], (await ReplayAsync(server, Start.AddDays(40), Start.AddDays(41), "c1")).Where(s => s.Movements.Count > 0).Select(s => s.Id));
        Assert.Empty(await ReplayAsync(server, Start, Start.AddDays(13), "nobody"));
    }

    [Fact]
    public async Task ReplaySignals_OfNoPeriod_SaysWhatIsWrong()
    {
        await using var server = await MetricsServer.StartAsync();
        Assert.Equal("from_time", await FieldOf(() => ReplayAsync(server, new ReplaySignalsRequest { ToTime = Start.ToTimestamp() })));
        Assert.Equal("to_time", await FieldOf(() => ReplayAsync(server, new ReplaySignalsRequest { FromTime = Start.ToTimestamp() })));
        Assert.Equal("to_time", await FieldOf(() => ReplayAsync(server, Start, Start)));
        Assert.Equal("from_time", await FieldOf(() => ReplayAsync(server, new ReplaySignalsRequest { FromTime = new Timestamp { Nanos = -1 }, ToTime = Start.ToTimestamp() })));
        server.Progress.IsReady = false;
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => ReplayAsync(server, Start, Start.AddDays(1)))).StatusCode);
    }

    [Fact]
    public async Task GetStandings_AtInstants_HoldFromThemOn()
    {
        var desk = await new Desk(now: Start.AddDays(500)).OpenAsync();
        await using var server = await MetricsServer.StartAsync(desk);
        await desk.ApplyAsync(
            Started("start", "c1", Start.AddDays(10)),
            Fact("end", "c1", Start.AddDays(20), f => f.SubscriptionEnded = new SubscriptionEnded { SubscriptionId = "sub" }),
            Fact("ticket", "c1", Start.AddDays(20), f => f.TicketOpened = new TicketOpened { TicketId = "t" }));
        var request = new GetStandingsRequest();
        foreach (var at in (DateTimeOffset[])[Start.AddDays(10).AddMicroseconds(-1), Start.AddDays(10), Start.AddDays(20).AddMicroseconds(-1), Start.AddDays(20)])
        {
            request.Points.Add(new StandingPoint { CustomerId = "c1", Time = at.ToTimestamp() });
        }

        request.Points.Add(new StandingPoint { CustomerId = "nobody", Time = Start.ToTimestamp() });
        var response = await server.Signals.GetStandingsAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            [CustomerState.Lead, CustomerState.Active, CustomerState.Active, CustomerState.Ended, CustomerState.Lead],
            response.Standings.Select(s => s.State));
        Assert.Equal([0, 10_000_000, 10_000_000, 0, 0], response.Standings.Select(s => s.Mrr.Sum(m => m.MrrMicros)));
        Assert.Equal([false, true, true, true, false], response.Standings.Select(s => s.FirstPaidTime is not null));
        Assert.NotNull(response.Watermark);

        Assert.Equal("points", await FieldOf(() => server.Signals.GetStandingsAsync(new GetStandingsRequest()).ResponseAsync));
        request.Points[1].Time = null;
        Assert.Equal("points[1].time", await FieldOf(() => server.Signals.GetStandingsAsync(request).ResponseAsync));
        request.Points[0].CustomerId = "";
        Assert.Equal("points[0].customer_id", await FieldOf(() => server.Signals.GetStandingsAsync(request).ResponseAsync));
        request.Points.Add(Enumerable.Repeat(request.Points[2], 10_000));
        Assert.Equal("points", await FieldOf(() => server.Signals.GetStandingsAsync(request).ResponseAsync));
    }

    private static string Content(Signal signal)
    {
        var content = signal.Clone();
        content.KnownTime = null;
        return content.ToString();
    }

    private static Task<List<Signal>> ReplayAsync(MetricsServer server, DateTimeOffset from, DateTimeOffset to, string customer = "") =>
        ReplayAsync(server, new ReplaySignalsRequest { FromTime = from.ToTimestamp(), ToTime = to.ToTimestamp(), CustomerId = customer });

    private static async Task<List<Signal>> ReplayAsync(MetricsServer server, ReplaySignalsRequest request)
    {
        using var call = server.Signals.ReplaySignals(request, cancellationToken: TestContext.Current.CancellationToken);
        var signals = new List<Signal>();
        await foreach (var response in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Single(response.Signals.Select(s => s.CustomerId).Distinct());
            signals.AddRange(response.Signals);
        }

        return signals;
    }

    private static async Task<string> FieldOf(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        return failure.ToRichStatus()!.Details.Single(d => d.Is(Google.Rpc.BadRequest.Descriptor)).Unpack<Google.Rpc.BadRequest>().FieldViolations.Single().Field;
    }

    private static Fact Fact(string id, string customer, DateTimeOffset at, Action<Fact> say)
    {
        var fact = new Fact { Source = "s", EventId = id, CustomerId = customer, OccurTime = at.ToTimestamp() };
        say(fact);
        return fact;
    }

    private static Price Price(long units) => new() { Currency = "USD", MrrMicros = units * 1_000_000 };

    private static Fact Started(string id, string customer, DateTimeOffset at) =>
        Fact(id, customer, at, f => f.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = "sub", Plan = "basic", Price = Price(10) });

    private static Fact PastDue(string id, string customer, DateTimeOffset at) =>
        Fact(id, customer, at, f => f.InvoicePastDue = new InvoicePastDue { SubscriptionId = "sub", InvoiceId = "i" });

    private static Fact Use(string id, string meter, DateTimeOffset at, long quantity = 1) =>
        Fact(id, "c1", at, f => f.UsageRecorded = new UsageRecorded { Meter = meter, Quantity = quantity });
}
