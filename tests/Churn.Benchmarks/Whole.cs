using System.Diagnostics;
using System.Globalization;

namespace Churn.Benchmarks;

/// <summary>Holds what one run of a whole process took.</summary>
internal readonly record struct Taken(double Seconds, double PeakMebibytes);

/// <summary>Times whole processes from outside, in turn, so that a machine that slows down slows all of them.</summary>
internal static class Whole
{
    /// <summary>Runs the commands in turn, first once uncounted, and gives each one's runs.</summary>
    /// <param name="runs">How many runs of each count.</param>
    /// <param name="before">What is done before each run, outside of its time.</param>
    /// <param name="commands">The commands.</param>
    public static Taken[][] InTurn(int runs, Action before, params ProcessStartInfo[] commands)
    {
        var taken = commands.Select(_ => new Taken[runs]).ToArray();
        for (var run = -1; run < runs; run++)
        {
            for (var i = 0; i < commands.Length; i++)
            {
                before();
                var one = Run(commands[i]);
                if (run >= 0)
                {
                    taken[i][run] = one;
                }
            }
        }

        return taken;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public static ProcessStartInfo Command(string program, params string[] arguments) => new(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };

    private static Taken Run(ProcessStartInfo command)
    {
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(command)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        double peak = 0;
        while (!process.WaitForExit(milliseconds: 2))
        {
            peak = Math.Max(peak, Peak(process.Id));
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command.FileName} ended with {process.ExitCode}: {output.Result}{error.Result}");
        }

        return new Taken(seconds, peak);
    }

    // The kernel keeps the highest resident size (VmHWM, in KiB) until the process is gone.
    private static double Peak(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
