using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class StreamDefaultsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_TwoLogsAndTwoConsumers_CarriesEachToItsOwn()
    {
        using var folder = new TempFolder();
        for (var life = 1; life <= 2; life++)
        {
            var builder = Host.CreateEmptyApplicationBuilder(settings: null);
            builder.Logging.ClearProviders();
            foreach (var stream in new[] { "things", "others" })
            {
                builder.Services
                    .AddDatabase(_ => folder.File($"{stream}.db"), new DatabaseOptions { Name = stream, Migrations = [StreamLog.Schema(stream)] })
                    .AddStreamLog(stream, stream)
                    .AddDatabase(_ => folder.File($"{stream}-reader.db"), new DatabaseOptions { Name = $"{stream}-reader", Migrations = [LeaseTable.Schema, KeepingHandler.Schema] })
                    .AddKeyedSingleton(stream, (provider, _) => new KeepingHandler(provider.GetRequiredKeyedService<Database>($"{stream}-reader")))
                    .AddStreamConsumer(stream, $"{stream}-reader", ("here", "http://127.0.0.1"), provider => provider.GetRequiredKeyedService<KeepingHandler>(stream));
            }

            using var host = builder.Build();
            await host.StartAsync(Ct);
            foreach (var (stream, shard) in new[] { ("things", 3), ("others", 4) })
            {
                var log = host.Services.GetRequiredKeyedService<StreamLog>(stream);
                host.Services.GetRequiredKeyedService<Database>(stream).Write(connection =>
                {
                    var append = log.Append(connection);
                    append.Add(shard, "t", System.Text.Encoding.UTF8.GetBytes($"{stream} {life}"));
                    append.Complete();
                });
                var consumer = host.Services.GetRequiredKeyedService<StreamConsumer>(stream);
                await consumer.WaitAppliedAsync(ConsistencyToken.Of([(shard, life)]), Ct).WaitAsync(Eventually.Longest, Ct);
                Assert.Equal(
                    Enumerable.Range(1, life).Select(number => $"{stream} {number}"),
                    host.Services.GetRequiredKeyedService<KeepingHandler>(stream).Effects(shard));
            }

            await host.StopAsync(Ct);
        }

        Assert.All(Directory.GetFiles(folder.Path).Where(file => !file.EndsWith(".db", StringComparison.Ordinal)), file => Assert.Fail(file));
    }
}
