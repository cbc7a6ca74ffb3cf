using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Playbooks.Tests.Api;

/// <summary>Serves playbooks as they are hosted, between a stream of signals that the test fills and neighbours that answer as it says.</summary>
internal sealed class PlaybooksServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-playbooks-").FullName;
    private WebApplication _app = null!;
    private GrpcChannel _channel = null!;

    private PlaybooksServer()
    {
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddTicks(World.Start * 10));

    public SignalDesk Signals { get; } = new();

    public TemplateDesk Templates { get; } = new();

    public V1.PlaybooksService.PlaybooksServiceClient Client { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<PlaybooksServer> StartAsync()
    {
        var server = new PlaybooksServer();
        await server.OpenAsync();
        return server;
    }

    /// <summary>Lets time pass while the server is down: one that is up would live through every tick of it.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        await CloseAsync();
        Clock.Advance(time);
        await OpenAsync();
    }

    public long Now => Clock.Now();

    /// <summary>Records a signal, known from now.</summary>
    public void Record(Signal signal)
    {
        var log = _app.Services.GetRequiredKeyedService<StreamLog>(PlaybooksHost.Signals);
        _app.Services.GetRequiredKeyedService<Database>("ledger").Write(connection =>
        {
            var append = log.Append(connection);
            signal.KnownTime = Instants.ToWire(append.RecordTime);
            append.Add(Shards.Of(Tenants.Default, signal.CustomerId, Shards.Count), Tenants.Default, signal.ToByteArray());
            append.Complete();
        });
    }

    /// <summary>Gives the requests to a customer so far.</summary>
    public async Task<List<SendRequest>> RequestsAsync(string customer)
    {
        var page = await _app.Services.GetRequiredKeyedService<StreamLog>(PlaybooksHost.Requests)
            .ReadAsync(Shards.Of(Tenants.Default, customer, Shards.Count), 0, int.MaxValue, Ct);
        return [.. page.Chunks.SelectMany(chunk => chunk.Read()).Select(record => SendRequest.Parser.ParseFrom(record.Span))];
    }

    /// <summary>Lets a second pass again and again until something holds; a minute by the wall is too long.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        while (!await holds())
        {
            Clock.Advance(TimeSpan.FromMilliseconds(300));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }

    public async Task<V1.Run> RunOfAsync(string customer, Func<V1.Run, bool>? isWanted = null)
    {
        V1.Run? found = null;
        await UntilAsync(async () =>
        {
            var runs = await Client.ListRunsAsync(new V1.ListRunsRequest { CustomerId = customer });
            found = runs.Runs.FirstOrDefault(run => isWanted?.Invoke(run) ?? true);
            return found is not null;
        });
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddDatabase(_ => Path.Combine(_folder, "metrics.db"), new DatabaseOptions { Name = "ledger", Migrations = [StreamLog.Schema(PlaybooksHost.Signals)] });
        builder.Services.AddStreamLog(PlaybooksHost.Signals, "ledger");
        builder.Services.AddPlaybooks(new PlaybooksOptions { DataFolder = _folder, Salt = "salt" });
        builder.Services.AddSingleton(Signals);
        builder.Services.AddSingleton(Templates);
        builder.Services.AddSingleton(_ => new SignalService.SignalServiceClient(_channel));
        builder.Services.AddSingleton(_ => new NotificationsService.NotificationsServiceClient(_channel));
        _app = builder.Build();
        _app.MapGrpcDefaults();
        _app.MapPlaybooks();
        _app.MapGrpcService<SignalDesk>();
        _app.MapGrpcService<TemplateDesk>();
        await _app.StartAsync(Ct);
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = _app.GetTestServer().CreateHandler() });
        Client = new V1.PlaybooksService.PlaybooksServiceClient(_channel);
    }

    private async Task CloseAsync()
    {
        _channel.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

/// <summary>Answers what the past was as a test says.</summary>
internal sealed class SignalDesk : SignalService.SignalServiceBase
{
    public List<Signal> Past { get; } = [];

    public Func<StandingPoint, Standing> StandingAt { get; set; } = _ => new Standing();

    public override async Task ReplaySignals(ReplaySignalsRequest request, IServerStreamWriter<ReplaySignalsResponse> responseStream, ServerCallContext context)
    {
        foreach (var signals in Past.Where(signal => request.CustomerId.Length == 0 || signal.CustomerId == request.CustomerId)
            .OrderBy(signal => signal.CustomerId, StringComparer.Ordinal).Chunk(3))
        {
            await responseStream.WriteAsync(new ReplaySignalsResponse { Signals = { signals } });
        }
    }

    public override Task<GetStandingsResponse> GetStandings(GetStandingsRequest request, ServerCallContext context) => Task.FromResult(new GetStandingsResponse
    {
        Standings = { request.Points.Select(StandingAt) },
        Watermark = request.Points[0].Time,
    });
}

/// <summary>Keeps templates: documents of which the first line that says a name names it.</summary>
internal sealed class TemplateDesk : NotificationsService.NotificationsServiceBase
{
    public Dictionary<string, Template> Saved { get; } = new(StringComparer.Ordinal);

    public override Task<PutTemplateResponse> PutTemplate(PutTemplateRequest request, ServerCallContext context)
    {
        if (request.Document.Contains("wrong", StringComparison.Ordinal))
        {
            throw ServiceDefaults.Errors.Faults.Invalid("DOCUMENT_INVALID", $"{request.File}:1:1", "the template is wrong");
        }

        var name = request.Document.Split('\n').First(line => line.StartsWith("name: ", StringComparison.Ordinal))["name: ".Length..].Trim();
        var changed = !Saved.ContainsKey(name);
        var template = new Template { Name = name, Version = 1 };
        if (!request.DryRun)
        {
            Saved[name] = template;
        }

        return Task.FromResult(new PutTemplateResponse { Template = template, Changed = changed });
    }

    public override Task<GetTemplateResponse> GetTemplate(GetTemplateRequest request, ServerCallContext context) => Saved.TryGetValue(request.Name, out var template)
        ? Task.FromResult(new GetTemplateResponse { Template = template })
        : throw ServiceDefaults.Errors.Faults.NotFound("TEMPLATE_NOT_FOUND", "There is no such template.");
}
