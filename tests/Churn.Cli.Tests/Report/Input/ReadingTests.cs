using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Input;

/// <summary>Rows survive any way of writing, cutting and sharing out a file.</summary>
public sealed class ReadingTests
{
    private static readonly Gen<string> Text = Gen.Frequency(
        (3, Gen.ArrayOf(Gen.Elements('a', 'b', ' ', '"', ',', ';', '\n', '\r', '\t', '\u00e4', '\u4e2d', '\'')).Select(c => new string(c))),
        (1, ArbMap.Default.GeneratorFor<string>().Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s ?? "")))),
        (1, Gen.Elements("\U0001F600", "plain", "\"", "\"\"", "a\"b", ",", "\r\n")));

    private static readonly Gen<Cells> Row =
        from id in Text
        from customer in Text
        from plan in Text
        from region in Text
        from mrr in Any.Long(0, 1_000_000_000_000_000)
        select new Cells(id, "c" + customer, plan, region, mrr);

    private static readonly InputOptions ByRegion = new() { By = "region", Currency = "EUR" };

    [Fact]
    public void Law_AnyTexts_AreReadAsTheyWereWritten() => Prop.ForAll(Gen.ArrayOf(Row).Where(r => r.Length > 0).ToArbitrary(), rows =>
    {
        var read = Desk.ReadBytes(ByRegion, Csv(rows));
        Assert.Empty(read.Rejects);
        Assert.Equal(rows.Length, read.Rows);
        // The ids are numbered, so that no two rows have one.
        var expected = rows.Select(r => (Trim(r.Customer), Trim(r.Plan), r.Mrr)).Order();
        Assert.Equal(expected, Rows(read).Order());
        var last = rows.GroupBy(r => Trim(r.Customer), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => Encoding.UTF8.GetString(g.Select(r => Encoding.UTF8.GetBytes(Trim(r.Region))).Max(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))!), StringComparer.Ordinal);
        Assert.All(read.Order, c => Assert.Equal(last[read.Customers.Text(c)], read.Segments[read.SegmentOf[c]]));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Law_AnyBlockSizeAndThreads_ReadsTheSame()
    {
        var files =
            from rows in Gen.ArrayOf(Row).Where(r => r.Length > 0)
            from broken in Gen.ArrayOf(Gen.Elements("x\n", "S,\"open\n", "\n", "\"a\"b,c\n", "s,c,p,r,2023-01-10,-1\n", "s,c\u00ff,p,r,soon,1\n"))
            from size in Gen.Choose(1, 300)
            from threads in Gen.Choose(1, 3)
            select (Rows: rows, Broken: broken, Size: size, Threads: threads);
        Prop.ForAll(files.ToArbitrary(), x =>
        {
            byte[] bytes = [.. Csv(x.Rows), .. x.Broken.SelectMany(b => Encoding.Latin1.GetBytes(b)), .. Csv(x.Rows, first: 1_000)[Header.Length..]];
            Subscriptions Read(int threads, int size) => Reading.Read(
                ByRegion with { Files = ["a"] }, _ => new MemoryStream(bytes, writable: false), threads, size);
            var (whole, parts) = (Read(1, Blocks.DefaultSize), Read(x.Threads, x.Size));
            Assert.Equal(whole.Rejects.Select(r => (r.Line, r.Column)), parts.Rejects.Select(r => (r.Line, r.Column)));
            Assert.Equal(Rows(whole).Order(), Rows(parts).Order());
            Assert.Equal((whole.Duplicates, whole.FirstStart, whole.Latest), (parts.Duplicates, parts.FirstStart, parts.Latest));
            Assert.Equal(whole.Notes, parts.Notes);
            Assert.Equal(Segments(whole), Segments(parts));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Regression_BlockThatEndsBetweenAQuoteAndWhatFollows_LosesNoRow()
    {
        const string text = "subscription_id,customer_id,plan,region,start_at,mrr\nS,\"open\n1,a,,,2023-01-10,5\n\"\r2\",b,,,2023-01-10,5\n3,c,,,2023-01-10,5\n";
        for (var size = 1; size <= text.Length; size++)
        {
            var read = Reading.Read(
                ByRegion with { Files = ["a"] }, _ => new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false), threads: 1, size);
            Assert.Equal((3, 1), (read.Rows, read.Rejects.Count));
        }
    }

    [Fact]
    public void Law_QuotedAndPlainRows_AreReadAlike()
    {
        var cell = Gen.ArrayOf(Gen.Elements('a', 'b', ' ', '1', '\u00e4', '.')).Select(c => new string(c));
        var rows = Gen.ArrayOf(Gen.ArrayOf(cell, 4));
        Prop.ForAll(rows.ToArbitrary(), cells =>
        {
            // One quote anywhere sends a whole block through the scanner.
            var plain = "customer_id,plan,region,mrr,start_at\nx,x,x,1,2023-01-10\n"
                + string.Concat(cells.Select(c => string.Join(',', c) + ",2023-01-10\r\n"));
            var quoted = plain.Replace("x,x,x", "\"x\",x,x", StringComparison.Ordinal);
            var (a, b) = (Desk.ReadTexts(ByRegion, plain), Desk.ReadTexts(ByRegion, quoted));
            Assert.Equal(a.Rejects, b.Rejects);
            Assert.Equal(Rows(a).Order(), Rows(b).Order());
            Assert.Equal(Segments(a), Segments(b));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Law_RowsWrittenTwice_CountOnce() => Prop.ForAll(Gen.ArrayOf(Row).Where(r => r.Length > 0).ToArbitrary(), rows =>
    {
        var file = Csv(rows);
        var (once, twice) = (Desk.ReadBytes(ByRegion, file), Desk.ReadBytes(ByRegion, file, file));
        Assert.Equal(rows.Length, twice.Duplicates);
        Assert.Equal(Rows(once).Order(), Rows(twice).Order());
        Assert.Empty(twice.Rejects);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Regression_AttributesThatOnlyDifferInWhereTheyEnd_AreOtherContent()
    {
        const string header = "subscription_id,customer_id,start_at,mrr,one,two\n";
        var read = Desk.ReadTexts(
            new InputOptions(), $"{header}S,A,2023-01-10,5,\"a,b\",c\nT,A,2023-01-10,5,x,y\n", $"{header}S,A,2023-01-10,5,a,\"b,c\"\n");
        Assert.Equal((2, 0, 1), (read.Rejects.Count, read.Duplicates, read.Rows));
    }

    [Fact]
    public void Read_ManyRowsOverManyBlocks_NumbersLinesOfTheFile()
    {
        var text = new StringBuilder("customer_id,start_at,mrr\n");
        for (var line = 2; line <= 50_000; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"C{line},2023-01-10,{(line % 1_000 == 0 ? "x" : "5")}\n");
        }

        var read = Reading.Read(new InputOptions { Files = ["a"] }, _ => new MemoryStream(Encoding.ASCII.GetBytes(text.ToString())), threads: 4, blockSize: 5_000);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => i * 1_000), read.Rejects.Select(r => r.Line));
        Assert.Equal(49_949, read.Rows);
    }

    [Fact]
    public void Read_NoSubscriptionIds_CountsEqualRowsEach() =>
        Assert.Equal((2, 0), Counts(Desk.ReadTexts(new InputOptions(), "customer_id,start_at,mrr\nA,2023-01-10,5\nA,2023-01-10,5\n")));

    [Fact]
    public void Read_FilesOfOtherColumns_AreReadEachByItsHeader()
    {
        var read = Desk.ReadTexts(
            new InputOptions(), "customer_id,start_at,mrr\nA,2023-01-10,5\n", "amount_cents;billing_period;customer_id;start_at\n1200;year;A;2023-01-10\n");
        Assert.Equal([("A", "", 1_000_000), ("A", "", 5_000_000)], Rows(read).Order());
    }

    [Theory]
    [InlineData(null, "usd", "USD", 0)]
    [InlineData("EUR", "eur", "EUR", 0)]
    [InlineData("eur", "EUR", "EUR", 0)]
    public void Read_Currency_IsOneOfAnyCase(string? stated, string row, string currency, int rejects)
    {
        var read = Desk.ReadTexts(new InputOptions { Currency = stated }, $"customer_id,start_at,mrr,currency\nA,2023-01-10,5,{row}\n");
        Assert.Equal((currency, rejects), (read.Currency, read.Rejects.Count));
    }

    private static readonly byte[] Header = "subscription_id,customer_id,plan,region,start_at,mrr\n"u8.ToArray();

    private static byte[] Csv(Cells[] rows, int first = 0)
    {
        var lines = new Lines().Text(Header);
        for (var i = 0; i < rows.Length; i++)
        {
            lines.Cell(string.Create(CultureInfo.InvariantCulture, $"{rows[i].Id}#{first + i}")).Comma().Cell(rows[i].Customer).Comma().Cell(rows[i].Plan).Comma().Cell(rows[i].Region)
                .Comma().Cell("2023-01-10").Comma().Money(rows[i].Mrr).End();
        }

        return lines.Written.ToArray();
    }

    private static string Trim(string text) => text.Trim(' ', '\t');

    private static (int Rows, int Duplicates) Counts(Subscriptions read) => (read.Rows, read.Duplicates);

    private static List<(string Customer, string Plan, long Mrr)> Rows(Subscriptions read)
    {
        var rows = new List<(string, string, long)>();
        foreach (var customer in read.Order)
        {
            foreach (var term in read.Of(customer))
            {
                rows.Add((read.Customers.Text(customer), read.Plans[term.Plan], term.Mrr));
            }
        }

        return rows;
    }

    private static IEnumerable<(string, string)> Segments(Subscriptions read) =>
        read.Order.Select(c => (read.Customers.Text(c), read.Segments[read.SegmentOf[c]]));

    private sealed record Cells(string Id, string Customer, string Plan, string Region, long Mrr);
}
