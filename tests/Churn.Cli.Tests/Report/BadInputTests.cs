using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;

namespace Churn.Cli.Tests.Report;

/// <summary>What cannot be reported is said with its place and its reason, and the rest is reported.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Header = "subscription_id,customer_id,start_at,end_at,mrr,currency,plan\n";
    private const string Good = "S1,A,2023-01-10,2023-03-01,5,EUR,x\n";

    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("S2,,2023-01-10,,5,EUR,x", "customer_id is empty")]
    [InlineData(",B,2023-01-10,,5,EUR,x", "subscription_id is empty")]
    [InlineData("S2,B,,,5,EUR,x", "start_at is empty")]
    [InlineData("S2,B,10.01.2023,,5,EUR,x", "start_at \"10.01.2023\" is not a date (YYYY-MM-DD) or an RFC 3339 instant (YYYY-MM-DDTHH:MM:SSZ)")]
    [InlineData("S2,B,2023-02-29,,5,EUR,x", "start_at \"2023-02-29\" has day 29, which that month does not have")]
    [InlineData("S2,B,2023-13-01,,5,EUR,x", "start_at \"2023-13-01\" has month 13")]
    [InlineData("S2,B,1899-12-31,,5,EUR,x", "start_at \"1899-12-31\" has a year outside 1900 to 2199")]
    [InlineData("S2,B,9999-12-31,,5,EUR,x", "start_at \"9999-12-31\" has a year outside 1900 to 2199")]
    [InlineData("S2,B,2023-01-10T10:00:00,,5,EUR,x", "start_at \"2023-01-10T10:00:00\" has a time without Z or an offset such as +02:00, so its instant is unknown")]
    [InlineData("S2,B,2023-01-10T10:00Z,,5,EUR,x", "start_at \"2023-01-10T10:00Z\" has a time that is not HH:MM:SS with Z or an offset such as +02:00")]
    [InlineData("S2,B,2023-01-10T24:00:00Z,,5,EUR,x", "start_at \"2023-01-10T24:00:00Z\" has the time 24:00:00, which no day has")]
    [InlineData("S2,B,2023-01-10T10:00:00+2,,5,EUR,x", "start_at \"2023-01-10T10:00:00+2\" has a time that is not HH:MM:SS with Z or an offset such as +02:00")]
    [InlineData("S2,B,2023-01-10,soon,5,EUR,x", "end_at \"soon\" is not a date (YYYY-MM-DD) or an RFC 3339 instant (YYYY-MM-DDTHH:MM:SSZ)")]
    [InlineData("S2,B,2023-01-10,2023-01-09,5,EUR,x", "end_at \"2023-01-09\" is before start_at (2023-01-10)")]
    [InlineData("S2,B,2023-01-10,,,EUR,x", "mrr is empty")]
    [InlineData("S2,B,2023-01-10,,free,EUR,x", "mrr \"free\" is not a number such as 1234.56")]
    [InlineData("S2,B,2023-01-10,,1e3,EUR,x", "mrr \"1e3\" is not a number such as 1234.56")]
    [InlineData("S2,B,2023-01-10,,\"1,000\",EUR,x", "mrr \"1,000\" is not a number: write 1234.56, without thousands separators and with a decimal point")]
    [InlineData("S2,B,2023-01-10,,-5,EUR,x", "mrr \"-5\" is negative; a price is zero or more")]
    [InlineData("S2,B,2023-01-10,,1000000000.000001,EUR,x", "mrr \"1000000000.000001\" is above 1000000000 units, the largest amount that is accepted")]
    [InlineData("S2,B,2023-01-10,,5,USD,x", "currency is USD, and this report is in EUR: --currency USD reports those rows")]
    [InlineData("S2,B,2023-01-10,,5,,x", "currency is empty")]
    [InlineData("S2,B,2023-01-10,,5,EURO,x", "currency \"EURO\" is not a currency code such as USD")]
    [InlineData("S2,B,2023-01-10,,5,EUR", "the row has 6 fields; the header has 7")]
    [InlineData("S2", "the row has 1 field; the header has 7")]
    [InlineData("S2,B,2023-01-10,,5,EUR,x,y,z", "the row has 9 fields; the header has 7")]
    [InlineData("S2,\"B,2023-01-10,,5,EUR,x", "a quote that opens a field is never closed")]
    [InlineData("S2,\"B\"b,2023-01-10,,5,EUR,x", "text follows the closing quote of a field (a quote inside a quoted field is written twice)")]
    public void Run_OneBadRow_RejectsItAndReportsTheRest(string row, string reason)
    {
        var file = _desk.Write("a.csv", $"{Header}{Good}{row}\nS3,C,2023-01-10,2023-03-01,7,EUR,x\n");
        var outcome = _desk.Run(file, "--rejects", _desk.PathOf("r.csv"));
        Assert.Equal(2, outcome.Status);
        Assert.Equal([$"a.csv:3: {reason}", "churn report: 1 row is not reported; all are in r.csv"], outcome.Errors);
        var files = _desk.RunFiles([file], status: 2);
        Assert.Equal("12.00", Desk.Cells(files["monthly.csv"])[1][^2]);
    }

    [Theory]
    [InlineData("mrr_cents", "1.5", "mrr_cents \"1.5\" is not a whole number of cents")]
    [InlineData("mrr_cents", "-1", "mrr_cents \"-1\" is negative; a price is zero or more")]
    [InlineData("mrr_cents", "100000000001", "mrr_cents \"100000000001\" is above 1000000000 units, the largest amount that is accepted")]
    [InlineData("amount,billing_period", "5,fortnight", "billing_period \"fortnight\" is not day, week, month, quarter or year")]
    [InlineData("amount,billing_period", "5,", "billing_period is empty")]
    [InlineData("amount_cents,billing_period", "9000000000,day", "amount_cents \"9000000000\" is above 1000000000 units a month, the largest amount that is accepted")]
    [InlineData("recorded_at,mrr", "then,5", "recorded_at \"then\" is not a date (YYYY-MM-DD) or an RFC 3339 instant (YYYY-MM-DDTHH:MM:SSZ)")]
    public void Run_OneBadCell_RejectsItsRow(string columns, string cells, string reason)
    {
        var good = columns.Contains("recorded", StringComparison.Ordinal) ? "2023-01-10,5" : columns.Contains(',', StringComparison.Ordinal) ? "5,month" : "5";
        var file = _desk.Write("a.csv", $"customer_id,start_at,{columns}\nA,2023-01-10,{good}\nB,2023-01-10,{cells}\n");
        var outcome = _desk.Run(file, "--currency", "EUR", "--to", "2023-01");
        Assert.Equal([$"a.csv:3: {reason}", "churn report: 1 row is not reported"], outcome.Errors.Where(e => !e.StartsWith("note: ", StringComparison.Ordinal)));
        Assert.Equal(2, outcome.Status);
    }

    [Theory]
    [InlineData("day,week")]
    [InlineData("+1")]
    [InlineData("1")]
    public void Regression_BillingPeriodThatOnlyLooksLikeOne_IsRejected(string period)
    {
        var file = _desk.Write("a.csv", $"customer_id,start_at,amount,billing_period\nA,2023-01-10,5,Month\nB,2023-01-10,5,\"{period}\"\n");
        Assert.Equal($"a.csv:3: billing_period \"{period}\" is not day, week, month, quarter or year", _desk.Run(file).Errors[0]);
    }

    [Theory]
    [InlineData("9999-99-99")]
    [InlineData("2500-not a date")]
    [InlineData("2201-02-29")]
    public void Regression_EndBeyondTheYearsThatIsNoDate_IsRejected(string end)
    {
        var outcome = _desk.Run(_desk.Write("a.csv", $"{Header}{Good}S2,B,2023-01-10,{end},5,EUR,x\n"));
        Assert.Equal(2, outcome.Status);
        Assert.StartsWith($"a.csv:3: end_at \"{end}\" ", outcome.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Run_EndsFarAway_AreRunning()
    {
        var rows = string.Concat(((string[])["9999-12-31", "9999-12-31T23:59:59Z", "2204-02-29"]).Select((end, i) => $"T{i},C{i},2023-01-10,{end},5,EUR,x\n"));
        var files = _desk.RunFiles([_desk.Write("a.csv", Header + Good + rows)]);
        Assert.Equal("3", Desk.Cells(files["monthly.csv"]).Last(c => c[0] == "month")[^1].Replace("4", "3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "a.csv is empty")]
    [InlineData("\n \n\r\n", "a.csv is empty")]
    [InlineData("customer_id,start_at,mrr\n", "a.csv holds a header and no rows")]
    [InlineData("customer_id,start_at,mrr", "a.csv holds a header and no rows")]
    [InlineData("id,start_at,mrr\nA,2023-01-10,5\n", "a.csv lacks customer_id; its columns are id, start_at, mrr")]
    [InlineData("customer_id,mrr\nA,5\n", "a.csv lacks start_at; its columns are customer_id, mrr")]
    [InlineData("customer_id,start_at\nA,2023-01-10\n", "a.csv lacks a price (mrr, mrr_cents, or amount or amount_cents with billing_period); its columns are customer_id, start_at")]
    [InlineData("a,b\n1,2\n", "a.csv lacks customer_id, start_at and a price (mrr, mrr_cents, or amount or amount_cents with billing_period); its columns are a, b")]
    [InlineData("customer_id,start_at,mrr,mrr\nA,2023-01-10,5,5\n", "a.csv has the column \"mrr\" twice, as columns 3 and 4")]
    [InlineData("customer_id,start_at,mrr,MRR\nA,2023-01-10,5,5\n", "a.csv has the column \"MRR\" twice, as columns 3 and 4")]
    [InlineData("customer_id,start_at,,mrr\nA,2023-01-10,5,5\n", "a.csv has no name for column 3 in its header")]
    [InlineData("customer_id,start_at,amount\nA,2023-01-10,5\n", "a.csv has amount but no billing_period (day, week, month, quarter or year), so the price of a month is unknown; name the column mrr if it is that")]
    [InlineData("customer_id,start_at,mrr,end_date\nA,2023-01-10,5,\n", "a.csv has a column \"end_date\", which resembles end_at: rename it to end_at if it is that, or say --attribute end_date if it is not")]
    [InlineData("customer_id,start_at,mrr,end at\nA,2023-01-10,5,\n", "a.csv has a column \"end at\", which resembles end_at: rename it to end_at if it is that, or say --attribute \"end at\" if it is not")]
    [InlineData("customer_id,start_at,mrr,custmer_id\nA,2023-01-10,5,\n", "a.csv has a column \"custmer_id\", which resembles customer_id: rename it to customer_id if it is that, or say --attribute custmer_id if it is not")]
    [InlineData("customer_id,start_at,mrr\nA,soon,5\n", "a.csv has no row that can be reported; the reason is in line 2: start_at \"soon\" is not a date (YYYY-MM-DD) or an RFC 3339 instant (YYYY-MM-DDTHH:MM:SSZ)")]
    [InlineData("customer_id,start_at,mrr\nA,2023-01-10,x\nA,soon,5\n", "a.csv has no row that can be reported; the first of 2 reasons is in line 2: mrr \"x\" is not a number such as 1234.56")]
    [InlineData("customer_id,\"start_at\nA,2023-01-10,x\n", "a.csv does not begin with a header that can be read: a line of comma-separated column names")]
    public void Run_NothingReadable_SaysOneSentenceAndReturnsOne(string text, string error)
    {
        var outcome = _desk.Run(_desk.Write("a.csv", text));
        Assert.Equal(1, outcome.Status);
        Assert.Equal([$"churn report: {error}"], outcome.Errors);
    }

    [Fact]
    public void Regression_ColumnLikeBillingPeriod_IsNamedRatherThanTheOneMissing() => Assert.Equal(
        ["churn report: a.csv has a column \"billing_interval\", which resembles billing_period: rename it to billing_period if it is that, or say --attribute billing_interval if it is not"],
        _desk.Run(_desk.Write("a.csv", "customer_id,start_at,amount,billing_interval\nA,2023-01-10,5,month\n")).Errors);

    [Fact]
    public void Run_ResemblingColumnNamedAnAttribute_IsOne()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr,end_date,currency\nA,2023-01-10,5,z,EUR\n");
        var outcome = _desk.Run(file, "--attribute", "end_date", "--by", "end_date", "--to", "2023-01");
        Assert.Equal(0, outcome.Status);
        Assert.Empty(outcome.Errors);
        Assert.Equal(
            ["churn report: a.csv has no column \"nosuch\", which --attribute names; its columns are customer_id, start_at, mrr, end_date, currency"],
            _desk.Run(file, "--attribute", "end_date", "--attribute", "nosuch").Errors);
    }

    [Fact]
    public void Run_SeveralPrices_TakesTheFirstOfTheListAndSaysSo()
    {
        var file = _desk.Write("a.csv", "amount_cents,amount,billing_period,mrr_cents,mrr,customer_id,start_at,currency\n1,2,year,300,4.5,A,2023-01-10,EUR\n");
        string[] expected =
        [
            "note: a.csv: mrr_cents is ignored, because mrr is there", "note: a.csv: amount is ignored, because mrr is there",
            "note: a.csv: amount_cents is ignored, because mrr is there",
            "note: a.csv: billing_period is ignored, because mrr is the price of a month",
        ];
        Assert.Equal(expected, _desk.Run(file, "--to", "2023-01").Errors);
        Assert.Equal("4.50", Desk.Cells(_desk.RunFiles([file, "--to", "2023-01"])["monthly.csv"])[1][^2]);
        var cents = _desk.Write("b.csv", "amount,billing_period,mrr_cents,customer_id,start_at\n2,year,300,A,2023-01-10\n");
        Assert.Equal("3.00", Desk.Cells(_desk.RunFiles([cents, "--to", "2023-01"])["monthly.csv"])[1][^2]);
        var amount = _desk.Write("c.csv", "amount_cents,amount,billing_period,customer_id,start_at\n1,1000,year,A,2023-01-10\n");
        Assert.Equal("83.333333", Desk.Cells(_desk.RunFiles([amount, "--to", "2023-01"])["monthly.csv"])[1][^2]);
    }

    [Fact]
    public void Regression_PlanColumnBesideTheNamedOne_IsIgnoredAndSaid()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr,plan,tier,currency\nA,2023-01-10,5,x,y,EUR\n");
        Assert.Equal(["note: a.csv: plan is ignored, because tier is the plan"], _desk.Run(file, "--plan", "tier", "--to", "2023-01").Errors);
    }

    [Theory]
    [InlineData("day", "12", "365.00")]
    [InlineData("week", "10", "43.333333")]
    [InlineData("WEEK", "10", "43.333333")]
    [InlineData("month", "7.25", "7.25")]
    [InlineData("quarter", "0.000003", "0.000001")]
    [InlineData("Year", "0.000006", "0.00")]
    [InlineData("year", "0.000018", "0.000002")]
    public void Run_BillingPeriod_IsNormalisedHalfToEven(string period, string amount, string mrr)
    {
        var file = _desk.Write("a.csv", $"customer_id,start_at,amount,billing_period\nA,2023-01-10,{amount},{period}\nA,2023-01-10,1,month\n");
        var money = decimal.Parse(Desk.Cells(_desk.RunFiles([file, "--to", "2023-01"])["monthly.csv"])[1][^2], CultureInfo.InvariantCulture);
        Assert.Equal(decimal.Parse(mrr, CultureInfo.InvariantCulture), money - 1);
    }

    [Fact]
    public void Run_DuplicateIds_SameContentCountsOnceAndOtherContentNever()
    {
        var file = _desk.Write("a.csv", Header + Good + "S2,B,2023-01-10,,7,EUR,x\n" + "S1,A,2023-01-10T00:00:00Z,2023-03-01T01:00:00+01:00,5.00,EUR,x\n" + "S2,B,2023-01-10,,8,EUR,x\n");
        var outcome = _desk.Run(file);
        Assert.Equal(2, outcome.Status);
        string[] expected =
        [
            "a.csv:3: subscription_id stands with other content in line 5; neither is counted",
            "a.csv:5: subscription_id stands with other content in line 3; neither is counted",
            "churn report: 2 rows are not reported",
        ];
        Assert.Equal(expected, outcome.Errors);
        Assert.Equal("5.00", Desk.Cells(_desk.RunFiles([file], status: 2)["monthly.csv"])[1][^2]);
        var other = _desk.Write("b.csv", Header + "S1,A,2023-01-10,2023-03-01,6,EUR,x\n");
        Assert.Equal("a.csv:2: subscription_id stands with other content in b.csv, line 2; neither is counted", _desk.Run(_desk.Write("a.csv", Header + Good + "S9,A,2023-01-10,2023-03-01,6,EUR,x\n"), other).Errors[0]);
    }

    [Theory]
    [InlineData("S1,A,2023-01-10,2023-03-01,5,EUR,y")]
    [InlineData("S1,B,2023-01-10,2023-03-01,5,EUR,x")]
    [InlineData("S1,A,2023-01-11,2023-03-01,5,EUR,x")]
    [InlineData("S1,A,2023-01-10,,5,EUR,x")]
    [InlineData("S1,A,2023-01-10,2023-03-01,5.000001,EUR,x")]
    public void Run_DuplicateIdWithAnyOtherContent_RejectsBoth(string row)
    {
        var outcome = _desk.Run(_desk.Write("a.csv", $"{Header}{Good}{row}\nS2,C,2023-01-10,2023-03-01,5,EUR,x\n"));
        Assert.Equal("churn report: 2 rows are not reported", outcome.Errors[^1]);
    }

    [Fact]
    public void Run_InvalidUtf8_RejectsOnlyThoseRows()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Header + Good + "S2,B"), 0xFF, .. Encoding.UTF8.GetBytes(",2023-01-10,,5,EUR,x\nS3,\u00c4,2023-01-10,,5,EUR,x\nS4,\"C"), 0xC3, .. Encoding.UTF8.GetBytes("\",2023-01-10,,5,EUR,x\n")];
        var outcome = _desk.Run(_desk.Write("a.csv", bytes), "--to", "2023-01");
        Assert.Equal(2, outcome.Status);
        Assert.Equal(
            ["a.csv:3: the row is not UTF-8: save the file as UTF-8", "a.csv:5: the row is not UTF-8: save the file as UTF-8", "churn report: 2 rows are not reported"],
            outcome.Errors);
        Assert.Equal(["churn report: b.csv has a header that is not UTF-8: save it as UTF-8"], _desk.Run(_desk.Write("b.csv", [0xFF, .. bytes])).Errors);
        Assert.Equal(["churn report: c.csv is UTF-16: save it as UTF-8"], _desk.Run(_desk.Write("c.csv", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Header)])).Errors);
    }

    [Fact]
    public void Run_FileCutInARow_SaysSoAndReportsTheRest()
    {
        var file = _desk.Write("a.csv", Header + Good + "S2,B,2023-0");
        string[] expected =
        [
            "a.csv:3: the row has 3 fields; the header has 7", "churn report: 1 row is not reported",
            "note: a.csv: the last line has no line end; if the file was cut, so may be its last row",
        ];
        var outcome = _desk.Run(file);
        Assert.Equal(expected, outcome.Errors);
        Assert.Equal(2, outcome.Status);
    }

    [Theory]
    [InlineData(3, 0.9)]
    [InlineData(60_000, 0.5)]
    [InlineData(60_000, 0.99)]
    public void Regression_GzipCutInTheMiddle_ReportsTheWholeRowsBefore(int rows, double kept)
    {
        // Prices that end the rows: a cut one would still be a number.
        var text = new StringBuilder("customer_id,start_at,end_at,mrr\n");
        var random = new Random(1);
        for (var i = 0; i < rows; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"C{i},2023-01-10,2023-03-01,{random.Next(100_000, 999_999)}\n");
        }

        var whole = Desk.Gzip(Encoding.UTF8.GetBytes(text.ToString()));
        var outcome = _desk.Run(_desk.Write("a.csv.gz", whole[..(int)(whole.Length * kept)]), "--currency", "EUR", "--out", _desk.PathOf("o"));
        Assert.Equal(2, outcome.Status);
        Assert.Equal("churn report: 1 row is not reported", outcome.Errors[^1]);
        Assert.EndsWith(": the gzip stream is cut or damaged: what follows is missing", outcome.Errors[0], StringComparison.Ordinal);
        var lines = text.ToString().Split('\n');
        var reported = File.ReadAllLines(_desk.PathOf("o/movements_instant.csv")).Where(l => l.EndsWith(",new", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(reported);
        Assert.Equal($"a.csv.gz:{reported.Count + 2}", outcome.Errors[0].Split(": ")[0]);
        var prices = lines[1..(reported.Count + 1)].ToDictionary(l => l.Split(',')[0], l => l.Split(',')[3] + ".00", StringComparer.Ordinal);
        Assert.All(reported, l => Assert.Equal(prices[l.Split(',')[0]], l.Split(',')[3]));
        Assert.Equal(["churn report: b.csv.gz is not a whole gzip file"], _desk.Run(_desk.Write("b.csv.gz", whole[..12])).Errors);
    }

    [Fact]
    public void Run_LineOf100Megabytes_IsRejectedInLittleMemory()
    {
        const long length = 100_000_000;
        foreach (var filler in (byte[])[(byte)'x', (byte)',', (byte)'"'])
        {
            using var stream = new LongLine(Encoding.UTF8.GetBytes(Header + Good), filler, length, Encoding.UTF8.GetBytes("\nS3,C,2023-01-10,2023-03-01,7,EUR,x\n"));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcome = _desk.Run([], stream, threads: 1);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(2, outcome.Status);
            Assert.Equal(
                [$"standard input:3: the row is {length} bytes long; the longest that is read has 1000000", "churn report: 1 row is not reported"],
                outcome.Errors);
            Assert.InRange(allocated, 0, 40_000_000);
        }
    }

    [Fact]
    public void Run_HeaderOf100Megabytes_IsRefusedInLittleMemory()
    {
        using var stream = new LongLine([], (byte)'x', 100_000_000, "\n"u8.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(
            ["churn report: standard input does not begin with a header that can be read: a line of comma-separated column names"],
            _desk.Run([], stream, threads: 1).Errors);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000_000);
    }

    [Fact]
    public void Regression_QuoteBeyondTheLongestRow_IsRejectedAndNoCrash()
    {
        var outcome = _desk.Run(_desk.Write("a.csv", $"{Header}{Good}S2,{new string('b', 1_000_001)},\"2023-01-10\",,5,EUR,x\nS3,C,2023-01-10,,5,EUR,x\n"));
        Assert.Equal("a.csv:3: the row is 1000027 bytes long; the longest that is read has 1000000", outcome.Errors[0]);
        Assert.Equal("churn report: 1 row is not reported", outcome.Errors[1]);
    }

    [Fact]
    public void Run_ManyBadRows_ShowsTwentyAndWritesAll()
    {
        var rows = string.Concat(Enumerable.Range(0, 25).Select(i => $"S{i + 2},\"B, {i}\",2023-01-10,,\"x\u001b\",EUR,x\n"));
        var file = _desk.Write("a.csv", Header + Good + rows);
        var outcome = _desk.Run(file, "--rejects", _desk.PathOf("r.csv"));
        Assert.Equal(2, outcome.Status);
        Assert.Equal(21, outcome.Errors.Length);
        Assert.Equal("a.csv:22: mrr \"x?\" is not a number such as 1234.56", outcome.Errors[19]);
        Assert.Equal("churn report: 25 rows are not reported; the first 20 are above; all are in r.csv", outcome.Errors[20]);
        Assert.Equal("churn report: 25 rows are not reported; the first 20 are above, --rejects FILE writes all", _desk.Run(file).Errors[20]);
        var written = _desk.Read("r.csv").Split('\n');
        Assert.Equal("file,line,column,reason", written[0]);
        Assert.Equal(27, written.Length);
        Assert.Equal($"{file},27,mrr,\"\"\"x?\"\" is not a number such as 1234.56\"", written[25]);
    }

    [Fact]
    public void Regression_RejectsIntoAFileThatIsRead_LeavesItAlone()
    {
        var file = _desk.Write("a.csv", Header + Good);
        var outcome = _desk.Run(file, "--rejects", file);
        Assert.Equal(1, outcome.Status);
        Assert.Equal(["churn report: --rejects a.csv is a file to read: it would be overwritten"], outcome.Errors);
        Assert.Equal(Header + Good, _desk.Read("a.csv"));
    }

    [Fact]
    public void Run_NothingRejected_WritesTheHeaderOfTheRejects()
    {
        _desk.Run(_desk.Write("a.csv", Header + Good), "--rejects", _desk.PathOf("r.csv"));
        Assert.Equal("file,line,column,reason\n", _desk.Read("r.csv"));
    }

    [Fact]
    public void Regression_HostileText_NeverReachesTheTerminal()
    {
        const string hostile = "\u001b]0;gone\u0007\u001b[31m\u202e\u009b1m";
        string[] texts =
        [
            $"customer_id,start_at,mrr,{hostile}\nA,2023-01-10,5,5\nB,{hostile},5,5\n",
            $"customer_id,start_at,{hostile}\nA,2023-01-10,5\n",
            $"customer_id,start_at,mrr,{hostile},{hostile}\nA,2023-01-10,5,5\n",
            "customer_id,start_at,mrr,end\u001bat\nA,2023-01-10,5,5\n",
        ];
        var file = _desk.PathOf($"{hostile}.csv");
        foreach (var text in texts)
        {
            File.WriteAllText(file, text);
            foreach (var arguments in (string[][])[[], ["--by", hostile], ["--by", "nosuch"], ["--plan", hostile], ["--rejects", _desk.PathOf($"{hostile}-no-folder/r")], ["--out", file], [file]])
            {
                var outcome = _desk.Run([file, .. arguments]);
                Assert.DoesNotContain(string.Concat(outcome.Errors), c => char.IsControl(c) || c == '\u202e');
            }
        }

        File.Delete(file);
        Assert.Equal(["churn report: ?]0;gone??[31m??1m.csv does not exist"], _desk.Run(file).Errors.Select(e => e.Replace(_desk.PathOf(""), "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Run_FilesThatCannotBeRead_SaysSoAndReturnsOne()
    {
        var file = _desk.Write("a.csv", Header + Good);
        (string[] Arguments, string Error)[] cases =
        [
            ([_desk.PathOf("gone.csv")], "gone.csv does not exist"),
            ([_desk.PathOf("gone/gone.csv")], "gone/gone.csv does not exist"),
            ([Directory.CreateDirectory(_desk.PathOf("folder")).FullName], "folder is a folder: name the files in it"),
            ([file, file], "a.csv is named twice: its rows would count twice"),
            ([file, Path.Combine(Path.GetDirectoryName(file)!, ".", "a.csv")], "./a.csv is named twice: its rows would count twice"),
            (["-", "-"], "standard input is named twice: its rows would count twice"),
            ([file, "--out", file], "a.csv is a file, not a folder to write into"),
        ];
        foreach (var (arguments, error) in cases)
        {
            var outcome = _desk.Run(arguments);
            Assert.Equal(1, outcome.Status);
            Assert.Equal([$"churn report: {error}"], outcome.Errors);
        }
    }

    [Fact]
    public void Read_FileThatMayNotBeRead_SaysSo()
    {
        var denied = Assert.Throws<ReportException>(() => Reading.Read(
            new InputOptions { Files = ["a.csv"] }, _ => throw new UnauthorizedAccessException("Access to the path 'a.csv' is denied."), threads: 1));
        Assert.Equal("a.csv cannot be read: Access to the path 'a.csv' is denied.", denied.Message);
        // Gone between the look and the reading.
        var gone = Assert.Throws<ReportException>(() => Reading.Read(
            new InputOptions { Files = ["a.csv"] }, _ => throw new FileNotFoundException("Could not find file."), threads: 1));
        Assert.Equal("a.csv does not exist", gone.Message);
        var broken = Assert.Throws<ReportException>(() => Reading.Read(
            new InputOptions { Files = ["a.csv"] }, _ => new BrokenStream(Encoding.UTF8.GetBytes(Header + Good)), threads: 1));
        Assert.Equal("a.csv cannot be read: The device is gone.", broken.Message);
    }

    [Fact]
    public void Run_RejectsThatCannotBeWritten_SaysSoAndReturnsOne()
    {
        var outcome = _desk.Run(_desk.Write("a.csv", Header + Good), "--rejects", _desk.PathOf("no-folder/r.csv"));
        Assert.Equal(1, outcome.Status);
        Assert.StartsWith("churn report: Could not find a part of the path", Assert.Single(outcome.Errors), StringComparison.Ordinal);
        if (File.Exists("/dev/full"))
        {
            outcome = _desk.Run(_desk.Write("b.csv", Header + Good + "S2\n"), "--rejects", "/dev/full");
            Assert.Equal(1, outcome.Status);
            Assert.StartsWith("churn report: No space left on device", outcome.Errors[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_PricesBeyondAnInt64Together_RejectsThatCustomer()
    {
        var rows = string.Concat(Enumerable.Repeat("A,2023-01-10,2023-03-01,1000000000\n", 9_224));
        var outcome = _desk.Run(_desk.Write("a.csv", $"customer_id,start_at,end_at,mrr\n{rows}B,2023-01-10,2023-03-01,5\n"));
        Assert.Equal(2, outcome.Status);
        Assert.Equal("a.csv:2: the prices of this row's customer add up to more than 9223372036854 units", outcome.Errors[0]);
        Assert.StartsWith("churn report: 9224 rows are not reported", outcome.Errors[20], StringComparison.Ordinal);
    }

    [Fact]
    public void Regression_DelimiterInAQuotedName_IsNoDelimiter()
    {
        var outcome = _desk.Run(_desk.Write("a.csv", "\"region; or none\",customer_id,start_at,mrr,currency\nx,A,2023-01-10,5,EUR\n"), "--to", "2023-01");
        Assert.Empty(outcome.Errors);
        Assert.Equal(0, outcome.Status);
    }

    /// <summary>Generates one long line between a head and a tail.</summary>
    private sealed class LongLine(byte[] head, byte filler, long length, byte[] tail) : ReadOnlyStream
    {
        private long _at;

        public override int Read(Span<byte> buffer)
        {
            int count;
            if (_at < head.Length)
            {
                count = Math.Min(buffer.Length, head.Length - (int)_at);
                head.AsSpan((int)_at, count).CopyTo(buffer);
            }
            else if (_at < head.Length + length)
            {
                count = (int)Math.Min(buffer.Length, head.Length + length - _at);
                buffer[..count].Fill(filler);
            }
            else
            {
                var inTail = (int)(_at - head.Length - length);
                count = Math.Min(buffer.Length, tail.Length - inTail);
                tail.AsSpan(inTail, count).CopyTo(buffer);
            }

            _at += count;
            return count;
        }
    }

    private sealed class BrokenStream(byte[] content) : ReadOnlyStream
    {
        private bool _read;

        public override int Read(Span<byte> buffer)
        {
            if (_read)
            {
                throw new IOException("The device is gone.");
            }

            _read = true;
            var length = Math.Min(buffer.Length, content.Length);
            content.AsSpan(0, length).CopyTo(buffer);
            return length;
        }
    }

    [Fact]
    public void Run_NothingReadable_StillWritesAllRejects()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr\nA,x,5\nB,2024-01-01,-5\n");
        var outcome = _desk.Run(file, "--rejects", _desk.PathOf("rejects.csv"));
        Assert.Equal(1, outcome.Status);
        Assert.Equal("churn report: all reasons are in rejects.csv", outcome.Errors[^1]);
        Assert.Equal(3, _desk.Read("rejects.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Run_EmptyCurrencyBesideOneThatIsAskedFor_IsTakenAsThat()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr,currency\nA,2024-01-01,5,\nB,2024-02-01,5,USD\n");
        Assert.Equal(0, _desk.Run(file, "--currency", "USD").Status);
        Assert.Equal("a.csv:2: currency is empty", _desk.Run(file).Errors[0]);
    }

    [Fact]
    public void Run_FileWithoutCurrencyBesideOneWith_IsSaid()
    {
        var plain = _desk.Write("a.csv", "customer_id,start_at,mrr\nA,2024-01-01,5\n");
        var euro = _desk.Write("b.csv", "customer_id,start_at,mrr,currency\nB,2024-02-01,5,EUR\n");
        Assert.Contains("note: a.csv: no currency is stated; its amounts are taken as EUR", _desk.Run(plain, euro).Errors);
    }

    [Fact]
    public void Run_ThatFails_LeavesTheFilesOfTheRunBefore()
    {
        var file = _desk.Write("a.csv", "customer_id,start_at,mrr\nA,2024-01-01,5\n");
        Assert.Equal(0, _desk.Run(file, "--out", _desk.PathOf("out")).Status);
        var before = _desk.Read("out/monthly.csv");
        // A folder in the place of one file: that one cannot be replaced.
        File.Delete(_desk.PathOf("out/rates.csv"));
        Directory.CreateDirectory(_desk.PathOf("out/rates.csv"));
        _desk.Write("a.csv", "customer_id,start_at,mrr\nA,x,5\n");
        Assert.Equal(1, _desk.Run(file, "--out", _desk.PathOf("out")).Status);
        Assert.Equal(before, _desk.Read("out/monthly.csv"));
        _desk.Write("a.csv", "customer_id,start_at,mrr\nA,2024-01-01,6\n");
        Assert.Equal(1, _desk.Run(file, "--out", _desk.PathOf("out")).Status);
        Assert.Empty(Directory.GetFiles(_desk.PathOf("out"), ".*"));
    }
}
