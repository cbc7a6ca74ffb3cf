using Churn.Ingestion.V1;
using Churn.Metrics.Telemetry;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Task = System.Threading.Tasks.Task;

namespace Churn.Metrics.Tests.Telemetry;

public sealed class BusinessFiguresTests
{
    [Fact]
    public async Task Law_FiguresOfTwoReplicas_SumToThoseOfOne()
    {
        var random = new RandomHistories(11);
        var facts = Enumerable.Range(0, 200).SelectMany(i => random.Of($"c{i}")).ToList();
        using var whole = await DeskAsync(facts);
        using var even = await DeskAsync(facts.FindAll(fact => ShardOf(fact) % 2 == 0));
        using var odd = await DeskAsync(facts.FindAll(fact => ShardOf(fact) % 2 == 1));
        using var figures = FiguresOf(whole);
        using var evenFigures = FiguresOf(even);
        using var oddFigures = FiguresOf(odd);
        var all = Read(figures);
        var sums = Read(evenFigures).Concat(Read(oddFigures)).GroupBy(figure => figure.Key).ToDictionary(group => group.Key, group => group.Sum(figure => figure.Value));
        Assert.NotEmpty(all);

        // A replica says nothing of a month in which it has nobody, nor of a movement that none of its customers made.
        Assert.Empty(all.Keys.Except(sums.Keys));
        Assert.All(sums, figure => Assert.Equal(all.GetValueOrDefault(figure.Key), figure.Value, 1e-6));
        Assert.All(all.Where(figure => figure.Key.StartsWith("churn.identity.error", StringComparison.Ordinal)), figure => Assert.Equal(0, figure.Value));
    }

    [Fact]
    public async Task Look_AfterALateFact_RestatesTheMonth()
    {
        using var desk = await DeskAsync([Started("a", "1", new(2024, 2, 10, 0, 0, 0, TimeSpan.Zero), 100)]);
        var changed = new TaskCompletionSource();
        using var figures = new BusinessFigures(desk.Shelf, () => true, () => changed.Task, desk.Clock, NullLogger<BusinessFigures>.Instance);
        const string march = "churn.period.mrr currency=USD period=2024-03 tenant=default";
        Assert.Equal(100, Read(figures)[march]);
        await desk.ApplyAsync(Started("b", "1", new(2024, 3, 5, 0, 0, 0, TimeSpan.Zero), 50));
        Assert.Equal(100, Read(figures)[march]);
        changed.SetResult();
        desk.Clock.Advance(TimeSpan.FromSeconds(1));
        var now = Read(figures);
        Assert.Equal(150, now[march]);
        Assert.Equal(50, now["churn.movements currency=USD kind=new period=2024-03 tenant=default"]);
        Assert.Equal(100, now["churn.period.mrr currency=USD period=2024-02 tenant=default"]);
    }

    [Fact]
    public async Task Look_BeyondTheCap_LeavesOutTheSmallAndWarnsOnce()
    {
        var facts = new List<Fact>();
        for (var i = 0; i < 4_000; i++)
        {
            facts.Add(Started($"c{i}", "1", new(2024, 5, 10, 0, 0, 0, TimeSpan.Zero), 10 + i));
            facts.Add(new Fact
            {
                Source = "test", EventId = $"c{i}-profile", CustomerId = $"c{i}", OccurTime = Timestamp.FromDateTimeOffset(new(2024, 5, 1, 0, 0, 0, TimeSpan.Zero)),
                CustomerProfile = new CustomerProfile { Attributes = { ["country"] = $"land {i}" } },
            });
        }

        using var desk = await DeskAsync(facts);
        var log = new CountingLogger();
        using var figures = new BusinessFigures(desk.Shelf, () => true, () => Task.CompletedTask, desk.Clock, log);
        var series = figures.Look();
        desk.Clock.Advance(TimeSpan.FromSeconds(1));
        series = figures.Look();
        Assert.InRange(series.Measurements.Values.Sum(measurements => measurements.Count), FigureSeries.MostOfTenant - 50, FigureSeries.MostOfTenant);
        Assert.True(series.Omitted["default"] > 3_000);
        Assert.Equal(1, log.Warnings);
        var read = Read(figures);
        Assert.Contains("churn.mrr currency=USD segment=country segment_value=land 3999 tenant=default", read.Keys);
        Assert.DoesNotContain("churn.mrr currency=USD segment=country segment_value=land 0 tenant=default", read.Keys);
    }

    private static async Task<Desk> DeskAsync(IEnumerable<Fact> facts)
    {
        var desk = await new Desk().OpenAsync();
        await desk.ApplyAsync(facts);
        return desk;
    }

    private static BusinessFigures FiguresOf(Desk desk) => new(desk.Shelf, () => true, () => Task.CompletedTask, desk.Clock, NullLogger<BusinessFigures>.Instance);

    private static Dictionary<string, double> Read(BusinessFigures figures) => figures.Look().Measurements.SelectMany(
        instrument => instrument.Value.Select(measurement => (
            Key: $"{instrument.Key} {string.Join(' ', measurement.Tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal))}", measurement.Value)))
        .ToDictionary(figure => figure.Key, figure => figure.Value);

    private static int ShardOf(Fact fact) => Shards.Of(Tenants.Default, fact.CustomerId, Shards.Count);

    private static Fact Started(string customer, string subscription, DateTimeOffset at, long mrr) => new()
    {
        Source = "test", EventId = $"{customer}-{subscription}", CustomerId = customer, OccurTime = Timestamp.FromDateTimeOffset(at),
        SubscriptionStarted = new SubscriptionStarted { SubscriptionId = subscription, Plan = "pro", Price = new Price { Currency = "USD", MrrMicros = mrr * 1_000_000 } },
    };

    private sealed class CountingLogger : ILogger<BusinessFigures>
    {
        public int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Warnings++;
    }
}
