using System.Diagnostics;
using System.Globalization;

namespace Churn.Benchmarks;

/// <summary>Times <c>churn report</c> as a whole process, side by side with DuckDB doing the same with tuned SQL.</summary>
internal static class ReportBenchmark
{
    private const int Small = 400_000;
    private const int Large = 4_000_000;

    public static int Run(string[] arguments)
    {
        if (arguments is not ([] or ["--runs", _]) || (arguments.Length == 2 && !int.TryParse(arguments[1], out _)))
        {
            Console.Error.WriteLine("Usage: report [--runs N]   (from the repository's root; ./churn and npm must work)");
            return 1;
        }

        var runs = arguments.Length == 2 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 7;
        var folder = Directory.CreateTempSubdirectory("churn-benchmark-").FullName;
        try
        {
            var churn = Build();
            var small = Generate(churn, folder, Small);
            AgainstPeer(churn, folder, small, runs);
            Linear(churn, folder, small, Math.Max(3, runs / 2));
            var help = Whole.InTurn(runs, () => { }, Whole.Command(churn, "--help"))[0];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"churn --help: {Whole.Median(help.Select(t => t.Seconds)):0.000} s"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The launcher builds what is stale; what is timed is what it would start.
    private static string Build()
    {
        using var launcher = Process.Start(Whole.Command("./churn", "version"))!;
        launcher.StandardOutput.ReadToEnd();
        launcher.WaitForExit();
        return Path.GetFullPath("artifacts/launcher/program/churn");
    }

    private static string Generate(string churn, string folder, int rows)
    {
        var file = Path.Combine(folder, $"{rows}.csv");
        Whole.InTurn(1, () => { }, Whole.Command(churn, "generate", "--intervals", "--rows", rows.ToString(CultureInfo.InvariantCulture), "--out", file));
        return file;
    }

    private static ProcessStartInfo Report(string churn, string folder, string file) => Whole.Command(
        churn, "report", file, "--from", "2022-01", "--to", "2024-12", "--out", Path.Combine(folder, "out", "churn"));

    // Every run writes new files: replacing those of the run before costs by their size, which is not the run's own.
    private static void Clear(string folder)
    {
        var output = Path.Combine(folder, "out");
        if (Directory.Exists(output))
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static void AgainstPeer(string churn, string folder, string file, int runs)
    {
        var peer = Path.Combine(folder, "duckdb");
        Directory.CreateDirectory(peer);
        foreach (var script in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "duckdb")))
        {
            File.Copy(script, Path.Combine(peer, Path.GetFileName(script)));
        }

        var install = Whole.Command("npm", "install", "--silent", "@duckdb/node-api");
        install.WorkingDirectory = peer;
        Whole.InTurn(1, () => { }, install);
        var taken = Whole.InTurn(
            runs, () => Clear(folder), Report(churn, folder, file), Whole.Command("node", Path.Combine(peer, "report.mjs"), file, Path.Combine(folder, "out", "peer")));
        Show($"churn report, {Small} intervals", taken[0]);
        Show($"DuckDB, {Small} intervals", taken[1]);
        var ratios = taken[0].Zip(taken[1], (a, b) => b.Seconds / a.Seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"DuckDB takes {Whole.Median(ratios):0.0} times as long (median of {runs} pairs)"));
    }

    private static void Linear(string churn, string folder, string small, int runs)
    {
        var large = Generate(churn, folder, Large);
        var taken = Whole.InTurn(runs, () => Clear(folder), Report(churn, folder, small), Report(churn, folder, large));
        Show($"churn report, {Large} intervals", taken[1]);
        var ratios = taken[1].Zip(taken[0], (a, b) => a.Seconds / b.Seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Large / Small} times the intervals take {Whole.Median(ratios):0.0} times as long (median of {runs} pairs)"));
    }

    private static void Show(string what, Taken[] taken) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-34} median {Whole.Median(taken.Select(t => t.Seconds)):0.000} s, fastest {taken.Min(t => t.Seconds):0.000} s, peak {taken.Max(t => t.PeakMebibytes):0} MiB"));
}
