using System.CommandLine;
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
          without TLS (h2c). Nobody is asked who they are: let only this machine, or a network that you trust, reach the address.

        Data:
          one SQLite file a service; what is acknowledged is on disk. The folder is locked: one process at a time.
          To back it up, stop the server and copy the folder.

        Exit status:
          0 it was told to end, by Ctrl-C or SIGTERM, and has; 1 it cannot serve, and standard error says why

        Examples:
          churn serve
          churn serve --listen 127.0.0.1:9090 --data /var/lib/churn
          grpcurl -plaintext 127.0.0.1:8080 list

        """;

    public static Command Create(TimeProvider? time = null)
    {
        var listen = TypedOption.Parsed(
            "--listen", "ADDRESS:PORT", "Where calls come to; port 0 takes a free one [default: 127.0.0.1:8080]",
            "an address of this machine with a port, such as 127.0.0.1:8080", ReadAddress);
        var data = TypedOption.Text("--data", "DIR", "Folder of the data [default: churn in the user's data folder, ~/.local/share]");
        var verbose = new Option<bool>("--verbose") { Description = "Logs more than warnings, to standard error" };
        var command = new DetailedCommand("serve", "Serve the whole suite in one process, with nothing to install", Details) { listen, data, verbose };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new SuiteOptions
            {
                Listen = parsed.GetValue(listen) ?? new SuiteOptions().Listen,
                Data = parsed.GetValue(data),
                Verbose = parsed.GetValue(verbose),
                Loading = () => parsed.InvocationConfiguration.Error.WriteLine("churn serve: reading the ledger from disk ..."),
            },
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, time ?? TimeProvider.System, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        SuiteOptions options, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            await using var server = await SuiteServer.StartAsync(options, cancellationToken: cancellationToken);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"churn serve: ready in {time.GetElapsedTime(began).TotalSeconds:F1} s: gRPC on {server.Address}, data in {server.Folder}, Ctrl-C ends it"));
            await output.FlushAsync(cancellationToken);
            if (await server.WaitForEndAsync(cancellationToken))
            {
                return 0;
            }

            await error.WriteLineAsync("churn serve: a fault ended it; the lines above say which");
            return 1;
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

    // A port alone, and localhost, are this machine's.
    private static IPEndPoint? ReadAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
        {
            return null;
        }

        return text[..Math.Max(0, colon)] is "" or "localhost"
            ? new IPEndPoint(IPAddress.Loopback, port)
            : IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port == port ? endpoint : null;
    }
}
