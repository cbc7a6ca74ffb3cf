using System.Globalization;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Ingestion.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.V1;
using Churn.Suite.Calls;
using Churn.Suite.Metrics;
using Churn.Suite.Notify;
using Churn.Suite.Playbooks;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Demo;

/// <summary>Closes the loop in a demonstration: a fact starts a run, a message goes out, what became of it is a fact again.</summary>
internal sealed class Loop(Call call, Canvas canvas, TimeProvider time)
{
    private const string Playbook = "failed-payment";
    private const string Outcomes = "churn-notifications";

    // Long enough for any machine: what has not happened by then will not.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    public async Task RunAsync(IEnumerable<Payer> payers, DateTime now)
    {
        Step("And what is done about it: the ready-made playbook failed-payment");
        await ApplyAsync();
        await SimulateAsync(now);
        await call.AskAsync(options => call.Playbooks.StartPlaybookAsync(new StartPlaybookRequest { Name = Playbook }, options));
        Step("Now it is started, and payments fail:");
        foreach (var payer in payers)
        {
            if (await FailAsync(payer, now) is { } run)
            {
                await RecoverAsync(payer, run, now);
                await ShowResultsAsync();
                return;
            }
        }
    }

    private async Task ApplyAsync()
    {
        var request = new ApplyPlaybooksRequest { Documents = { Library.Find(Playbook) ?? throw new DemonstrationException("the playbook failed-payment is missing") } };
        var applied = (await call.AskAsync(options => call.Playbooks.ApplyPlaybooksAsync(request, options))).Applied;
        var playbook = (await call.AskAsync(options => call.Playbooks.GetPlaybookAsync(new GetPlaybookRequest { Name = Playbook }, options))).Playbook;
        canvas.Blank();
        canvas.Paragraph($"{Shown.OneLine(canvas, playbook.Description)} {Readouts.Percent(playbook.HoldoutShare)} of the customers are held out by chance, so that it can be proved what it does.", indent: 1);
        var names = string.Join(" and ", applied.Where(a => a.Kind == "playbook").Select(a => Shown.Safe(canvas, a.Name)));
        canvas.Paragraph($"Applied, not yet started: {names}, with {Numerals.Count(applied.Count(a => a.Kind == "template"), "template")}.", ink: Ink.Faint);
    }

    private async Task SimulateAsync(DateTime now)
    {
        var begun = time.GetTimestamp();
        var (to, from) = SimulateCommand.Period(new DateTimeOffset(now), null, null);
        using var asked = call.Playbooks.SimulatePlaybook(new SimulatePlaybookRequest { Name = Playbook, FromTime = from, ToTime = to }, cancellationToken: call.Stop);
        SimulationSummary? summary = null;
        while (await asked.ResponseStream.MoveNext(call.Stop))
        {
            summary = asked.ResponseStream.Current.Summary ?? summary;
        }

        Step(string.Create(
            CultureInfo.InvariantCulture,
            $"Tried on the last 12 months of this past, as churn playbooks simulate {Playbook} does it, in {time.GetElapsedTime(begun).TotalSeconds:0.0} s:"));
        canvas.Blank();
        SimulateCommand.WriteSummary(canvas, summary ?? throw new DemonstrationException("the simulation ended without a summary"));
    }

    // Gives the run, or null for a customer who is held out.
    private async Task<Run?> FailAsync(Payer payer, DateTime now)
    {
        canvas.Blank();
        canvas.Line(new Piece($"{payer.Customer}: an invoice fell due a day ago and is not paid", Ink.Strong));
        var sent = time.GetTimestamp();
        await RecordAsync(LiveFacts.PastDue(payer, now));
        var run = await UntilAsync(
            "no run starts", async () => (await call.AskAsync(options => call.Playbooks.ListRunsAsync(new ListRunsRequest { Playbook = Playbook, CustomerId = payer.Customer }, options))).Runs.FirstOrDefault());
        var after = Milliseconds(sent);
        if (run.Status == RunStatus.HeldOut)
        {
            canvas.Paragraph($"held out by chance, and for good, {after} ms after the fact was sent: nothing is sent to it, and it is what the others are compared with. Another one:", indent: 2, first: 2);
            return null;
        }

        canvas.Line(new Piece($"  its run had begun {after} ms after the fact was sent; its first step is a mail:", Ink.Faint));
        var mail = await UntilAsync(
            "no mail comes", async () => (await call.AskAsync(options => call.Messages.ListMailAsync(new ListMailRequest { To = LiveFacts.EmailOf(payer) }, options))).Mails.FirstOrDefault());
        canvas.Blank();
        InboxCommand.WriteMail(canvas, mail, indent: 4);
        return run;
    }

    private async Task RecoverAsync(Payer payer, Run run, DateTime now)
    {
        canvas.Blank();
        canvas.Line(new Piece($"{payer.Customer} pays", Ink.Strong));
        var paid = time.GetTimestamp();
        await RecordAsync([LiveFacts.Paid(payer, now)]);
        var ended = await UntilAsync("the run does not end", async () =>
            await call.AskAsync(options => call.Playbooks.GetRunAsync(new GetRunRequest { Id = run.Id }, options)) is { Run.Status: not RunStatus.Running } answer ? answer : null);
        canvas.Line(new Piece($"  its run ended {Milliseconds(paid)} ms after the fact was sent; all that happened in it:", Ink.Faint));
        var grid = new Grid().Left(1).Left(2).Left(3);
        foreach (var happened in ended.Events)
        {
            grid.Add(RunWords.Cells(canvas, happened, indent: "    "));
        }

        grid.Write(canvas);
        var outcome = await UntilAsync(
            "what became of the mail is not recorded",
            async () => (await call.AskAsync(options => call.Facts.ListFactsAsync(new ListFactsRequest { CustomerId = payer.Customer, Source = Outcomes }, options))).Facts.FirstOrDefault());
        canvas.Line(new Piece("  and what became of the mail is a fact about the customer, as all others are:", Ink.Faint));
        canvas.Paragraph($"{Numerals.Instant(Wire.InstantOf(outcome.OccurTime))}  {Shown.Safe(canvas, FactWords.Of(outcome))} [{outcome.Source}]", indent: 6, first: 4);
    }

    private async Task ShowResultsAsync()
    {
        Step($"What came of it so far, as churn playbooks results {Playbook} shows it:");
        canvas.Blank();
        var readout = (await call.AskAsync(options => call.Playbooks.GetResultsAsync(new GetResultsRequest { Playbook = Playbook }, options))).Readout;
        Readouts.Write(canvas, readout);
    }

    private async Task RecordAsync(IReadOnlyCollection<Fact> facts)
    {
        var request = new RecordFactsRequest();
        request.Facts.AddRange(facts);
        if ((await call.AskAsync(options => call.Facts.RecordFactsAsync(request, options))).Rejects is [var reject, ..])
        {
            throw new DemonstrationException($"the server rejected a fact: {reject.Message}");
        }
    }

    private async Task<T> UntilAsync<T>(string otherwise, Func<Task<T?>> look)
        where T : class
    {
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < Patience)
        {
            if (await look() is { } found)
            {
                return found;
            }

            await call.PauseAsync(BetweenLooks);
        }

        throw new DemonstrationException(otherwise);
    }

    private void Step(string text)
    {
        canvas.Blank();
        canvas.Paragraph(text, indent: 2, Ink.Strong);
    }

    private string Milliseconds(long begun) => time.GetElapsedTime(begun).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
}
