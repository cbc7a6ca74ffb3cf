using System.Globalization;
using BenchmarkDotNet.Running;
using Churn.Benchmarks;

// The parts by BenchmarkDotNet; "report" times the whole command against its peer, "live" the way of facts through a server.
if (args is ["report", .. var rest])
{
    return ReportBenchmark.Run(rest);
}

if (args is ["live", .. var more])
{
    return await LiveBenchmark.RunAsync(more is ["--runs", var runs] ? int.Parse(runs, CultureInfo.InvariantCulture) : 5);
}

BenchmarkSwitcher.FromAssembly(typeof(LedgerBenchmarks).Assembly).Run(args);
return 0;
