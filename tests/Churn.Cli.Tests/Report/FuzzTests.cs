using System.Text;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Churn.Metrics.Domain;

namespace Churn.Cli.Tests.Report;

/// <summary>Files that were valid once and were damaged since: no crash, no row lost without a word, no bridge that does not close.</summary>
public sealed class FuzzTests
{
    private const int Files = 100_000;

    private static readonly (string Text, InputOptions Options)[] Seeds =
    [
        ("""
        customer_id,start_at,end_at,mrr,plan,country
        A,2023-01-10,2023-03-15,50.00,Team,DE
        B,2023-02-05T12:00:00Z,,20.5,Starter,FR
        A,2023-03-15,,80,Business,DE
        C,2023-02-28T23:59:59.999999+05:30,2023-04-01T00:00:00-01:00,0,Free,
        """, new InputOptions()),
        ("""
        subscription_id,customer_id,plan,billing_period,amount_cents,currency,start_at,end_at,recorded_at
        S1,C01,Team,month,5000,USD,2023-01-10T09:00:00Z,2023-03-15T09:00:00Z,2023-01-10T09:00:00Z
        S2,C01,Business,year,8000,USD,2023-03-15T09:00:00Z,2023-03-15T15:00:00Z,2023-03-15T09:00:00Z
        S3,C02,Team,week,5000,USD,2023-03-15T15:00:00Z,,2023-03-15T15:00:00Z
        S3,C02,Team,week,5000,USD,2023-03-15T15:00:00Z,,2023-03-15T15:00:00Z
        S4,C03,Team,day,1,USD,2023-01-31T00:00:00Z,2023-02-28T00:00:00Z,2023-01-10T09:00:00Z
        """, new InputOptions()),
        ("""
        "subscription_id";"customer_id";"plan";"start_at";"end_at";"mrr";"region"
        "S1";"A ""quoted"" one";"Te;am";"2023-01-10";"2023-02-10";"10.123456";"north
        west"
        "S2";"B";"Solo";"2023-01-11";"";"1000000000";"south"
        "S3";"B";"Te;am";"2023-02-11";"2023-02-11";"7";""
        """, new InputOptions { By = "region" }),
        ("customer_id\ttenure\tchurn\tmonthly_charges\tcontract\r\nA\t0\tNo\t29.85\tOne year\r\nB\t3\tYes\t56.95\tMonth-to-month\r\nC\t2\tNo\t1.5\tTwo year\r\n",
            Mappings.Telco(new InputOptions { SnapshotDay = Calendar.DayOf(2023, 4, 15) })),
        ("customer_id,start_at,mrr_cents,plan\nA,2023-01-10,100,x\nA,2023-02-10,200,y\nB,2023-01-01,300,x\n", new InputOptions { By = "plan" }),
    ];

    private static readonly string[] Pieces =
    [
        ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "\r", "\0", " ", "-", "99999999999999999999999", "1e9", "NaN", "0.0000005", "-1", "+1",
        "9999-12-31", "2023-02-30", "1900-01-01", "2199-12-31T23:59:60-23:59", "T24:00:00Z", "customer_id", "end_date", "\uFEFF",
        "\u001b[31m", "EUR", "usd", "day,week", "Yes", "1199",
    ];

    [Fact]
    public void Law_DamagedFiles_NeverCrashAndAlwaysBalance() =>
        // Damage that nothing survives would test little.
        Assert.InRange(CountReported(Files, text => text), Files / 3, Files * 9 / 10);

    [Fact]
    public void Law_DamagedGzip_NeverCrashesAndAlwaysBalances() => Assert.InRange(CountReported(5_000, Desk.Gzip), 50, 5_000);

    private static int CountReported(int files, Func<byte[], byte[]> write)
    {
        var reported = 0;
        Parallel.For(0, files, seed =>
        {
            var random = new Random(seed);
            var (text, options) = Seeds[random.Next(Seeds.Length)];
            var bytes = Damage([.. write(Encoding.UTF8.GetBytes(text))], random);
            try
            {
                if (Check(bytes, options, random))
                {
                    Interlocked.Increment(ref reported);
                }
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, file {Convert.ToBase64String(bytes)} {Encoding.Latin1.GetString(bytes)}: {e}");
            }
        });
        return reported;
    }

    private static byte[] Damage(List<byte> bytes, Random random)
    {
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes[at..(at + length)]);
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 5:
                    Replace(bytes, ",;\t\n\""[random.Next(5)], ",;\t\n\"\0"[random.Next(6)], random);
                    break;
                case 6:
                    RepeatLine(bytes, at);
                    break;
                case 7:
                    ReplaceField(bytes, at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                default:
                    // Most cuts are near the end: a file that is only a header says little.
                    CutEnd(bytes, random.Next(random.Next(2) == 0 ? 20 : 300));
                    break;
            }
        }

        return [.. bytes];
    }

    private static void CutEnd(List<byte> bytes, int length)
    {
        length = Math.Min(length, bytes.Count);
        bytes.RemoveRange(bytes.Count - length, length);
    }

    private static void Replace(List<byte> bytes, char from, char to, Random random)
    {
        var all = random.Next(2) == 0;
        for (var i = 0; i < bytes.Count; i++)
        {
            if (bytes[i] == from && (all || random.Next(4) == 0))
            {
                bytes[i] = (byte)to;
            }
        }
    }

    private static void RepeatLine(List<byte> bytes, int at)
    {
        var start = at == 0 ? 0 : bytes.LastIndexOf((byte)'\n', at - 1) + 1;
        var end = bytes.IndexOf((byte)'\n', start);
        if (end >= 0)
        {
            bytes.InsertRange(end + 1, bytes[start..(end + 1)]);
        }
    }

    private static void ReplaceField(List<byte> bytes, int at, byte[] piece)
    {
        bool Separates(int i) => bytes[i] is (byte)',' or (byte)';' or (byte)'\t' or (byte)'\n';
        int start = at, end = at;
        while (start > 0 && !Separates(start - 1))
        {
            start--;
        }

        while (end < bytes.Count && !Separates(end))
        {
            end++;
        }

        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, piece);
    }

    private static bool Check(byte[] bytes, InputOptions options, Random random)
    {
        Subscriptions subscriptions;
        try
        {
            // Blocks of a few bytes lead rows across their edges.
            var blockSize = random.Next(4) == 0 ? random.Next(1, 200) : 1 << 12;
            subscriptions = Reading.Read(options with { Files = ["a"] }, _ => new MemoryStream(bytes, writable: false), threads: 1, blockSize);
        }
        catch (ReportException e)
        {
            Assert.DoesNotContain(e.Message, char.IsControl);
            return false;
        }

        var rows = CountRows(bytes);
        if (rows is not null)
        {
            Assert.Equal(rows, subscriptions.Rows + subscriptions.Duplicates + subscriptions.Rejects.Count);
        }

        Assert.DoesNotContain(subscriptions.Rejects, r => r.Text.Any(char.IsControl));
        Assert.Equal(subscriptions.Rows, subscriptions.Order.Sum(c => subscriptions.Of(c).Length));

        // Any months will do to see that bridges close; few of them cost little.
        var first = Calendar.MonthOf(subscriptions.FirstStart);
        var from = Math.Max(first, Calendar.MonthOf(2023, 1));
        var analysis = new Analysis(subscriptions, new Horizon(from, from + 2, first), files: null, movers: null, threads: 1);
        foreach (var part in analysis.Parts(options.By is not null, options.IsByPlan))
        {
            var ledger = analysis.Run(part);
            foreach (var grain in Enum.GetValues<Grain>())
            {
                Assert.All(ledger.Imbalances(grain), imbalance => Assert.Equal(Int128.Zero, imbalance));
            }
        }

        return true;
    }

    // Counted where a line is a row: without quotes, gzip or a header that begins later.
    private static int? CountRows(byte[] bytes)
    {
        if (bytes.AsSpan().IndexOfAny((byte)'"', (byte)0x1F) >= 0)
        {
            return null;
        }

        var lines = Encoding.Latin1.GetString(bytes).Split('\n').Select(line => line.EndsWith('\r') ? line[..^1] : line).ToList();
        var header = lines.FindIndex(line => line.Trim('\r').Length > 0);
        return lines.Skip(header + 1).Count(line => line.Length > 0);
    }
}
