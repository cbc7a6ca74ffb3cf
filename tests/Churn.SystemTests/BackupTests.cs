using System.Diagnostics;
using System.Globalization;
using System.Net;
using Churn.Ingestion.V1;
using Churn.Metrics.Tests.Consumers;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Storage;
using Churn.Suite.Admin;
using Churn.Suite.Serve;
using Churn.TestServers;
using Grpc.Net.Client;

namespace Churn.SystemTests;

/// <summary>Backs up and restores with PostgreSQL's own tools, as docs/operations.md says.</summary>
public sealed class BackupTests
{
    // Consumers before producers: what a consumer has applied is then in the log that is saved after it.
    private static readonly string[] Order = ["notifications", "playbooks", "ledger", "facts", "access"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_OfConsumersSavedBeforeProducers_FitsTogetherAndAnswersForAllThatWasSaved()
    {
        await using var first = await PostgresServer.StartAsync(Cancellation);
        await using var second = await PostgresServer.StartAsync(Cancellation);
        using var folder = new TemporaryFolder();
        var random = new RandomHistories(7);
        var facts = Enumerable.Range(0, 400).SelectMany(i => random.Of($"c{i}")).ToList();
        await first.CreateDatabaseAsync("churn", Cancellation);
        await second.CreateDatabaseAsync("churn", Cancellation);
        var from = new PostgresOptions { ConnectionString = first.ConnectionStringOf("churn") };
        PostgresMigrations.Migrate(from, MigrateCommand.Schemas, role: null, (_, _) => { });
        await using (var server = await StartAsync(from))
        {
            using var channel = GrpcChannel.ForAddress(server.Address);
            var third = facts.Count / 3;
            await SendAsync(channel, facts[..third]);
            foreach (var schema in Order)
            {
                if (schema == "facts")
                {
                    // Recorded after the consumers were saved: the restored ones catch up with it.
                    await SendAsync(channel, facts[third..]);
                }

                await RunAsync("pg_dump", "-h", "127.0.0.1", "-p", Text(first.Port), "-U", PostgresServer.User, "-d", "churn", "-n", schema, "-Fc", "-f", Path.Combine(folder.Path, schema));
            }

            await SendAsync(channel, [.. random.Of("too late")]);
        }

        foreach (var schema in Order)
        {
            await RunAsync("pg_restore", "-h", "127.0.0.1", "-p", Text(second.Port), "-U", PostgresServer.User, "-d", "churn", "--exit-on-error", Path.Combine(folder.Path, schema));
        }

        var restored = new PostgresOptions { ConnectionString = second.ConnectionStringOf("churn") };
        await using (var server = await StartAsync(restored))
        {
            using var channel = GrpcChannel.ForAddress(server.Address);
            await Model.AssertAnswersAsync(new MetricsService.MetricsServiceClient(channel), facts, "USD");
            await Model.AssertAnswersAsync(new MetricsService.MetricsServiceClient(channel), facts, "EUR");
        }

        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var status = await VerifyCommand.Create(new InstallationCommand(_ => null)).Parse(["--postgres", restored.ConnectionString]).InvokeAsync(new() { Output = output, Error = error }, Cancellation);
        Assert.True(status == 0, output.ToString() + error);
    }

    private static Task<SuiteServer> StartAsync(PostgresOptions postgres) => SuiteServer.StartAsync(
        new SuiteOptions { Postgres = postgres, Listen = new IPEndPoint(IPAddress.Loopback, 0) }, cancellationToken: Cancellation);

    private static async Task SendAsync(GrpcChannel channel, IReadOnlyList<Fact> facts)
    {
        var token = "";
        foreach (var batch in facts.Chunk(500))
        {
            token = (await new IngestionService.IngestionServiceClient(channel).RecordFactsAsync(new RecordFactsRequest { Facts = { batch } }, cancellationToken: Cancellation)).ConsistencyToken;
        }

        await new MetricsService.MetricsServiceClient(channel).GetRollingMetricsAsync(
            new GetRollingMetricsRequest { Read = new ReadOptions { Currency = "USD", ConsistencyToken = token } }, cancellationToken: Cancellation);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        start.Environment["PGPASSWORD"] = PostgresServer.Password;
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, $"{program}: {said}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
