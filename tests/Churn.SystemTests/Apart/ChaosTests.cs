using System.Globalization;
using System.Text.RegularExpressions;
using Churn.Metrics.Tests.Consumers;
using Churn.TestServers;

namespace Churn.SystemTests.Apart;

public sealed partial class ChaosTests
{
    // CONTRIBUTING.md says how the long run is started; started again it goes on after the last round of its report.
    private static readonly int? Asked =
        int.TryParse(Environment.GetEnvironmentVariable("CHURN_CHAOS_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : null;

    private static readonly string? Report = Environment.GetEnvironmentVariable("CHURN_CHAOS_REPORT");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // In two parts, each shorter than a runner of tests waits for; the long run is one.
    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 5)]
    public async Task Law_AnythingKilledAtAnyMoment_EveryAcknowledgedFactCountsOnceAndNoNumberIsOff(int from, int to)
    {
        if (Asked is not null)
        {
            Assert.SkipWhen(from > 1, "The long run is in the first part.");
            to = Asked.Value;
        }

        var first = Report is null || !File.Exists(Report) ? 1 : File.ReadLines(Report).Select(line => RoundLine().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups["round"].ValueSpan, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max() + 1;
        first = Math.Max(first, from);
        if (first > to)
        {
            return;
        }

        await using var cluster = await Cluster.StartAsync(ingestion: 2, metrics: 2, loop: true, Ct);
        var load = new Load(cluster, (ulong)first);
        for (var round = first; round <= to; round++)
        {
            var chance = new RandomHistories((ulong)round * 7919);
            var victims = chance.Shuffled(cluster.Everything)[..(1 + chance.Next(4))];
            var before = load.Acknowledged;
            try
            {
                await load.WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"r{round}"),
                    Task.WhenAll(victims.ConvertAll(victim => KillAndRestartAsync(victim.Server, chance.Next(1_500), chance.Next(1_000)))));
                var unknown = load.Unknown;
                var since = TimeProvider.System.GetTimestamp();
                await load.AssertNothingIsLostOrDoubledAsync();
                Tell(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {round} | {string.Join(", ", victims.Select(victim => victim.Name).Order())} | {load.Acknowledged - before} | {unknown} | {load.Acknowledged} | {TimeProvider.System.GetElapsedTime(since).TotalSeconds:F1} |"));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"round {round}, killed {string.Join(", ", victims.Select(victim => victim.Name))}: {exception.Message}{cluster.Logs}", exception);
            }
        }

        Assert.True(load.Acknowledged > 0);
    }

    // Whoever starts it again does so until it stands: a service that finds no database yet ends.
    private static async Task KillAndRestartAsync(TestServer victim, int after, int again)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(after), TimeProvider.System, Ct);
        victim.Kill();
        await Task.Delay(TimeSpan.FromMilliseconds(again), TimeProvider.System, Ct);
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await victim.RestartAsync(Ct);
                return;
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(since) < Cluster.Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
            }
        }
    }

    private static void Tell(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Report is not null)
        {
            if (!File.Exists(Report))
            {
                File.WriteAllText(Report, "| round | killed | facts of the round | answers unknown | facts in all | seconds until right |\n|---|---|---|---|---|---|\n");
            }

            File.AppendAllText(Report, line + "\n");
        }
    }

    [GeneratedRegex(@"^\| (?<round>\d+) \|", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex RoundLine();
}
