using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Churn.Cli.Tests.Report;

/// <summary>The ten files of the hand-checked cases, and the same bytes however the input is written.</summary>
public sealed class OracleFilesTests : IDisposable
{
    private static readonly string[] Months = ["--from", "2022-01", "--to", "2024-12"];
    private static readonly string Source = File.ReadAllText(Desk.Data("oracle-small/subscriptions.csv"));
    private static readonly string[] Lines = Source.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    private static readonly Lazy<Dictionary<string, byte[]>> Plain = new(() =>
    {
        using var desk = new Desk();
        return desk.RunFiles([desk.Write("s.csv", Source), .. Months]);
    });

    private static readonly Regex Instant = new("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z", RegexOptions.NonBacktracking);

    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("by_plan_monthly.csv")]
    [InlineData("cohort_triangle.csv")]
    [InlineData("daily.csv")]
    [InlineData("monthly.csv")]
    [InlineData("monthly_new_react_true_history.csv")]
    [InlineData("movements_day.csv")]
    [InlineData("movements_instant.csv")]
    [InlineData("movements_month.csv")]
    [InlineData("rates.csv")]
    [InlineData("trailing12.csv")]
    public void Out_HandCheckedCases_AgreeInEveryCell(string file)
    {
        var expected = Desk.Cells(File.ReadAllBytes(Desk.Data($"oracle-small/expected/{file}")));
        var actual = Desk.Cells(Plain.Value[file]);
        Assert.Equal(expected[0].Select(name => name == "arpa_cents" ? "arpa" : name), actual[0]);
        Assert.Equal(expected.Length, actual.Length);
        for (var row = 1; row < expected.Length; row++)
        {
            Assert.Equal(expected[row].Length, actual[row].Length);
            for (var column = 0; column < expected[row].Length; column++)
            {
                var (name, want, got) = (expected[0][column], expected[row][column], actual[row][column]);
                Assert.True(Agree(name, want, got), $"{file} line {row + 1}, {name}: {want} expected, {got} written");
            }
        }
    }

    [Fact]
    public void Out_HandCheckedCases_WritesTenFilesAndNoOther()
    {
        var expected = Directory.GetFiles(Desk.Data("oracle-small/expected")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);
        Assert.Equal(expected, Plain.Value.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Out_HandCheckedCases_MovementsAreThoseTypedByHand()
    {
        var byHand = Desk.Cells(File.ReadAllBytes(Desk.Data("oracle-small/hand_expected_movements.csv")))[1..];
        foreach (var grain in (string[])["month", "day", "instant"])
        {
            var written = Desk.Cells(Plain.Value[$"movements_{grain}.csv"])[1..]
                .Select(c => $"{c[0]},{c[1]},{c[5]},{Number(c[4]) * 100:0}");
            var expected = byHand.Where(c => c[0] == grain).Select(c => $"{c[1]},{c[2]},{c[3]},{c[4]}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Out_EveryCell_IsWrittenAsDocumented()
    {
        foreach (var (file, content) in Plain.Value)
        {
            var text = Encoding.ASCII.GetString(content);
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\r', text);
            var cells = Desk.Cells(content);
            foreach (var (name, cell) in cells[1..].SelectMany(row => cells[0].Zip(row)).Where(c => c.Second.Length > 0))
            {
                var shape = Is(name, "^(delta|before|after)$|mrr(_th|0|_capped)?$") ? "^-?[0-9]+\\.[0-9]{2,6}$"
                    : name == "arpa" ? "^[0-9]+\\.[0-9]{2,8}$"
                    : Is(name, "rate|ratio|nrr|grr|retention") ? "^-?[0-9]+\\.[0-9]{12}$"
                    : Is(name, "_n(_th)?$|customers|subscriptions|age|reconcile") ? "^[0-9]+$"
                    : "";
                Assert.True(Is(cell, shape), $"{file}, {name}: {cell}");
            }
        }
    }

    [Fact]
    public void Out_RowsInAnyOrder_WritesTheSameBytes()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var rows = Lines[1..];
            new Random(seed).Shuffle(rows);
            AssertSame(Join([Lines[0], .. rows]));
        }
    }

    [Fact]
    public void Out_ColumnsInAnyOrder_WritesTheSameBytes() =>
        AssertSame(Join([.. Lines.Select(line => string.Join(',', line.Split(',').Reverse()))]));

    [Fact]
    public void Out_SeveralFiles_WritesTheSameBytes()
    {
        // Every third row: a customer's rows are in several files.
        string[] parts = [.. Enumerable.Range(0, 3).Select(n => _desk.Write($"{n}.csv", Join([Lines[0], .. Lines[1..].Where((_, i) => i % 3 == n)])))];
        AssertPlain(_desk.RunFiles([.. parts, .. Months]));
        AssertPlain(_desk.RunFiles([.. Months, .. parts.Reverse()]));
    }

    [Fact]
    public void Out_Gzip_WritesTheSameBytes()
    {
        AssertPlain(_desk.RunFiles([_desk.Write("s.csv.gz", Desk.Gzip(Encoding.UTF8.GetBytes(Source))), .. Months]));
        var half = Source.IndexOf("S020", StringComparison.Ordinal);
        byte[] members = [.. Desk.Gzip(Encoding.UTF8.GetBytes(Source[..half])), .. Desk.Gzip(Encoding.UTF8.GetBytes(Source[half..]))];
        AssertPlain(_desk.RunFiles([_desk.Write("two-members", members), .. Months]));
    }

    [Fact]
    public void Out_StandardInput_WritesTheSameBytes()
    {
        var plain = Encoding.UTF8.GetBytes(Source);
        using var first = new Trickle(plain, 7);
        AssertPlain(_desk.RunFiles(["-", .. Months], first));
        using var second = new Trickle(Desk.Gzip(plain), 3);
        AssertPlain(_desk.RunFiles(Months, second));
    }

    [Fact]
    public void Out_WindowsLineEnds_WritesTheSameBytes() => AssertSame(Source.Replace("\n", "\r\n", StringComparison.Ordinal));

    [Fact]
    public void Out_QuotedFields_WritesTheSameBytes()
    {
        var quoted = Join([.. Lines.Select(line => string.Join(',', line.Split(',').Select(cell => $"\"{cell}\"")))]);
        AssertSame(quoted);
        AssertSame(quoted.Replace("\n", "\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Out_ByteOrderMark_WritesTheSameBytes() => AssertSame("\uFEFF" + Source);

    [Fact]
    public void Out_EmptyLines_WritesTheSameBytes() => AssertSame("\n\r\n" + Source.Replace("\n", "\n\n", StringComparison.Ordinal));

    [Fact]
    public void Out_SpacesAroundFields_WritesTheSameBytes() => AssertSame(Source.Replace(",", " ,\t", StringComparison.Ordinal));

    [Fact]
    public void Out_NoLastLineEnd_WritesTheSameBytes() => AssertSame(Source.TrimEnd('\n'));

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    public void Out_OtherDelimiters_WritesTheSameBytes(char delimiter) => AssertSame(Source.Replace(',', delimiter));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Out_AnyNumberOfThreads_WritesTheSameBytes(int threads) =>
        AssertPlain(_desk.RunFiles([_desk.Write("s.csv", Source), .. Months], threads: threads));

    [Theory]
    [InlineData("+05:30")]
    [InlineData("-09:45")]
    [InlineData("+00:00")]
    public void Out_OtherOffsets_WritesTheSameBytes(string offset) => AssertSame(Instant.Replace(Source, match =>
    {
        var span = TimeSpan.ParseExact(offset[1..], "hh\\:mm", CultureInfo.InvariantCulture) * (offset[0] == '-' ? -1 : 1);
        return DateTimeOffset.Parse(match.Value, CultureInfo.InvariantCulture).ToOffset(span).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
    }));

    [Fact]
    public void Out_MidnightsAsDates_WritesTheSameBytes() => AssertSame(Source.Replace("T00:00:00Z", "", StringComparison.Ordinal));

    [Fact]
    public void Out_PricesAsUnits_WritesTheSameBytes() => AssertSame(Join([.. Lines.Select((line, i) =>
    {
        var cells = line.Split(',');
        cells[5] = i == 0 ? "mrr" : (Number(cells[5]) / 100).ToString(CultureInfo.InvariantCulture);
        return string.Join(',', cells);
    })]));

    [Fact]
    public void Out_RowsTwice_WritesTheSameBytes() => AssertSame(Source + Join(Lines[1..]));

    private static bool Agree(string column, string want, string got)
    {
        if (want.Length == 0 || got.Length == 0 || Is(column, "^(customer_id|t|day|month|grain|plan|basis|cohort_month|base_month|category.*)$"))
        {
            return want == got;
        }

        if (column == "arpa_cents")
        {
            return Math.Abs((Number(want) / 100) - Number(got)) <= 1e-8m;
        }

        if (Is(column, "^(delta|before|after|(opening|closing|base|now|active)_mrr|now_mrr_capped|cohort_mrr0|.*_mrr|.*_mrr_th)$"))
        {
            return Number(want) / 100 == Number(got);
        }

        return want.Contains('.', StringComparison.Ordinal) ? Math.Abs(Number(want) - Number(got)) <= 1e-9m : want == got;
    }

    private static bool Is(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static string Join(string[] lines) => string.Concat(lines.Select(line => line + "\n"));

    private static void AssertPlain(Dictionary<string, byte[]> files)
    {
        Assert.Equal(Plain.Value.Keys.Order(StringComparer.Ordinal), files.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, content) in files)
        {
            Assert.Equal(Encoding.UTF8.GetString(Plain.Value[name]), Encoding.UTF8.GetString(content));
        }
    }

    private void AssertSame(string source) => AssertPlain(_desk.RunFiles([_desk.Write("s.csv", source), .. Months]));
}
