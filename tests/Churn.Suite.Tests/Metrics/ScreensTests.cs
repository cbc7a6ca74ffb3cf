namespace Churn.Suite.Tests.Metrics;

/// <summary>Compares what the commands print with files; UPDATE_GOLDEN=1 writes them.</summary>
public class ScreensTests
{
    [Theory]
    [InlineData("overview", "overview")]
    [InlineData("overview-by-country", "overview --by country")]
    [InlineData("overview-running", "overview --at 2024-12-10 --to 2024-12")]
    [InlineData("overview-json", "overview --from 2024-11 --to 2024-12 --format json")]
    [InlineData("movements", "movements")]
    [InlineData("movements-limit", "movements --grain day --segment country=DE --limit 4")]
    [InlineData("movements-json", "movements --kind churn --kind new --grain instant --format json")]
    [InlineData("rates", "rates --from 2024-01")]
    [InlineData("rates-json", "rates --from 2024-11 --to 2024-11 --segment country=DE --format json")]
    [InlineData("rolling", "rolling")]
    [InlineData("rolling-by-country", "rolling --by country --window 30d --window last-month")]
    [InlineData("rolling-csv", "rolling --by country --format csv")]
    [InlineData("rolling-json", "rolling --window 7d --format json")]
    [InlineData("series", "series mrr --from 2024-06")]
    [InlineData("series-rate", "series gross-churn --by country --from 2024-06")]
    [InlineData("series-days-csv", "series customers --grain day --from 2024-12 --to 2024-12 --format csv")]
    [InlineData("series-mean-csv", "series arpa --by country --from 2024-11 --to 2024-12 --format csv")]
    [InlineData("series-json", "series logo-churn --from 2024-11 --to 2024-12 --format json")]
    [InlineData("cohorts", "cohorts")]
    [InlineData("cohorts-by-country", "cohorts --by country --basis first-paid-instant --from 2024-01")]
    [InlineData("cohorts-json", "cohorts --to 2023-03 --format json")]
    [InlineData("segments", "segments")]
    [InlineData("segments-csv", "segments plan --format csv")]
    [InlineData("segments-json", "segments country --format json")]
    [InlineData("explain", "explain --month 2024-11")]
    [InlineData("explain-limit", "explain --month 2024-12 --limit 1")]
    [InlineData("explain-csv", "explain --month 2024-11 --format csv")]
    [InlineData("explain-json", "explain --month 2024-12 --kind new --format json")]
    public async Task Screen_OfFewCustomers_IsTheGoldenOne(string name, string command)
    {
        await using var server = await MetricsServer.StartAsync();
        var outcome = await server.AskAsync(command.Split(' '));
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Golden.Matches(name, outcome.Output);
    }

    [Theory]
    [InlineData("metrics")]
    [InlineData("overview")]
    [InlineData("movements")]
    [InlineData("rates")]
    [InlineData("rolling")]
    [InlineData("series")]
    [InlineData("cohorts")]
    [InlineData("segments")]
    [InlineData("explain")]
    [InlineData("watch")]
    public void Help_OfACommand_IsTheGoldenOne(string name)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var churn = Cli.ChurnCommand.Create(Suite.Metrics.MetricsCommand.Create());
        string[] arguments = name == "metrics" ? ["metrics", "--help"] : ["metrics", name, "--help"];
        Assert.Equal(0, Cli.ChurnCommand.Read(churn, arguments).Invoke(new System.CommandLine.InvocationConfiguration { Output = output }));
        Golden.Matches("help-" + name, output.ToString());
    }
}
