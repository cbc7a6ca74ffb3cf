using System.CommandLine;
using System.Text.Json;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Cli;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics movements</c>: whose MRR moved, when and why.</summary>
internal static class MovementsCommand
{
    private const int LargestPage = 10_000;
    private const int RowsOfAPage = 100;

    private const string Details =
        """
        A movement is one customer's net change of MRR in a month (--grain day or instant for finer ones): new, expansion,
        reactivation, contraction, churn, paused, resumed or completed. They are listed by period, then customer. The page shows
        the first 100; --format csv and json list all, in the columns of movements_*.csv of churn report.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics movements --kind churn --from 2025-10 --to 2025-10
          churn metrics movements --grain day --segment country=DE
          churn metrics movements --format csv > movements.csv

        """;

    public static Command Create(Asking asking)
    {
        var (from, to) = Asking.Months();
        var grain = Grains.Option("How a customer's changes are netted into one movement", hasInstant: true);
        var kinds = Asking.Kinds();
        var segment = Asking.Segment();
        var limit = TypedOption.Number("--limit", $"Lists at most N of them [default: {RowsOfAPage} on a page, else all]");
        return asking.Command("movements", "Whose MRR moved, when, by how much and why", Details, [grain, kinds, segment, from, to, limit], (parsed, call) =>
        {
            var request = new V1.ListMovementsRequest
            {
                Read = call.Read,
                Grain = parsed.GetValue(grain),
                FromMonth = Asking.Text(parsed.GetValue(from)),
                ToMonth = Asking.Text(parsed.GetValue(to)),
                Segment = parsed.GetValue(segment),
            };
            request.Kinds.AddRange(parsed.GetValue(kinds) ?? []);
            var most = parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? RowsOfAPage : int.MaxValue);
            return ShowAsync(call, request, most);
        });
    }

    /// <summary>Names the columns of a movement at a grain.</summary>
    public static string Header(string period) => $"customer_id,{period},before,after,delta,category";

    /// <summary>Writes the columns of a movement; the line goes on.</summary>
    public static Lines WriteColumns(Lines lines, V1.Movement movement) => lines
        .Cell(movement.CustomerId).Comma().Cell(Wire.PeriodOf(movement)).Comma().Money(movement.BeforeMicros).Comma().Money(movement.AfterMicros)
        .Comma().Money(movement.AfterMicros - movement.BeforeMicros).Comma().Cell(Columns.Of(Wire.KindOf(movement.Kind)));

    /// <summary>Writes the properties of a movement.</summary>
    public static void WriteProperties(Utf8JsonWriter json, JsonFigures figures, V1.Movement movement)
    {
        json.WriteString("customer_id", movement.CustomerId);
        json.WriteString("period", Wire.PeriodOf(movement));
        figures.Money("before", movement.BeforeMicros);
        figures.Money("after", movement.AfterMicros);
        figures.Money("delta", movement.AfterMicros - movement.BeforeMicros);
        json.WriteString("category", Columns.Of(Wire.KindOf(movement.Kind)));
    }

    private static async Task<int> ShowAsync(Call call, V1.ListMovementsRequest request, int most)
    {
        var page = await NextAsync(call, request, call.Format == ReportFormat.Table ? most + 1 : most);
        var answer = new Answer(call, page.Info);
        switch (call.Format)
        {
            case ReportFormat.Csv:
                var lines = Answer.BeginCsv(Header(Grains.ColumnOf(request.Grain)));
                await foreach (var movement in AllAsync(call, request, page, most, () => Answer.WriteCsv(call, lines)))
                {
                    WriteColumns(lines, movement).End();
                }

                Answer.WriteCsv(call, lines);
                break;
            case ReportFormat.Json:
                await WriteJsonAsync(call, request, page, most, answer);
                break;
            default:
                // One more than is shown tells whether there are more.
                var found = new List<V1.Movement>();
                await foreach (var movement in AllAsync(call, request, page, most + 1, () => { }))
                {
                    found.Add(movement);
                }

                answer.WritePage("Movements", canvas => WriteTable(canvas, [.. found.Take(most)], isAll: found.Count <= most), hasBridges: false);
                break;
        }

        return answer.Status;
    }

    private static async Task WriteJsonAsync(Call call, V1.ListMovementsRequest request, V1.ListMovementsResponse page, int most, Answer answer)
    {
        using (var json = new Utf8JsonWriter(call.Streams.Output, JsonFigures.Options))
        {
            var figures = new JsonFigures(json);
            json.WriteStartObject();
            answer.WriteJsonHead(json);
            json.WriteStartArray("movements");
            await foreach (var movement in AllAsync(call, request, page, most, json.Flush))
            {
                json.WriteStartObject();
                WriteProperties(json, figures, movement);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            answer.WriteJsonEnd(json);
            json.WriteEndObject();
        }

        call.Streams.Output.Write("\n"u8);
    }

    private static void WriteTable(Canvas canvas, List<V1.Movement> movements, bool isAll)
    {
        if (movements.Count == 0)
        {
            canvas.Line("No movement.");
            return;
        }

        var unicode = canvas.Style.Unicode;
        var scale = Numerals.Finest(movements.SelectMany(m => new Int128[] { m.BeforeMicros, m.AfterMicros }));
        var grid = new Grid().Left(1).Left(5);
        grid.Add(new Piece("customer", Ink.Faint), new Piece("period", Ink.Faint), new Piece("before", Ink.Faint), new Piece("after", Ink.Faint), new Piece("change", Ink.Faint), "");
        foreach (var movement in movements)
        {
            var delta = movement.AfterMicros - movement.BeforeMicros;
            grid.Add(
                Cells.Name(movement.CustomerId, unicode), Cells.Name(movement.Period, unicode),
                Numerals.Amount(movement.BeforeMicros, scale), Numerals.Amount(movement.AfterMicros, scale),
                new Piece(Numerals.Signed(delta, scale), delta > 0 ? Ink.Gain : Ink.Loss), Words.Of(Wire.KindOf(movement.Kind)));
        }

        grid.Shrink(canvas.Style.Width, unicode);
        grid.Write(canvas);
        if (!isAll)
        {
            canvas.Paragraph($"... and more: --limit N shows more than {movements.Count}, --format csv all of them.", ink: Ink.Faint);
        }
    }

    private static Task<V1.ListMovementsResponse> NextAsync(Call call, V1.ListMovementsRequest request, int most)
    {
        request.PageSize = Math.Min(most, LargestPage);
        return call.AskAsync(options => call.Client.ListMovementsAsync(request, options));
    }

    private static async IAsyncEnumerable<V1.Movement> AllAsync(
        Call call, V1.ListMovementsRequest request, V1.ListMovementsResponse first, int most, Action endPage)
    {
        var left = most;
        for (var page = first; ; page = await NextAsync(call, request, left))
        {
            foreach (var movement in page.Movements.Take(left))
            {
                yield return movement;
            }

            endPage();
            left -= Math.Min(left, page.Movements.Count);
            request.PageToken = page.NextPageToken;
            if (left == 0 || request.PageToken.Length == 0)
            {
                yield break;
            }
        }
    }
}
