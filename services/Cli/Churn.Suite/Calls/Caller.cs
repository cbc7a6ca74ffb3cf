using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Tls;
using Grpc.Core;

namespace Churn.Suite.Calls;

/// <summary>Makes commands that ask a server, and runs what they ask.</summary>
/// <param name="group">What is typed before a command's name: "churn metrics".</param>
/// <param name="streams">Gives what a command writes to.</param>
/// <param name="time">Measures waiting.</param>
/// <param name="environment">Gives variables; those of the process when left out.</param>
internal sealed class Caller(string group, Func<ReportStreams> streams, TimeProvider time, Func<string, string?>? environment = null)
{
    /// <summary>Says which exit statuses commands have that do a thing or say why not.</summary>
    public const string ExitStatus =
        """

        Exit status:
          0 it is done; 1 it is not, and standard error says why and what to do; 130 it was interrupted


        """;

    /// <summary>Says where the server is when the user does not.</summary>
    public const string DefaultAddress = "http://127.0.0.1:8080";

    /// <summary>Makes the option for the server's address.</summary>
    public static Option<Uri?> AddressOption() => TypedOption.Parsed<Uri?>(
        "--address", "URL", $"The server [default: {DefaultAddress}]", "the address of a server such as http://127.0.0.1:8080", ReadAddress);

    /// <summary>Makes the option for what goes to standard output.</summary>
    public static Option<ReportFormat> FormatOption() => TypedOption.Choice(
        "--format", "What goes to standard output: a page to read, or csv or json for programs",
        ("table", ReportFormat.Table), ("csv", ReportFormat.Csv), ("json", ReportFormat.Json));

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name behind the group's.</param>
    /// <param name="description">What it does, in one line.</param>
    /// <param name="details">What its help says below the options: examples and statuses.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    /// <param name="ask">Asks and shows; gives the exit status.</param>
    /// <param name="open">Opens the store that is worked on instead of a server; null, or gives null, for a server.</param>
    public Command Command(
        string name, string description, string details, IReadOnlyList<Symbol> symbols, Func<ParseResult, Call, Task<int>> ask,
        Func<ParseResult, LocalStore?>? open = null)
    {
        var server = new ServerOptions(environment);
        var format = FormatOption();
        var command = new DetailedCommand(name, description, details.TrimStart('\n'));
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        server.AddTo(command);
        command.Add(format);
        command.SetAction(async (parsed, stop) =>
        {
            Call opened;
            try
            {
                opened = new Call(group, server.Read(parsed), parsed.GetValue(format), streams(), time, stop);
            }
            catch (TlsException e)
            {
                streams().Error.WriteLine($"{group}: {e.Message}");
                return 1;
            }

            using var call = opened;
            return await RunAsync(call, async () =>
            {
                using var store = open?.Invoke(parsed);
                call.WorkOn(store);
                return await ask(parsed, call);
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(Call call, Func<Task<int>> ask)
    {
        try
        {
            var status = await ask();
            call.Streams.Output.Flush();
            return status;
        }
        catch (Exception e) when (call.Stop.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            const int interrupted = 130;
            return interrupted;
        }
        catch (RpcException e)
        {
            call.Tell(Failures.Describe(e, call.Address));
        }
        catch (AnswerException e)
        {
            call.Tell(e.Message);
        }
        catch (StorageException e)
        {
            call.Tell(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            call.Tell(Printable.OfPath(e.Message));
        }

        return 1;
    }

    // A host and port alone are an address too.
    private static Uri? ReadAddress(string text)
    {
        var isBare = !text.Contains("://", StringComparison.Ordinal);
        return Uri.TryCreate(isBare ? "http://" + text : text, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" && address.Host.Length > 0 && address.PathAndQuery == "/" ? address : null;
    }
}
