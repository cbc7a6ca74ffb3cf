using System.CommandLine;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report;

internal static class ReportCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE");
        var outDir = new Option<string>("--out");
        var from = new Option<string>("--from");
        var to = new Option<string>("--to");
        var command = new Command("report", "") { files, outDir, from, to };
        command.SetAction(p =>
        {
            var sw = System.Diagnostics.Stopwatch.StartNew();
            int M(string s) => Calendar.MonthOf(int.Parse(s[..4]), int.Parse(s[5..]));
            var subs = Reading.Read(new InputOptions { Files = p.GetValue(files)! }, f => new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.Read, 0), Environment.ProcessorCount);
            Console.WriteLine("read " + sw.ElapsedMilliseconds);
            var h = new Horizon(M(p.GetValue(from)!), M(p.GetValue(to)!), Calendar.MonthOf(subs.FirstStart));
            var dir = p.GetValue(outDir)!;
            Directory.CreateDirectory(dir);
            using var mf = new MovementFiles(dir, h, false);
            var ledger = Analysis.Run(subs, subs.Order, h, [], mf, Environment.ProcessorCount);
            Console.WriteLine("ran " + sw.ElapsedMilliseconds);
            using var rf = new ReportFiles(dir, false, false);
            rf.Write(ledger, [], subs.Plans);
            Console.WriteLine("wrote " + sw.ElapsedMilliseconds + " gc " + GC.CollectionCount(0) + " " + GC.CollectionCount(1) + " " + GC.CollectionCount(2) + " " + GC.GetTotalPauseDuration().TotalMilliseconds);
            foreach (var r in subs.Rejects) { Console.WriteLine(r); }
            return 0;
        });
        return command;
    }
}
