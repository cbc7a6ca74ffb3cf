using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.ServiceDefaults.Grpc;
using Churn.Suite.Notify;
using Churn.Suite.Playbooks;
using Churn.Suite.Tests.Metrics;
using Churn.Suite.Tests.Notify;
using Churn.Suite.Tests.Playbooks;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Suite.Tests;

/// <summary>Serves fakes of playbooks and notifications on a free port, and calls <c>churn playbooks</c>, <c>tasks</c> and <c>notify</c> against them.</summary>
internal sealed partial class CommandServer : IAsyncDisposable
{
    // Ahead: deadlines of calls are made of it.
    public static readonly DateTimeOffset Now = new(2036, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly WebApplication _app;
    private readonly string _folder = Directory.CreateTempSubdirectory("churn-commands-").FullName;

    private CommandServer(WebApplication app) => _app = app;

    public FakePlaybooks Playbooks { get; private init; } = new();

    public FakeNotifications Notifications { get; private init; } = new();

    public string Address => _app.Urls.Single();

    public static async Task<CommandServer> StartAsync()
    {
        var (playbooks, notifications) = (new FakePlaybooks(), new FakeNotifications());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(playbooks).AddSingleton(notifications).AddGrpcDefaults();
        var app = builder.Build();
        app.MapGrpcService<FakePlaybooks>();
        app.MapGrpcService<FakeNotifications>();
        await app.StartAsync();
        return new CommandServer(app) { Playbooks = playbooks, Notifications = notifications };
    }

    /// <summary>Writes a file and gives its path.</summary>
    public string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Calls a command; what it writes names the server and the folder as ones that are the same on every run.</summary>
    public Task<Outcome> AskAsync(params string[] arguments) => AskAsync(TestContext.Current.CancellationToken, arguments);

    public async Task<Outcome> AskAsync(CancellationToken stop, params string[] arguments)
    {
        var outcome = await RunAsync([.. arguments, "--address", Address], stop: stop);
        return outcome with { Output = Same(outcome.Output), Error = Same(outcome.Error) };
    }

    public static async Task<Outcome> RunAsync(string[] arguments, string input = "", TimeProvider? time = null, CancellationToken stop = default)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        var streams = new ReportStreams(
            () => new MemoryStream(Encoding.UTF8.GetBytes(input)), output, error, name => name switch { "LANG" => "C.UTF-8", "COLUMNS" => "110", _ => null }, null);
        time ??= new FakeTimeProvider(Now);
        var churn = ChurnCommand.Create(PlaybooksCommand.Create(streams, time), TasksCommand.Create(streams, time), NotifyCommand.Create(streams, time, () => "cli-1"));
        var parsed = ChurnCommand.Read(churn, arguments);
        foreach (var wrong in parsed.Errors)
        {
            error.WriteLine(wrong.Message);
        }

        var status = parsed.Errors.Count > 0 ? 1
            : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = error, Error = error }, stop);
        return new Outcome(status, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    public static RpcException Failure(StatusCode code, string reason, string message, params (string Field, string Description)[] violations)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(new Google.Rpc.ErrorInfo { Domain = "churn", Reason = reason }));
        if (violations.Length > 0)
        {
            var request = new Google.Rpc.BadRequest();
            request.FieldViolations.AddRange(violations.Select(v => new Google.Rpc.BadRequest.Types.FieldViolation { Field = v.Field, Description = v.Description }));
            status.Details.Add(Any.Pack(request));
        }

        return status.ToRpcException();
    }

    public static Timestamp At(int day, int hour, int minute = 0, int second = 0) =>
        Timestamp.FromDateTimeOffset(new DateTimeOffset(2036, 3, day, hour, minute, second, TimeSpan.Zero));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Same(string text) => Port().Replace(text, "127.0.0.1:12345").Replace(_folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    [GeneratedRegex("127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex Port();
}
