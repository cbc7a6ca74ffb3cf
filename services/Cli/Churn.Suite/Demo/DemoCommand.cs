using System.CommandLine;
using System.Globalization;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Suite.Serve;

namespace Churn.Suite.Demo;

/// <summary>The command <c>churn demo</c>: the suite at work on a business that does not exist.</summary>
internal static class DemoCommand
{
    private const int Customers = 5_000;
    private const int Fewest = 500;
    private const int Most = 100_000;

    private const string Details =
        """
        Makes up customers and three years that end now, serves the suite from a temporary folder on a free port, records their
        facts over gRPC, and prints the overview. Then somebody new comes, somebody pays more and somebody leaves, and the figures
        of the last 30 days move while one watches. Then the playbook failed-payment is tried on those years and started: a payment
        fails, a mail goes to the development mailbox, the customer pays, and what came of it is read back. Nothing of it stays, no
        mail leaves the machine, and a server that runs beside it is not touched.

        Exit status:
          0 it went through; 1 it did not: standard error says why; 130 it was interrupted

        Examples:
          churn demo
          churn demo --keep

        """;

    /// <summary>Makes the command.</summary>
    /// <param name="streams">What it writes to; the streams of the process when left out.</param>
    /// <param name="time">The clock.</param>
    public static Command Create(ReportStreams? streams = null, TimeProvider? time = null)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{Fewest} to {Most:N0}");
        var customers = TypedOption.Parsed<int?>(
            "--customers", "N", string.Create(CultureInfo.InvariantCulture, $"How many customers there are; {range} [default: {Customers:N0}]"), $"a whole number, {range}",
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= Fewest and <= Most ? number : null);
        var keep = new Option<bool>("--keep") { Description = "Goes on serving until Ctrl-C, to be looked around in" };
        var command = new DetailedCommand("demo", "The suite at work on a business that does not exist; nothing of it stays", Details) { customers, keep };
        command.SetAction(async (parsed, stop) =>
        {
            var at = streams ?? ReportStreams.OfProcess();
            try
            {
                using var demonstration = new Demonstration(at, time ?? TimeProvider.System, stop);
                await demonstration.RunAsync(parsed.GetValue(customers) ?? Customers, parsed.GetValue(keep));
                return 0;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                const int interrupted = 130;
                return interrupted;
            }
            catch (Exception e) when (e is ServeException or DemonstrationException or IOException or UnauthorizedAccessException)
            {
                await at.Error.WriteLineAsync($"churn demo: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}
