using System.Globalization;

namespace Churn.Cli.Tests.Report;

/// <summary>Which months are reported, and that a later beginning changes no month.</summary>
public sealed class HorizonTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    // The month of the latest instant may go on, whether that is a start, an end or a record time.
    [InlineData("2023-01-10,,2023-04-01T00:00:00Z,", "2023-01", "2023-03")]
    [InlineData("2023-01-10,2023-03-31T23:59:59Z,,", "2023-01", "2023-02")]
    [InlineData("2023-01-10,2023-04-01,,", "2023-01", "2023-03")]
    [InlineData("2023-01-31T23:59:59-02:00,2023-04-01,,", "2023-02", "2023-03")]
    [InlineData("2023-01-10,,,2023-06-01", "2023-01", "2023-01")]
    // "Never" is no instant of the file.
    [InlineData("2023-01-10,9999-12-31,2023-03-05,", "2023-01", "2023-02")]
    public void Run_NoMonthsStated_ReportsFirstStartToLastCompleteMonth(string row, string from, string to)
    {
        var cells = row.Split(',');
        var files = _desk.RunFiles(
            [_desk.Write("a.csv", $"customer_id,start_at,end_at,recorded_at,noted,mrr\nA,{cells[0]},{cells[1]},{cells[2]},{cells[3]},5\n")]);
        Assert.Equal((from, to), Months(files));
    }

    [Fact]
    public void Regression_DatesBefore1970_AreReported()
    {
        var files = _desk.RunFiles([_desk.Write("a.csv", "customer_id,start_at,end_at,mrr\nA,1958-11-10,1959-02-01,5\n")]);
        Assert.Equal(("1958-11", "1959-01"), Months(files));
    }

    [Fact]
    public void Run_NoCompleteMonth_ReportsTheFirstAndSaysSo()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr,currency\nA,2023-05-02,5,EUR\nB,2023-05-20,5,EUR\n");
        Assert.Equal(("2023-05", "2023-05"), Months(_desk.RunFiles([file])));
        Assert.Equal(
            ["note: the rows hold no complete month: 2023-05 is reported as far as they go (--to states another)"],
            _desk.Run(file).Errors);
    }

    [Theory]
    [InlineData("--from 2023-06 --to 2023-05", "--from 2023-06 is after --to 2023-05")]
    [InlineData("--from 2023-04", "--from 2023-04 is after the last complete month of the rows, 2023-03")]
    [InlineData("--to 2022-12", "--to 2022-12 is before the first start of the rows, in 2023-01")]
    public void Run_NoMonthLeft_SaysSoAndReturnsOne(string arguments, string error)
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,end_at,mrr,currency\nA,2023-01-10,2023-04-01,5,EUR\n");
        var outcome = _desk.Run([file, .. arguments.Split(' ')]);
        Assert.Equal(1, outcome.Status);
        Assert.Equal([$"churn report: {error}"], outcome.Errors);
    }

    [Fact]
    public void Run_MonthsBeyondTheRows_ReportsThemToo()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr\nA,2023-01-10,5\n");
        var files = _desk.RunFiles([file, "--from", "2022-11", "--to", "2023-12"]);
        Assert.Equal(("2022-11", "2023-12"), Months(files));
        Assert.Equal("5.00", Desk.Cells(files["monthly.csv"]).Last(c => c[0] == "month")[^2]);
    }

    [Fact]
    public void Run_LaterFrom_SaysOfItsMonthsWhatTheWholeReportSays()
    {
        var file = Desk.Data("oracle-small/subscriptions.csv");
        var whole = _desk.RunFiles([file, "--from", "2022-01", "--to", "2024-12"]);
        foreach (var from in (string[])["2022-02", "2023-06", "2024-03", "2024-12"])
        {
            var later = _desk.RunFiles([file, "--from", from, "--to", "2024-12"]);
            Assert.Equal(whole.Keys.Order(StringComparer.Ordinal), later.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, content) in later)
            {
                var all = Desk.Cells(whole[name]);
                // A cohort keeps its history; everything else is of one month or of a part of one.
                var period = Array.FindIndex(all[0], c => c is "month" or "day" or "t");
                var expected = all.Where((row, i) => i == 0 || period < 0 || string.CompareOrdinal(row[period][..7], from) >= 0);
                Assert.Equal(expected.Select(Text), Desk.Cells(content).Select(Text));
            }
        }
    }

    [Fact]
    public void Run_EarlierTo_SaysOfItsMonthsWhatTheWholeReportSays()
    {
        var file = Desk.Data("oracle-small/subscriptions.csv");
        var whole = _desk.RunFiles([file, "--from", "2022-01", "--to", "2024-12"]);
        var earlier = _desk.RunFiles([file, "--from", "2022-01", "--to", "2023-09"]);
        foreach (var (name, content) in earlier)
        {
            var all = Desk.Cells(whole[name]);
            var period = Array.FindIndex(all[0], c => c is "month" or "day" or "t");
            var expected = all.Where((row, i) => i == 0 || string.CompareOrdinal(period < 0 ? Closing(row) : row[period][..7], "2023-09") <= 0);
            Assert.Equal(expected.Select(Text), Desk.Cells(content).Select(Text));
        }
    }

    // The month of a cohort's closing at an age.
    private static string Closing(string[] row) => DateTime.ParseExact(row[1] + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture)
        .AddMonths(int.Parse(row[2], CultureInfo.InvariantCulture)).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static string Text(string[] row) => string.Join(',', row);

    private static (string From, string To) Months(Dictionary<string, byte[]> files)
    {
        var months = Desk.Cells(files["monthly.csv"])[1..].Where(c => c[0] == "month").Select(c => c[1]).ToList();
        return (months[0], months[^1]);
    }
}
