using System.Net;
using System.Text;
using Churn.Suite.Serve;
using Churn.Suite.Tests.Import;

namespace Churn.Suite.Tests.Metrics;

/// <summary>Is the real server, into which a business was imported by <c>churn import</c>.</summary>
internal sealed class ImportedServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly SuiteServer _server;

    private ImportedServer(DirectoryInfo folder, SuiteServer server) => (_folder, _server) = (folder, server);

    public static async Task<ImportedServer> StartAsync(Business business)
    {
        var folder = Directory.CreateTempSubdirectory("churn-imported-");
        var server = await SuiteServer.StartAsync(
            new SuiteOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Data = folder.FullName }, cancellationToken: TestContext.Current.CancellationToken);
        await using var import = await Importing.StartAsync();
        import.Time.Now = TimeProvider.System.GetUtcNow();
        string[] mapping = business.Input.Tenure is null ? [] : ["--mapping", "telco", "--snapshot-date", "2020-01-01"];
        var file = import.File("subscriptions.csv", Encoding.UTF8.GetString(business.Csv));
        Assert.Equal(0, await import.RunAsync([file, .. mapping, "--address", server.Address]));
        return new ImportedServer(folder, server);
    }

    public Task<Outcome> AskAsync(params string[] arguments) => MetricsServer.RunAsync([.. arguments, "--address", _server.Address]);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
