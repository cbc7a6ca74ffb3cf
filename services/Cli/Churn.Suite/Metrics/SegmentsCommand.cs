using System.CommandLine;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics segments</c>: by what the figures can be split.</summary>
internal static class SegmentsCommand
{
    private const int LargestPage = 10_000;
    private const int MostOfAnAttribute = 20;

    private const string Details =
        """
        Lists the plans, and every attribute of customers with its values: what --by and --segment of the other commands take.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics segments
          churn metrics segments country --format csv

        """;

    public static Command Create(Asking asking)
    {
        var attribute = new Argument<string>("ATTRIBUTE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Only the values of this attribute [default: all attributes]",
        };
        return asking.Command("segments", "By what figures can be split, and what each value stands at", Details, [attribute], async (parsed, call) =>
        {
            var request = new V1.ListSegmentsRequest { Read = call.Read, Attribute = parsed.GetValue(attribute) ?? "", PageSize = LargestPage };
            var pages = new List<V1.ListSegmentsResponse>();
            do
            {
                pages.Add(await call.AskAsync(options => call.Client.ListSegmentsAsync(request, options)));
                request.PageToken = pages[^1].NextPageToken;
            }
            while (request.PageToken.Length > 0);

            var answer = new Answer(call, pages[0].Info);
            Show(call, answer, [.. pages.SelectMany(p => p.Segments)]);
            return answer.Status;
        });
    }

    private static void Show(Call call, Answer answer, V1.SegmentFigures[] segments)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                var lines = Answer.BeginCsv("attribute,value,customers,paying_customers,mrr");
                foreach (var segment in segments)
                {
                    lines.Cell(segment.Segment.Attribute).Comma().Cell(segment.Segment.Value).Comma().Number(segment.Customers)
                        .Comma().Number(segment.PayingCustomers).Comma().Money(segment.MrrMicros).End();
                }

                Answer.WriteCsv(call, lines);
                break;
            case ReportFormat.Json:
                answer.WriteJson((json, figures) => figures.Array("segments", segments, segment =>
                {
                    json.WriteString("attribute", segment.Segment.Attribute);
                    json.WriteString("value", segment.Segment.Value);
                    json.WriteNumber("customers", segment.Customers);
                    json.WriteNumber("paying_customers", segment.PayingCustomers);
                    figures.Money("mrr", segment.MrrMicros);
                }));
                break;
            default:
                answer.WritePage("Segments", canvas => WriteTables(canvas, segments), hasBridges: false);
                break;
        }
    }

    private static void WriteTables(Canvas canvas, V1.SegmentFigures[] segments)
    {
        if (segments.Length == 0)
        {
            canvas.Line("No segment.");
            return;
        }

        var unicode = canvas.Style.Unicode;
        var isFirst = true;
        foreach (var attribute in segments.GroupBy(s => s.Segment.Attribute, StringComparer.Ordinal))
        {
            if (!isFirst)
            {
                canvas.Blank();
            }

            isFirst = false;
            var rows = attribute.OrderByDescending(s => s.MrrMicros).ThenByDescending(s => s.Customers).ToArray();
            var total = rows.Aggregate(Int128.Zero, (sum, s) => sum + s.MrrMicros);
            var scale = Numerals.Finest(rows.Select(s => (Int128)s.MrrMicros));
            var grid = new Grid();
            grid.Add(
                new Piece(Cells.Name(attribute.Key, unicode), Ink.Strong), new Piece("MRR", Ink.Faint), new Piece("share", Ink.Faint),
                new Piece("paying", Ink.Faint), new Piece("customers", Ink.Faint));
            foreach (var row in rows.Take(MostOfAnAttribute))
            {
                grid.Add(
                    Cells.Name(row.Segment.Value, unicode), Numerals.Amount(row.MrrMicros, scale), Numerals.Percent(new Ratio(row.MrrMicros, total)),
                    Numerals.Count(row.PayingCustomers), Numerals.Count(row.Customers));
            }

            grid.Shrink(canvas.Style.Width, unicode);
            grid.Write(canvas);
            if (rows.Length > MostOfAnAttribute)
            {
                canvas.Paragraph($"... and {Numerals.Count(rows.Length - MostOfAnAttribute, "value")} more: --format csv has them.", ink: Ink.Faint);
            }
        }
    }
}
