using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Grpc.Core;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Gives commands the options that all of them have, and runs what they ask.</summary>
/// <param name="streams">Gives what a command writes to.</param>
/// <param name="time">Measures waiting.</param>
internal sealed class Asking(Func<ReportStreams> streams, TimeProvider time)
{
    /// <summary>Says which exit statuses there are.</summary>
    public const string ExitStatus =
        """

        Exit status:
          0 the answer is whole; 2 it is not to be relied on: facts could not be applied, or the check failed (the page says
          which); 1 there is no answer; 130 it was interrupted


        """;

    /// <summary>Says where the server is when the user does not.</summary>
    public const string DefaultAddress = "http://127.0.0.1:8080";

    /// <summary>Makes the option for the server's address.</summary>
    public static Option<Uri?> AddressOption() => TypedOption.Parsed<Uri?>(
        "--address", "URL", $"The server [default: {DefaultAddress}]", "the address of a server such as http://127.0.0.1:8080", ReadAddress);

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name behind <c>churn metrics</c>.</param>
    /// <param name="description">What it shows, in one line.</param>
    /// <param name="details">What its help says below the options: examples and statuses.</param>
    /// <param name="options">Its own options.</param>
    /// <param name="ask">Asks and shows; the status is 0 where it may rely on the answer.</param>
    public Command Command(
        string name, string description, string details, IReadOnlyList<Symbol> options, Func<ParseResult, Call, Task<int>> ask)
    {
        var address = AddressOption();
        var at = TypedOption.Instant("--at", "As of when: the figures are those of the closing of that day [default: now]");
        var currency = TypedOption.Text("--currency", "CODE", "Currency, where customers pay in several");
        var token = TypedOption.Text("--token", "TOKEN", "Waits for what this token was given for: a write's answer holds it");
        var format = TypedOption.Choice(
            "--format", "What goes to standard output: a page to read, or csv or json for programs",
            ("table", ReportFormat.Table), ("csv", ReportFormat.Csv), ("json", ReportFormat.Json));
        var command = new DetailedCommand(name, description, details);
        foreach (var symbol in options)
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

        // A watch goes on from now.
        var isWatch = name == "watch";
        foreach (var option in isWatch ? [currency, token, address, format] : new Option[] { at, currency, token, address, format })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, stop) =>
        {
            var read = new V1.ReadOptions { Currency = parsed.GetValue(currency) ?? "", ConsistencyToken = parsed.GetValue(token) ?? "" };
            if (!isWatch && parsed.GetValue(at) is { } instant)
            {
                read.At = Wire.Timestamp(instant);
            }

            using var call = new Call(parsed.GetValue(address) ?? new Uri(DefaultAddress), read, parsed.GetValue(format), streams(), time, stop);
            return await RunAsync(call, () => ask(parsed, call));
        });
        return command;
    }

    /// <summary>Makes the options for the first and the last month.</summary>
    public static (Option<int?> From, Option<int?> To) Months() => (
        TypedOption.Month("--from", "First month [default: that of the first start]"),
        TypedOption.Month("--to", "Last month [default: that of --at, then in progress]"));

    /// <summary>Makes the option that splits the figures.</summary>
    public static Option<string> By() => TypedOption.Text(
        "--by", "ATTRIBUTE", "Splits the figures by plan or by an attribute; a customer's latest value counts for all its history");

    /// <summary>Makes the option that takes one segment.</summary>
    public static Option<V1.Segment?> Segment() => TypedOption.Parsed<V1.Segment?>(
        "--segment", "ATTRIBUTE=VALUE", "Only the customers with this value", "ATTRIBUTE=VALUE, for example country=DE",
        text => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? new V1.Segment { Attribute = text[..at], Value = text[(at + 1)..] } : null);

    /// <summary>Makes the option that takes kinds of movements.</summary>
    public static Option<V1.MovementKind[]> Kinds() => TypedOption.Choices(
        "--kind", "KIND", $"Only this kind of movement: {string.Join(", ", Wire.KindWords.Select(k => k.Word))}; may be repeated", Wire.KindWords);

    /// <summary>Makes the option that takes windows.</summary>
    public static Option<V1.Window[]> Windows() => TypedOption.Choices(
        "--window", "WINDOW", $"Only this window: {string.Join(", ", Wire.WindowWords.Select(w => w.Word))}; may be repeated [default: all]", Wire.WindowWords);

    /// <summary>Writes a month for the wire; empty where it is left out.</summary>
    public static string Text(int? month) => month is { } m ? Cli.Report.Output.Numerals.Month(m) : "";

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
        catch (IOException e)
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
