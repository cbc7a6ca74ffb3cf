using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Churn.Cli;

namespace Churn.Suite.Serve;

/// <summary>The command <c>churn serve</c>: all services in one process.</summary>
internal static class ServeCommand
{
    /// <summary>Says below the options what they do not.</summary>
    public const string Details =
        """
        Serves:
          churn.ingestion.v1.IngestionService, churn.metrics.v1.MetricsService, grpc.health.v1.Health and reflection over gRPC
          without TLS (h2c): let only this machine, or a network that you trust, reach the address.

        Data:
          one SQLite file a service, written before a call is answered. The folder is locked: one process at a time.
          To back it up, stop the server and copy the folder.

        Exit status:
          0 it was told to end and has; 1 it cannot serve, and one line says why

        Examples:
          churn serve
          churn serve --listen 127.0.0.1:9090 --data /var/lib/churn
          grpcurl -plaintext 127.0.0.1:8080 list

        """;

    public static Command Create()
    {
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "Address and port that calls come to; port 0 takes a free one [default: 127.0.0.1:8080]",
            HelpName = "ADDRESS:PORT",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value.Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase);
                if (IPEndPoint.TryParse(text, out var endpoint) && text.Contains(':', StringComparison.Ordinal))
                {
                    return endpoint;
                }

                result.AddError($"--listen takes an address with a port such as 127.0.0.1:8080, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
        var data = new Option<string>("--data")
        {
            Description = "Folder of the data [default: churn in the user's data folder, ~/.local/share]",
            HelpName = "DIR",
        };
        var verbose = new Option<bool>("--verbose") { Description = "Logs more than warnings, to standard error" };
        var command = new DetailedCommand("serve", "Serve the whole suite in one process, with nothing to install", Details) { listen, data, verbose };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new SuiteOptions
            {
                Listen = parsed.GetValue(listen) ?? new SuiteOptions().Listen,
                Data = parsed.GetValue(data),
                Verbose = parsed.GetValue(verbose),
            },
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(SuiteOptions options, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await using var server = await SuiteServer.StartAsync(options, cancellationToken: cancellationToken);
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"churn serve: ready in {took:F1} s: gRPC on {server.Address}, data in {server.Folder}; Ctrl-C ends it"));
            await output.FlushAsync(cancellationToken);
            await server.WaitForEndAsync(cancellationToken);
            return 0;
        }
        catch (ServeException e)
        {
            await error.WriteLineAsync($"churn serve: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }
}
