using System.Globalization;
using BenchmarkDotNet.Running;
using Churn.Benchmarks;

// The parts by BenchmarkDotNet; "report" times the whole command against its peer, "live" the way of facts through a server,
// "loop" that of a fact to a message, "apart" services on PostgreSQL, RabbitMQ and Redis (facts a second, seconds).
if (args is ["report", .. var rest])
{
    return ReportBenchmark.Run(rest);
}

if (args is ["live", .. var more])
{
    return await LiveBenchmark.RunAsync(more is ["--runs", var runs] ? int.Parse(runs, CultureInfo.InvariantCulture) : 5);
}

if (args is ["loop"])
{
    return await LoopBenchmark.RunAsync();
}

if (args is ["apart", .. var how])
{
    var (rate, seconds) = how is [var r, var s] ? (int.Parse(r, CultureInfo.InvariantCulture), int.Parse(s, CultureInfo.InvariantCulture)) : (5_000, 60);
    return await ApartBenchmark.RunAsync(rate, seconds);
}

BenchmarkSwitcher.FromAssembly(typeof(LedgerBenchmarks).Assembly).Run(args);
return 0;
