using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;

namespace Churn.SystemTests;

/// <summary>What <c>churn serve</c> says when it cannot serve: one line, and exit status 1.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task Serve_OnABusyPort_SaysSo()
    {
        using var folder = new TemporaryFolder();
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var line = await RefusedAsync("--data", folder.Path, "--listen", "127.0.0.1:" + port);
        Assert.Contains($"127.0.0.1:{port} cannot be listened on", line, StringComparison.Ordinal);
        Assert.Contains("--listen", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_InAFolderThatIsAFile_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Assert.Contains(file, await RefusedAsync("--data", Path.Combine(file, "data")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_InAFolderThatIsInUse_NamesTheProcess()
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        var line = await RefusedAsync("--data", folder.Path);
        Assert.Contains($"{folder.Path} is in use by process", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("facts.db")]
    [InlineData("metrics.db")]
    [InlineData("playbooks.db")]
    [InlineData("notifications.db")]
    public async Task Serve_ADatabaseOfANewerVersion_IsRefusedUntouched(string name)
    {
        using var folder = await FilledAsync();
        var file = Path.Combine(folder.Path, name);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);

        // The schema's version is a big-endian number in the file's header.
        bytes[62] = 7;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var line = await RefusedAsync("--data", folder.Path);
        Assert.Contains($"{file} was written by a newer version", line, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("facts.db")]
    [InlineData("metrics.db")]
    [InlineData("playbooks.db")]
    [InlineData("notifications.db")]
    public async Task Serve_ADamagedFile_IsRefusedByName(string name)
    {
        using var folder = await FilledAsync();
        var file = Path.Combine(folder.Path, name);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes.AsSpan(4096, 8192).Fill(0xA5);
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        Assert.Contains($"{file} is damaged", await RefusedAsync("--data", folder.Path), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "this is no database, however long it may be", TestContext.Current.CancellationToken);
        Assert.Contains($"{file} is not a database", await RefusedAsync("--data", folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_ToldToEnd_EndsAtOnceAndKeepsEverything()
    {
        using var folder = await FilledAsync();
        using var server = await Server.StartAsync(folder.Path);
        using var watch = server.Metrics.WatchMetrics(new Metrics.V1.WatchMetricsRequest { Read = new Metrics.V1.ReadOptions { Currency = "USD" } }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(0, await server.StopAsync());
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(folder.Path, "facts.db-wal")));
    }

    private static async Task<TemporaryFolder> FilledAsync()
    {
        var folder = new TemporaryFolder();
        using var server = await Server.StartAsync(folder.Path);
        var random = new RandomHistories(2);
        await server.Ingestion.RecordFactsAsync(
            new RecordFactsRequest { Facts = { Enumerable.Range(0, 100).SelectMany(i => random.Of($"c{i}")) } }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, await server.StopAsync());
        return folder;
    }

    private static async Task<string> RefusedAsync(params string[] arguments)
    {
        string[] command = ["exec", Path.Combine(AppContext.BaseDirectory, "Churn.Suite.dll"), "serve", "--listen", "127.0.0.1:0", .. arguments];
        var start = new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (arguments.Contains("--listen"))
        {
            start.ArgumentList.RemoveAt(3);
            start.ArgumentList.RemoveAt(3);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, ""), (process.ExitCode, await output));
        Assert.StartsWith("churn serve: ", error, StringComparison.Ordinal);
        return Assert.Single(error.TrimEnd('\n').Split('\n'));
    }
}
