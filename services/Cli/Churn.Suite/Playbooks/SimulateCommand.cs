using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;
using Churn.Suite.Metrics;
using Google.Protobuf.WellKnownTypes;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks simulate</c>: what a playbook would have done over past facts.</summary>
internal static class SimulateCommand
{
    /// <summary>Names the columns that <see cref="WriteEvent"/> writes.</summary>
    public const string EventsHeader = "time,customer,run,event,step,detail,status";

    private const int EventsOfAPage = 20;

    private const string Details =
        """
        The code that decides live runs over what happened: who would have entered when, what would have been sent, how it would
        have ended. Nothing is kept and nothing is sent. The readout compares those who would have been treated with those who would
        have been held out; nobody was treated, so it shows how much of a difference chance alone makes. NAME is a playbook of the
        server, or else a ready-made one. The page shows the first 20 events; --format csv and json give all, json an object a line
        with the summary last.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks simulate failed-payment
          churn playbooks simulate winback.yaml --from 2025-01-01 --to 2025-07-01
          churn playbooks simulate failed-payment --customer cus_0000021
          churn playbooks simulate failed-payment --format csv > would-have.csv

        """;

    public static Command Create(Caller caller)
    {
        var playbook = new Argument<string>("NAME|FILE") { Description = "A playbook's name, or a file that holds one" };
        var from = TypedOption.Instant("--from", "The first instant at which customers may enter [default: a year before --to]");
        var to = TypedOption.Instant("--to", "The first instant that no longer counts [default: now]");
        var customer = TypedOption.Text("--customer", "ID", "Only this customer");
        var limit = TypedOption.Number("--limit", $"Shows at most N events [default: {EventsOfAPage} on a page, else all]");
        return caller.Command("simulate", "What a playbook would have done over past facts", Details, [playbook, from, to, customer, limit], async (parsed, call) =>
        {
            var (end, start) = Period(call.Now, parsed.GetValue(from), parsed.GetValue(to));
            var request = new SimulatePlaybookRequest
            {
                FromTime = start,
                ToTime = end,
                CustomerId = parsed.GetValue(customer) ?? "",
                EventLimit = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? EventsOfAPage : int.MaxValue),
            };
            var chosen = parsed.GetValue(playbook)!;
            if (Library.IsFile(chosen) || !await IsSavedAsync(call, chosen))
            {
                request.Document = Library.Only(await Library.LoadAsync(call, chosen), chosen);
            }
            else
            {
                request.Name = chosen;
            }

            await ShowAsync(call, request);
            return 0;
        });
    }

    /// <summary>Gives the period that is simulated unless the user says another: the year until now.</summary>
    public static (Timestamp To, Timestamp From) Period(DateTimeOffset now, long? from, long? to)
    {
        var end = to is { } until ? Wire.Timestamp(until) : Timestamp.FromDateTimeOffset(now);
        return (end, from is { } since ? Wire.Timestamp(since) : Timestamp.FromDateTime(end.ToDateTime().AddYears(-1)));
    }

    public static Lines WriteEvent(Lines lines, RunEvent happened) => lines
        .Instant(happened.Time).Then(happened.CustomerId).Then(happened.RunId).Then(Shown.Word(happened.Kind)).Then(happened.Step).Then(happened.Detail)
        .Then(happened.Status == RunStatus.Unspecified ? "" : Shown.Word(happened.Status));

    /// <summary>Writes what a simulation came to, without its events.</summary>
    public static void WriteSummary(Canvas canvas, SimulationSummary summary)
    {
        if (summary.TreatedCount + summary.HeldOutCount == 0)
        {
            canvas.Paragraph("Nobody would have entered: nothing that starts it happened to customers of its audience in that time.", ink: Ink.Strong);
            return;
        }

        canvas.Paragraph(
            $"{Numerals.Count(summary.TreatedCount + summary.HeldOutCount, "time")} a customer would have entered: "
            + $"{Numerals.Count(summary.TreatedCount)} treated, {Numerals.Count(summary.HeldOutCount)} held out.", ink: Ink.Strong);
        if (summary.Steps.Count > 0)
        {
            canvas.Blank();
            Shown.WriteGrid(canvas, new Grid().Left(1), ["step", "what it does", "times"], summary.Steps.Select(s => new Piece[]
            {
                Shown.Safe(canvas, s.Step), Shown.Safe(canvas, s.What), new(Numerals.Count(s.Count), s.Count == 0 ? Ink.Faint : Ink.Plain),
            }));
        }

        if (summary.Ends.Count > 0)
        {
            canvas.Blank();
            Shown.WriteGrid(canvas, new Grid(), ["how they ended", "runs"], summary.Ends.Select(e => new[] { RunWords.Of(e.Status), Numerals.Count(e.Count) }));
        }

        if (summary.Readout is { } readout)
        {
            canvas.Blank();
            Readouts.Write(canvas, readout, isSimulated: true);
        }
    }

    // A name that the server does not know may be a ready-made playbook's.
    private static async Task<bool> IsSavedAsync(Call call, string name) =>
        Library.Find(name) is null
        || (await call.AskAsync(options => call.Playbooks.ListPlaybooksAsync(new ListPlaybooksRequest(), options))).Playbooks.Any(p => p.Name == name);

    private static async Task ShowAsync(Call call, SimulatePlaybookRequest request)
    {
        using var asked = call.Playbooks.SimulatePlaybook(request, cancellationToken: call.Stop);
        var (events, lines, summary) = (new List<RunEvent>(), Answer.BeginCsv(EventsHeader), (SimulationSummary?)null);
        while (await asked.ResponseStream.MoveNext(call.Stop))
        {
            var part = asked.ResponseStream.Current;
            summary = part.Summary ?? summary;
            switch (call.Format)
            {
                case ReportFormat.Json:
                    Shown.WriteJson(call, part);
                    break;
                case ReportFormat.Csv when part.Event is { } happened:
                    WriteEvent(lines, happened).End();
                    Answer.WriteCsv(call, lines);
                    break;
                case ReportFormat.Table when part.Event is { } happened:
                    events.Add(happened);
                    break;
            }
        }

        if (summary is null)
        {
            throw new AnswerException("the answer ended before its summary");
        }

        if (call.Format == ReportFormat.Csv)
        {
            Answer.WriteCsv(call, lines);
        }
        else if (call.Format == ReportFormat.Table)
        {
            Shown.Page(call, canvas => WritePage(canvas, call, request, summary, events));
        }
    }

    private static void WritePage(Canvas canvas, Call call, SimulatePlaybookRequest request, SimulationSummary summary, List<RunEvent> events)
    {
        Shown.WriteHead(
            canvas, call, $"What {summary.Playbook} would have done, {Shown.Time(request.FromTime)[..10]} to {Shown.Time(request.ToTime)[..10]}",
            Numerals.Count(summary.CustomerCount, "customer"), Numerals.Count(summary.SignalCount, "signal"), "nothing is kept and nothing was sent");
        canvas.Blank();
        if (events.Count > 0)
        {
            var grid = new Grid().Left(1).Left(2).Left(3);
            grid.Add(new Piece("customer, time (UTC)", Ink.Faint), new Piece("step", Ink.Faint), new Piece("what", Ink.Faint));
            var customer = "";
            foreach (var happened in events)
            {
                if (happened.CustomerId != customer)
                {
                    customer = happened.CustomerId;
                    grid.Add(new Piece(Shown.Safe(canvas, customer), Ink.Strong));
                }

                grid.Add(RunWords.Cells(canvas, happened, indent: "  "));
            }

            grid.Write(canvas);
            if (events.Count == request.EventLimit)
            {
                canvas.Line(new Piece(FormattableString.Invariant($"the first {events.Count} events; --limit N shows more, --format csv all of them"), Ink.Faint));
            }

            canvas.Blank();
        }

        WriteSummary(canvas, summary);
    }
}
