using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Tests.Metrics;

public class WatchTests
{
    private static readonly V1.Window[] Month = [V1.Window._30Days];

    [Fact]
    public async Task Watch_IntoAPipe_WritesALineAChange()
    {
        await using var server = await MetricsServer.StartAsync();
        Send(server, mrr: 0);
        Send(server, mrr: 49_000_000);
        var outcome = await server.AskAsync("watch", "--window", "30d", "--changes", "1");
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Assert.Equal(
            "2025-01-01 00:00:05 UTC  30 days: MRR 200.49, customers 4, logo churn 0.0%, gross 0.0%, NRR 100.0%\n"
            + "2025-01-01 00:00:05 UTC  30 days: MRR 249.49 (+49.00), customers 5 (+1), logo churn 0.0%, gross 0.0%, NRR 100.0%\n",
            outcome.Output);
        var request = Assert.IsType<V1.WatchMetricsRequest>(Assert.Single(server.Fake.Requests));
        Assert.Equal(Month, request.Windows);
    }

    [Fact]
    public async Task Watch_Json_WritesAnObjectALine()
    {
        await using var server = await MetricsServer.StartAsync();
        Send(server, mrr: 0, by: "country");
        Send(server, mrr: 1_000_000, by: "country");
        var lines = (await server.AskAsync("watch", "--by", "country", "--changes", "1", "--format", "json")).Output.Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines[..2], l => System.Text.Json.JsonDocument.Parse(l).Dispose());
        Assert.Contains("\"segment\":\"DE\",\"window\":\"30d\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Csv_HasOneHeader()
    {
        await using var server = await MetricsServer.StartAsync();
        Send(server, mrr: 0);
        Send(server, mrr: 1_000_000);
        var lines = (await server.AskAsync("watch", "--changes", "1", "--format", "csv")).Output.Split('\n');
        Assert.StartsWith("window,from_day,to_day,opening_mrr,", lines[0], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task Watch_OnATerminal_DrawsOverThePageBefore()
    {
        await using var server = await MetricsServer.StartAsync();
        Send(server, mrr: 0);
        Send(server, mrr: 1_000_000);
        var outcome = await server.AskAsync(["watch", "--changes", "1"], width: 100);
        Assert.StartsWith("\u001b[2J\u001b[HRolling figures", outcome.Output, StringComparison.Ordinal);
        var second = outcome.Output[outcome.Output.LastIndexOf("\u001b[H", StringComparison.Ordinal)..];
        Assert.Contains("201.49", second, StringComparison.Ordinal);
        Assert.Contains("1 change so far; Ctrl-C ends.\u001b[K\n\u001b[J", second, StringComparison.Ordinal);
        Assert.Single(outcome.Output.Split("\u001b[2J")[1..]);
    }

    [Fact]
    public async Task Watch_ServerGoesAway_AsksAgain()
    {
        await using var server = await MetricsServer.StartAsync();
        Send(server, mrr: 0);
        await server.Fake.Watched.Writer.WriteAsync(null);
        Send(server, mrr: 1_000_000);
        var outcome = await server.AskAsync("watch", "--changes", "1");
        Assert.Equal((0, "churn metrics: http://127.0.0.1:12345 went away; asking again ...\n"), (outcome.Status, outcome.Error));
        Assert.Equal(2, server.Fake.Requests.Count);
    }

    [Fact]
    public async Task Watch_CtrlC_EndsWell()
    {
        await using var server = await MetricsServer.StartAsync();
        Send(server, mrr: 0);
        using var stop = new CancellationTokenSource();
        var watching = server.AskAsync(["watch"], width: null, stop: stop.Token);
        while (server.Fake.Requests.Count == 0)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        Assert.Equal(0, (await watching).Status);
    }

    private static void Send(MetricsServer server, long mrr, string by = "")
    {
        var message = new V1.WatchMetricsResponse { Info = server.Fake.Info(null) };
        message.Figures.AddRange(server.Fake.Rolling(null, Month, by).Take(1));
        foreach (var bridge in message.Figures.Select(f => f.Bridge).Where(_ => mrr > 0))
        {
            var before = bridge.Flows.FirstOrDefault(f => f.Kind == V1.MovementKind.New);
            if (before is null)
            {
                bridge.Flows.Add(before = new V1.Flow { Kind = V1.MovementKind.New });
            }

            before.MrrMicros += mrr;
            before.Count++;
            bridge.ClosingMrrMicros += mrr;
            bridge.ClosingCustomers++;
        }

        Assert.True(server.Fake.Watched.Writer.TryWrite(message));
    }
}
