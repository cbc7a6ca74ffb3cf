using System.Diagnostics;
using System.Globalization;
using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Tests;

/// <summary>Compares the statistics with those of R, which share no code with them, over random tables.</summary>
public sealed class RstatsTests
{
    private const int Tables = 400;
    private const int Samples = 100;

    // The score interval of one share is R's own; method 10 is put together from two of them.
    private const string TablesScript = """
        x <- read.csv(file("stdin"))
        w <- function(k, n) suppressWarnings(prop.test(k, n, correct = FALSE)$conf.int)
        for (i in seq_len(nrow(x))) {
          r <- x[i, ]
          w1 <- w(r$a, r$m); w2 <- w(r$b, r$n); p1 <- r$a / r$m; p2 <- r$b / r$n
          f <- fisher.test(matrix(c(r$a, r$m - r$a, r$b, r$n - r$b), 2))$p.value
          s <- chisq.test(c(r$n, r$m), p = c(r$share, 1 - r$share))$p.value
          cat(sprintf("%.17g,%.17g,%.17g,%.17g\n", f, p1 - p2 - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2), p1 - p2 + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2), s))
        }
        """;

    private const string SamplesScript = """
        for (line in readLines(file("stdin"))) {
          sides <- lapply(strsplit(strsplit(line, ";")[[1]], ","), as.numeric)
          t <- t.test(sides[[1]], sides[[2]])
          cat(sprintf("%.17g,%.17g\n", t$conf.int[1], t$conf.int[2]))
        }
        """;

    [Fact]
    public async Task Tables_Random_AgreeWithR()
    {
        var random = new Random(20260301);
        var tables = Enumerable.Range(0, Tables).Select(i =>
        {
            var most = i % 4 == 0 ? 20_000 : i % 4 == 1 ? 10 : 300;
            var (m, n) = (random.Next(1, most), random.Next(1, most));
            return (A: random.Next(0, m + 1), M: m, B: i % 3 == 0 ? (int)Math.Round(n * random.NextDouble()) : random.Next(0, n + 1), N: n, Share: Math.Round(0.01 + (random.NextDouble() * 0.49), 3));
        }).ToList();
        var lines = await RunAsync(TablesScript, "a,m,b,n,share\n" + string.Concat(tables.Select(table => FormattableString.Invariant($"{table.A},{table.M},{table.B},{table.N},{table.Share}\n"))));
        Assert.Equal(Tables, lines.Count);
        foreach (var (table, line) in tables.Zip(lines))
        {
            var (fisher, low, high, ratio) = (line[0], line[1], line[2], line[3]);
            var interval = Proportions.Newcombe(table.A, table.M, table.B, table.N);
            Near(fisher, Proportions.Fisher(table.A, table.M, table.B, table.N), table, 1e-7);
            Near(low, interval.Low, table, 1e-9);
            Near(high, interval.High, table, 1e-9);
            var off = table.N - ((table.M + table.N) * table.Share);
            Near(ratio, Distributions.ChiSquareAbove((off * off / ((table.M + table.N) * table.Share)) + (off * off / ((table.M + table.N) * (1 - table.Share)))), table, 1e-7);
        }
    }

    [Fact]
    public async Task Welch_RandomSamples_AgreesWithR()
    {
        var random = new Random(20260302);
        var samples = Enumerable.Range(0, Samples).Select(_ => (First: Sample(random), Second: Sample(random))).ToList();
        var lines = await RunAsync(SamplesScript, string.Concat(samples.Select(sample => Join(sample.First) + ";" + Join(sample.Second) + "\n")));
        Assert.Equal(Samples, lines.Count);
        foreach (var (sample, line) in samples.Zip(lines))
        {
            var interval = Means.Welch(sample.First, sample.Second)!.Value;
            Near(line[0], interval.Low, sample, 1e-9);
            Near(line[1], interval.High, sample, 1e-9);
        }
    }

    private static void Near<T>(double expected, double actual, T of, double relative) =>
        Assert.True(Math.Abs(expected - actual) <= (relative * Math.Abs(expected)) + 1e-12 || (expected < 1e-250 && actual < 1e-250), $"R says {expected:R}, we say {actual:R}: {of}");

    private static double[] Sample(Random random)
    {
        var scale = Math.Pow(10, random.Next(0, 8));
        return [.. Enumerable.Range(0, random.Next(2, 60)).Select(_ => Math.Round((random.NextDouble() - 0.5) * scale, 6))];
    }

    private static string Join(double[] values) => string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private static async Task<List<double[]>> RunAsync(string script, string input)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "Rscript")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "Rscript is not installed: the statistics are not compared with R");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".R");
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program!, ["--vanilla", file]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await error);
            return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())];
        }
        finally
        {
            File.Delete(file);
        }
    }
}
