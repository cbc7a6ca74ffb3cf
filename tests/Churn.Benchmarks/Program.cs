using BenchmarkDotNet.Running;
using Churn.Benchmarks;

// The parts by BenchmarkDotNet; "report" times the whole command against its peer.
if (args is ["report", .. var rest])
{
    return ReportBenchmark.Run(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(LedgerBenchmarks).Assembly).Run(args);
return 0;
