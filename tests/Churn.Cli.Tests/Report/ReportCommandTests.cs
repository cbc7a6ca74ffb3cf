using System.Diagnostics;
using Churn.Cli.Report;

namespace Churn.Cli.Tests.Report;

/// <summary>What the command line accepts, and what it says of the rest.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("a.csv --from 2024-13", "--from takes a month such as 2024-12, not '2024-13'.")]
    [InlineData("a.csv --to 2024", "--to takes a month such as 2024-12, not '2024'.")]
    [InlineData("a.csv --to 2024-01-01", "--to takes a month such as 2024-12, not '2024-01-01'.")]
    [InlineData("a.csv --format xml", "--format takes table, csv or json, not 'xml'.")]
    [InlineData("a.csv --currency EURO", "--currency takes a code of three letters such as USD, not 'EURO'.")]
    [InlineData("a.csv --mapping unknown", "--mapping knows telco, not 'unknown'.")]
    [InlineData("a.csv --fromm", "--fromm is not an option of churn report; --help lists them.")]
    [InlineData("a.csv -x", "-x is not an option of churn report; --help lists them.")]
    [InlineData("a.csv --tenure t", "--tenure needs --churned too.")]
    [InlineData("a.csv --tenure t --churned c=Yes", "--tenure needs --price too.")]
    [InlineData("a.csv --tenure t --churned c=Yes --price p", "--tenure needs --snapshot-date too.")]
    [InlineData("a.csv --churned c=Yes", "--churned goes with --tenure, which is missing.")]
    [InlineData("a.csv --price p", "--price goes with --tenure, which is missing.")]
    [InlineData("a.csv --snapshot-date 2024-01-01", "--snapshot-date goes with --tenure, which is missing.")]
    [InlineData("a.csv --tenure t --churned Yes --price p --snapshot-date 2024-01-01", "--churned takes COLUMN=VALUE, for example churn=Yes, not 'Yes'.")]
    [InlineData("a.csv --tenure t --churned =Yes --price p --snapshot-date 2024-01-01", "--churned takes COLUMN=VALUE, for example churn=Yes, not '=Yes'.")]
    [InlineData("a.csv --tenure t --churned c=Yes --price p --snapshot-date 2024-02-30", "--snapshot-date takes a day such as 2024-12-31, not '2024-02-30'.")]
    public void Parse_WrongArguments_SaysSoInOneSentence(string arguments, string error)
    {
        var outcome = _desk.Run(arguments.Split(' '));
        Assert.Equal(1, outcome.Status);
        Assert.Equal(error, outcome.Errors[0]);
    }

    [Fact]
    public void Regression_ChurnedWithoutAValueBesideAMapping_IsAnError() => Assert.Equal(
        "--churned takes COLUMN=VALUE, for example churn=Yes, not 'Yes'.", _desk.Run("a.csv", "--mapping", "telco", "--churned", "Yes").Errors[0]);

    [Theory]
    [InlineData("--out")]
    [InlineData("--svg")]
    [InlineData("--rejects")]
    [InlineData("--by")]
    [InlineData("--plan")]
    [InlineData("--currency")]
    public void Regression_EmptyValue_IsAnErrorAndNoCrash(string option)
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr\nA,2023-01-10,5\n");
        var outcome = _desk.Run(file, option, "");
        Assert.Equal(1, outcome.Status);
        Assert.Contains($"{option} is empty.", outcome.Errors);
    }

    [Fact]
    public void Regression_EmptyFileName_IsAnErrorAndNoCrash()
    {
        var outcome = _desk.Run("");
        Assert.Equal(1, outcome.Status);
        Assert.Equal(["churn report: the name of a file is empty"], outcome.Errors);
    }

    [Fact]
    public void Parse_Arguments_AreTheOptions()
    {
        ReportOptions? seen = null;
        var command = ReportCommand.Create(options =>
        {
            seen = options;
            return 7;
        });
        string[] arguments =
        [
            "a.csv", "b.csv", "--from", "2023-01", "--to", "2023-12", "--by", "region", "--format", "json", "--out", "o", "--svg", "s",
            "--rejects", "r", "--currency", "EUR", "--attribute", "end_date", "--attribute", "period", "--plan", "tier",
        ];
        Assert.Equal(7, command.Parse(arguments).Invoke());
        Assert.Equal(["a.csv", "b.csv"], seen!.Input.Files);
        Assert.Equal(["end_date", "period"], seen.Input.Attributes);
        Assert.Equal(
            (ReportFormat.Json, "o", "s", "r", "EUR", "region", "tier", 636, 647),
            (seen.Format, seen.Out, seen.Svg, seen.Rejects, seen.Input.Currency, seen.Input.By, seen.Input.Plan, seen.From, seen.To));

        Assert.Equal(7, command.Parse([]).Invoke());
        Assert.Equal(["-"], seen.Input.Files);
    }

    [Theory]
    [InlineData("report --form table", "--form is not an option of churn report; --help lists them.")]
    [InlineData("report no-such-file.csv", "churn report: no-such-file.csv does not exist")]
    public async Task Process_WrongArguments_SaysOneSentenceAndReturnsOne(string arguments, string error)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Churn.Cli.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments.Split(' ')])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        Assert.Equal(error, (await process.StandardError.ReadToEndAsync()).TrimEnd());
        Assert.Equal("", (await output).Trim());
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
    }
}
