using System.CommandLine;
using System.Text.Json;
using System.Text;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Cli;
using Churn.Ingestion.V1;
using Churn.Suite.Calls;
using Google.Protobuf.Collections;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics explain</c>: the movements behind a number, each with the facts that caused it.</summary>
internal static class ExplainCommand
{
    private const int MovementsOfAPage = 50;

    private const string Details =
        """
        Every number of the other commands is a sum of customers' movements. This lists them, each with what happened: the change
        of a plan, the end that was scheduled long before, the invoice that was never paid. Without --month and --window it is
        the running month to date. The page shows the first 50; --format csv and json list all.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics explain --kind churn --month 2025-10
          churn metrics explain --window 30d --kind churn --kind contraction --segment country=DE
          churn metrics explain --month 2025-10 --format csv > why.csv

        """;

    public static Command Create(Asking asking)
    {
        var month = TypedOption.Month("--month", "The month whose movements to explain");
        var window = TypedOption.Choice(
            "--window", "The window whose movements to explain", [("mtd", V1.Window.Unspecified), .. Wire.WindowWords.Where(w => w.Word != "mtd")]);
        var kinds = Asking.Kinds();
        var segment = Asking.Segment();
        var limit = TypedOption.Number("--limit", $"Lists at most N movements [default: {MovementsOfAPage} on a page, else all]");
        var command = asking.Command(
            "explain", "The movements behind a number, each with what happened", Details, [month, window, kinds, segment, limit], (parsed, call) =>
            {
                var request = new V1.ExplainMetricRequest { Read = call.Read, Segment = parsed.GetValue(segment) };
                if (parsed.GetValue(month) is { } chosen)
                {
                    request.Month = Asking.Text(chosen);
                }
                else
                {
                    request.Window = parsed.GetValue(window) is var w && w == V1.Window.Unspecified ? V1.Window.MonthToDate : w;
                }

                request.Kinds.AddRange(parsed.GetValue(kinds) ?? []);
                return ShowAsync(call, request, parsed.GetValue(limit) ?? (call.Format == ReportFormat.Table ? MovementsOfAPage : int.MaxValue));
            });
        command.Validators.Add(result =>
        {
            if (result.GetResult(month) is { Implicit: false } && result.GetResult(window) is { Implicit: false })
            {
                result.AddError("--month and --window are two periods: give one of them.");
            }
        });
        return command;
    }

    private static async Task<int> ShowAsync(Call call, V1.ExplainMetricRequest request, int most)
    {
        using var asked = call.Client.ExplainMetric(request, cancellationToken: call.Stop);
        var messages = asked.ResponseStream;
        if (!await messages.MoveNext(call.Stop))
        {
            throw new AnswerException("the answer is empty");
        }

        var answer = new Answer(call, messages.Current.Info);
        using var shower = new Shower(call, answer, request.PeriodCase == V1.ExplainMetricRequest.PeriodOneofCase.Month
            ? request.Month
            : Wire.NameOf(request.Window));
        shower.Begin();
        var (shown, isAll) = (0, true);
        while (await messages.MoveNext(call.Stop))
        {
            if (messages.Current.Movement is not { } movement)
            {
                continue;
            }

            if (shown == most)
            {
                isAll = false;
                break;
            }

            shown++;
            shower.Show(movement, messages.Current.Facts);
        }

        shower.End(shown, isAll);
        return answer.Status;
    }

    /// <summary>Shows one movement after another, so that a long answer is never held as a whole.</summary>
    private sealed class Shower : IDisposable
    {
        private readonly Call _call;
        private readonly Answer _answer;
        private readonly string _period;
        private readonly StreamWriter _writer;
        private readonly Canvas _canvas;
        private readonly Utf8JsonWriter _json;
        private readonly Lines _lines = new(1 << 14);
        private Int128 _total;

        public Shower(Call call, Answer answer, string period)
        {
            (_call, _answer, _period) = (call, answer, period);
            _writer = new StreamWriter(call.Streams.Output, new UTF8Encoding(false), leaveOpen: true);
            _canvas = Answer.NewCanvas(call, _writer);
            _json = new Utf8JsonWriter(call.Streams.Output, JsonFigures.Options);
        }

        public void Begin()
        {
            switch (_call.Format)
            {
                case ReportFormat.Csv:
                    _lines.Text(Encoding.ASCII.GetBytes(MovementsCommand.Header("period") + ",occurred_at,fact,source,event_id\n"));
                    break;
                case ReportFormat.Json:
                    _json.WriteStartObject();
                    _answer.WriteJsonHead(_json);
                    _json.WriteStartArray("movements");
                    break;
                default:
                    _answer.WriteHead(_canvas, $"Movements and what caused them, {_period}");
                    break;
            }
        }

        public void Show(V1.Movement movement, RepeatedField<Fact> facts)
        {
            _total += movement.AfterMicros - movement.BeforeMicros;
            switch (_call.Format)
            {
                case ReportFormat.Csv:
                    foreach (var fact in facts)
                    {
                        MovementsCommand.WriteColumns(_lines, movement).Comma().Instant(Wire.InstantOf(fact.OccurTime)).Comma()
                            .Cell(FactWords.Of(fact)).Comma().Cell(fact.Source).Comma().Cell(fact.EventId).End();
                    }

                    if (facts.Count == 0)
                    {
                        MovementsCommand.WriteColumns(_lines, movement).Text(",,,,"u8).End();
                    }

                    Answer.WriteCsv(_call, _lines);
                    break;
                case ReportFormat.Json:
                    WriteJson(movement, facts);
                    break;
                default:
                    WritePage(movement, facts);
                    break;
            }
        }

        public void End(int shown, bool isAll)
        {
            switch (_call.Format)
            {
                case ReportFormat.Csv:
                    Answer.WriteCsv(_call, _lines);
                    break;
                case ReportFormat.Json:
                    _json.WriteEndArray();
                    _answer.WriteJsonEnd(_json);
                    _json.WriteEndObject();
                    _json.Flush();
                    _call.Streams.Output.Write("\n"u8);
                    break;
                default:
                    _canvas.Blank();
                    _canvas.Paragraph(shown == 0 ? "No movement."
                        : isAll ? $"{Numerals.Count(shown, "movement")}, together {Numerals.Signed(_total, Scale.Cents)} {_answer.Currency}".TrimEnd()
                        : $"... and more: --limit N shows more than {shown}, --format csv all of them.");
                    break;
            }

        }

        public void Dispose()
        {
            _json.Dispose();
            _writer.Dispose();
        }

        private void WriteJson(V1.Movement movement, RepeatedField<Fact> facts)
        {
            var figures = new JsonFigures(_json);
            _json.WriteStartObject();
            MovementsCommand.WriteProperties(_json, figures, movement);
            figures.Array("facts", facts, fact =>
            {
                _json.WriteString("source", fact.Source);
                _json.WriteString("event_id", fact.EventId);
                _json.WriteString("occurred_at", new Lines().Instant(Wire.InstantOf(fact.OccurTime)).Written);
                _json.WriteString("words", FactWords.Of(fact));
            });
            _json.WriteEndObject();
            _json.Flush();
        }

        private void WritePage(V1.Movement movement, RepeatedField<Fact> facts)
        {
            var unicode = _canvas.Style.Unicode;
            var kind = Wire.KindOf(movement.Kind);
            var delta = movement.AfterMicros - movement.BeforeMicros;
            _canvas.Blank();
            _canvas.Line(
                new Piece(Cells.Name(movement.CustomerId, unicode), Ink.Strong), "  ",
                new Piece($"{Words.Of(kind)} {Numerals.Signed(delta, Scale.Cents)}", delta > 0 ? Ink.Gain : Ink.Loss),
                new Piece($"  from {Numerals.Amount(movement.BeforeMicros, Scale.Cents)} to {Numerals.Amount(movement.AfterMicros, Scale.Cents)}", Ink.Faint));
            foreach (var fact in facts)
            {
                const int sentence = 1_000;
                var words = Cells.Name(FactWords.Of(fact), unicode, most: sentence);
                var origin = $"[{Cells.Name(fact.Source, unicode)} {Cells.Name(fact.EventId, unicode)}]";
                _canvas.Paragraph($"{Numerals.Instant(Wire.InstantOf(fact.OccurTime))}  {words} {origin}", indent: 4, first: 2);
            }

            if (facts.Count == 0)
            {
                _canvas.Paragraph("nothing happened in the period: what was said earlier took effect in it", indent: 4, Ink.Faint, first: 2);
            }
        }
    }
}
