using System.CommandLine;
using System.Globalization;
using System.Net;
using Churn.Cli;
using Churn.Suite.Calls;

namespace Churn.Suite.Serve;

/// <summary>The command <c>churn serve</c>: all services in one process.</summary>
internal static class ServeCommand
{
    /// <summary>Says below the options what they do not.</summary>
    public const string Details =
        """
        Serves:
          churn.ingestion.v1.IngestionService, churn.metrics.v1.MetricsService, churn.playbooks.v1.PlaybooksService,
          churn.notifications.v1.NotificationsService, grpc.health.v1.Health and reflection over gRPC without TLS (h2c).
          Without --require-keys nobody is asked who they are: let only this machine, or a network that you trust, reach the address.
          With it, and with --postgres, callers show an API key: churn admin keys create --data DIR --scope admin makes the first.
          Over HTTP: /healthz, /readyz and /startupz, and the pages that mails link to: unsubscribing, clicks, opens.

        Apart:
          Each service can be a process of its own, with any number of replicas, on PostgreSQL, RabbitMQ and Redis. --services names
          what runs here, --ingestion, --metrics, --playbooks and --notifications where the others are (dns:///name:port for all
          replicas behind a name). churn admin migrate makes the schemas first. What --postgres, --postgres-direct, --rabbitmq, --redis,
          --services, --advertise and the addresses say can stand in CHURN_POSTGRES, CHURN_POSTGRES_DIRECT and so on; a
          password on the command line is seen by other users of the machine, in a variable it is not. Where a pooler such as
          PgBouncer shares connections between transactions, --postgres is the pooler and --postgres-direct the server.

        Mail:
          goes to the development mailbox, which churn notify inbox --mail shows, unless a mail server is named, as
          smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465. A password on the command line is seen by
          other users of the machine; in the variable CHURN_SMTP it is not. It is never logged. What --public-url names is what
          links in mails begin with: the address by which the world reaches --http.

        Data:
          one SQLite file a service; what is acknowledged is on disk. The folder is locked: one process at a time.
          To back it up, stop the server and copy the folder. With --postgres there is no folder.

        Exit status:
          0 it was told to end, by Ctrl-C or SIGTERM, and has; 1 it cannot serve, and standard error says why

        Examples:
          churn serve
          churn serve --listen 127.0.0.1:9090 --data /var/lib/churn
          CHURN_SMTP=smtp://churn:secret@mail.example.com:587 churn serve --mail-from "Acme <hello@example.com>" --public-url https://mail.example.com
          churn serve --services metrics --postgres postgres://churn:secret@db/churn --rabbitmq amqp://churn:secret@mq --redis cache:6379 --ingestion dns:///ingestion:8080
          grpcurl -plaintext 127.0.0.1:8080 list

        """;

    public static Command Create(TimeProvider? time = null, Func<string, string?>? environment = null)
    {
        var listen = TypedOption.Parsed(
            "--listen", "ADDRESS:PORT", "Where calls come to; port 0 takes a free one [default: 127.0.0.1:8080]",
            "an address of this machine with a port, such as 127.0.0.1:8080", ReadAddress);
        var http = TypedOption.Parsed(
            "--http", "ADDRESS:PORT", "Where probes and the pages of mails are; port 0 takes a free one [default: the port after that of --listen]",
            "an address of this machine with a port, such as 127.0.0.1:8081", ReadAddress);
        var data = TypedOption.Text("--data", "DIR", "Folder of the data [default: churn in the user's data folder, ~/.local/share]");
        var smtp = SmtpOption();
        var mailFrom = TypedOption.Text("--mail-from", "SENDER", "From whom mails are, for example \"Acme <hello@example.com>\"");
        var publicUrl = TypedOption.Parsed(
            "--public-url", "URL", "What links in mails begin with [default: the address of --http]", "an address such as https://mail.example.com",
            text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 ? text.TrimEnd('/') : null);
        var holdout = TypedOption.Parsed<double?>(
            "--global-holdout", "SHARE", "Holds this share of customers out of all playbooks, for good [default: 0%]", "a share such as 5%, 0% to 50%", ReadShare);
        var quiet = TypedOption.Parsed<(TimeOnly From, TimeOnly To)?>(
            "--quiet-hours", "FROM-TO", "When nobody is sent anything, on the recipient's clock, as 21:00-08:00 [default: never; people may have their own]",
            "two different times such as 21:00-08:00", ReadQuietHours);
        var retryAfter = Spans.Option("--retry-after", "How long after a failure a message is tried again, each time twice as long [default: 15s]");
        var grace = Spans.Seconds("--grace", "How long calls are still taken when the end has begun, and readiness says no [default: none; 3s with --postgres]", most: 15);
        var age = Spans.Option("--connection-age", "When a connection takes no new calls, so that clients connect anew and find new replicas [default: 5m]");
        var webhooks = new Option<bool>("--private-webhooks") { Description = "Lets webhooks go into private networks, and by http: for development" };
        var apart = new ApartOptions();
        var access = new AccessArguments();
        var verbose = new Option<bool>("--verbose") { Description = "Logs more than warnings, to standard error" };
        var command = new DetailedCommand("serve", "Serve the whole suite in one process, with nothing to install", Details)
        {
            listen, http, data, smtp, mailFrom, publicUrl, holdout, quiet, retryAfter, grace, age, webhooks, verbose,
        };
        apart.AddTo(command);
        access.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var variables = environment ?? Environment.GetEnvironmentVariable;
            var at = parsed.GetValue(listen) ?? new SuiteOptions().Listen;
            var mailServer = parsed.GetValue(smtp) ?? variables("CHURN_SMTP");
            return RunAsync(
                () => access.Read(parsed, variables, apart.Read(parsed, variables)) with
                {
                    Listen = at,
                    Http = parsed.GetValue(http) ?? After(at),
                    Data = parsed.GetValue(data),
                    Smtp = string.IsNullOrEmpty(mailServer) ? null : mailServer,
                    MailFrom = parsed.GetValue(mailFrom),
                    PublicUrl = parsed.GetValue(publicUrl),
                    GlobalHoldout = parsed.GetValue(holdout) ?? 0,
                    QuietHours = parsed.GetValue(quiet),
                    RetryAfter = parsed.GetValue(retryAfter),
                    Grace = parsed.GetValue(grace),
                    ConnectionAge = parsed.GetValue(age) ?? new SuiteOptions().ConnectionAge,
                    AllowPrivateWebhooks = parsed.GetValue(webhooks),
                    Verbose = parsed.GetValue(verbose),
                    Loading = () => parsed.InvocationConfiguration.Error.WriteLine("churn serve: reading the ledger from disk ..."),
                },
                parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, time ?? TimeProvider.System, cancellationToken);
        });
        return command;
    }

    // A service by itself may wait for the others; whether it is ready its probe says.
    private static string What(SuiteOptions options) => options.Services == ServiceSet.All ? "ready" : $"{options.Services.ToString().ToLowerInvariant()} started";

    private static (TimeOnly From, TimeOnly To)? ReadQuietHours(string text)
    {
        const string pattern = "HH:mm";
        return text.Split('-') is [var first, var second]
            && TimeOnly.TryParseExact(first, pattern, CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            && TimeOnly.TryParseExact(second, pattern, CultureInfo.InvariantCulture, DateTimeStyles.None, out var to)
            && from != to ? (from, to) : null;
    }

    private static async Task<int> RunAsync(
        Func<SuiteOptions> read, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            var options = read();
            await using var server = await SuiteServer.StartAsync(options, cancellationToken: cancellationToken);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"churn serve: {What(options)} in {time.GetElapsedTime(began).TotalSeconds:F1} s: gRPC on {server.Address}, HTTP on {server.HttpAddress}, data in {server.Place}, Ctrl-C ends it"));
            if (options.Smtp is null && options.Services.HasFlag(ServiceSet.Notifications))
            {
                await output.WriteLineAsync("churn serve: mail goes to the development mailbox, which churn notify inbox --mail shows; --smtp names a mail server");
            }

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

    // Its value may hold a password, and is not said again where it is wrong.
    private static Option<string> SmtpOption() => new("--smtp")
    {
        HelpName = "URL",
        Description = "The mail server, with user and password [default: what CHURN_SMTP says, else the development mailbox]",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "smtp" or "smtps" && url.Host.Length > 0)
            {
                return text;
            }

            result.AddError("--smtp takes the address of a mail server such as smtp://user:password@mail.example.com:587; what it was given is none.");
            return null;
        },
    };

    private static double? ReadShare(string text)
    {
        const double most = 0.5;
        return text.EndsWith('%') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            && percent / 100 is >= 0 and <= most and var share ? share : null;
    }

    private static IPEndPoint After(IPEndPoint listen) =>
        new(listen.Address, listen.Port is 0 or IPEndPoint.MaxPort ? 0 : listen.Port + 1);

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
