using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Churn.Cli.Report;
using Churn.ServiceDefaults.Grpc;
using Churn.Suite.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Churn.Suite.Tests.Metrics;

/// <summary>What a call of <c>churn metrics</c> left behind.</summary>
internal sealed record Outcome(int Status, string Output, string Error);

/// <summary>Serves a <see cref="FakeMetrics"/> on a free port, and calls <c>churn metrics</c> against it.</summary>
internal sealed partial class MetricsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MetricsServer(WebApplication app) => _app = app;

    public FakeMetrics Fake { get; private init; } = new();

    public string Address => _app.Urls.Single();

    public static async Task<MetricsServer> StartAsync(Business? business = null)
    {
        var fake = new FakeMetrics();
        fake.Business = business ?? fake.Business;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(fake);
        builder.Services.AddGrpcDefaults();
        var app = builder.Build();
        app.MapGrpcService<FakeMetrics>();
        await app.StartAsync();
        return new MetricsServer(app) { Fake = fake };
    }

    /// <summary>Calls a command; what it writes names the server as one that is the same on every run.</summary>
    public Task<Outcome> AskAsync(params string[] arguments) => AskAsync(arguments, width: null);

    public async Task<Outcome> AskAsync(string[] arguments, int? width, string lang = "C", CancellationToken stop = default)
    {
        var outcome = await RunAsync([.. arguments, "--address", Address], width, lang, stop);
        return outcome with { Output = Port().Replace(outcome.Output, "127.0.0.1:12345"), Error = Port().Replace(outcome.Error, "127.0.0.1:12345") };
    }

    public static async Task<Outcome> RunAsync(string[] arguments, int? width = null, string lang = "C", CancellationToken stop = default)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        var streams = new ReportStreams(
            () => Stream.Null, output, error, name => name switch { "LANG" => lang, "COLUMNS" => "100", _ => null }, width);
        var parsed = MetricsCommand.Create(streams).Parse(arguments);
        foreach (var wrong in parsed.Errors)
        {
            error.WriteLine(wrong.Message);
        }

        var status = parsed.Errors.Count > 0 ? 1
            : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = error, Error = error }, stop);
        return new Outcome(status, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Fake.Watched.Writer.TryComplete();
        await _app.DisposeAsync();
    }

    [GeneratedRegex("127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex Port();
}
