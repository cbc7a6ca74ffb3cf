using System.Diagnostics;
using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Churn.ServiceDefaults.Grpc;
using Google.Rpc;
using Grpc.Core;

namespace Churn.SystemTests;

public sealed class DiskTests
{
    [Fact]
    public async Task Serve_EachWrite_ForcesBothDatabasesToDisk()
    {
        const string strace = "/usr/bin/strace";
        Assert.SkipUnless(File.Exists(strace), "strace is not installed: fsyncs cannot be counted");
        using var folder = new TemporaryFolder();
        var trace = Path.Combine(folder.Path, "trace.txt");
        const int writes = 25;
        using (var server = await Server.StartAsync(Path.Combine(folder.Path, "data"), strace, "-f", "-y", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace))
        {
            var before = (Count(trace, "facts.db-wal"), Count(trace, "metrics.db-wal"));
            var facts = new RandomHistories(1);
            foreach (var fact in Enumerable.Range(0, writes).Select(i => facts.Of($"c{i}")[0]))
            {
                var response = await server.Ingestion.RecordFactsAsync(
                    new RecordFactsRequest { Facts = { fact } }, cancellationToken: TestContext.Current.CancellationToken);
                await server.Metrics.GetRollingMetricsAsync(
                    new Metrics.V1.GetRollingMetricsRequest { Read = new Metrics.V1.ReadOptions { ConsistencyToken = response.ConsistencyToken, Currency = "" } },
                    cancellationToken: TestContext.Current.CancellationToken).ResponseAsync.ContinueWith(_ => { }, TaskScheduler.Default);
            }

            Assert.InRange(Count(trace, "facts.db-wal") - before.Item1, writes, int.MaxValue);
            Assert.InRange(Count(trace, "metrics.db-wal") - before.Item2, writes, int.MaxValue);
        }

        static int Count(string trace, string file)
        {
            using var stream = new FileStream(trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            // A call that another thread interrupts is told in two lines; the first one names the file.
            return reader.ReadToEnd().Split('\n').Count(line => line.Contains(file, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Serve_OnAFullDisk_LosesNothingAndGoesOnWhenThereIsRoom()
    {
        using var folder = new TemporaryFolder();
        var disk = Directory.CreateDirectory(Path.Combine(folder.Path, "disk")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=16m", "churn", disk), "a small file system cannot be mounted: this user is not root, or may not");
        try
        {
            var ballast = Path.Combine(disk, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[10 << 20], TestContext.Current.CancellationToken);
            using var server = await Server.StartAsync(Path.Combine(disk, "data"));
            var acknowledged = new List<Fact>();
            var random = new RandomHistories(30);
            var (refused, error) = await FillAsync(server, random, acknowledged);
            Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
            Assert.Equal("STORAGE_FULL", error.ToRichStatus()!.Details.First(d => d.Is(ErrorInfo.Descriptor)).Unpack<ErrorInfo>().Reason);

            File.Delete(ballast);
            var response = await server.Ingestion.RecordFactsAsync(
                new RecordFactsRequest { Facts = { refused } }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.All(response.Verdicts, v => Assert.Equal(Verdict.Recorded, v));
            acknowledged.AddRange(refused);
            await Model.AssertAnswersAsync(server.Metrics, acknowledged, "USD", response.ConsistencyToken);
            Assert.Equal(0, await server.StopAsync());

            using var again = await Server.StartAsync(Path.Combine(disk, "data"));
            await Model.AssertAnswersAsync(again.Metrics, acknowledged, "USD");
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static async Task<(List<Fact> Refused, RpcException Error)> FillAsync(Server server, RandomHistories random, List<Fact> acknowledged)
    {
        for (var i = 0; ; i++)
        {
            var batch = Enumerable.Range(0, 100).SelectMany(c => random.Of($"b{i}c{c}")).Take(1_000).ToList();
            try
            {
                await server.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { batch } }, cancellationToken: TestContext.Current.CancellationToken);
                acknowledged.AddRange(batch);
            }
            catch (RpcException e)
            {
                return (batch, e);
            }
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
