using System.CommandLine;
using System.Text;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Cli;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using Grpc.Core;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>The command <c>churn metrics watch</c>: the rolling figures, again whenever they change.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan PauseBeforeAsking = TimeSpan.FromSeconds(1);

    private const string Details =
        """
        On a terminal the table is drawn again at each change. Into a pipe or file goes a line for each figure that changed, with
        --format json an object a line. It goes on until Ctrl-C, and asks again when the server was away.

        """ + Asking.ExitStatus + """
        Examples:
          churn metrics watch
          churn metrics watch --window 30d --window mtd
          churn metrics watch --window 7d --by plan --format json | my-dashboard

        """;

    public static Command Create(Asking asking)
    {
        var windows = Asking.Windows();
        var by = Asking.By();
        var changes = TypedOption.Number("--changes", "Ends after N changes [default: goes on until Ctrl-C]");
        return asking.Command("watch", "The rolling figures, shown again whenever one of them changes", Details, [windows, by, changes], async (parsed, call) =>
        {
            var request = new V1.WatchMetricsRequest { Read = call.Read, By = parsed.GetValue(by) ?? "" };
            request.Windows.AddRange(parsed.GetValue(windows) ?? []);
            var watch = new Watch(call, parsed.GetValue(by), parsed.GetValue(changes) ?? int.MaxValue);
            try
            {
                await watch.RunAsync(request);
            }
            catch (Exception e) when (call.Stop.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
            {
                // Ctrl-C is how a watch ends.
            }

            return watch.Status;
        });
    }

    /// <summary>Shows what a watch sends.</summary>
    private sealed class Watch(Call call, string? by, int mostChanges)
    {
        private readonly Dictionary<(string Segment, V1.Window Window), Rolling> _figures = [];
        private readonly List<(string Segment, V1.Window Window)> _order = [];
        private readonly Lines _lines = new();
        private int _messages;

        /// <summary>Gives the exit status.</summary>
        public int Status { get; private set; }

        public async Task RunAsync(V1.WatchMetricsRequest request)
        {
            while (true)
            {
                try
                {
                    using var asked = call.Client.WatchMetrics(request, cancellationToken: call.Stop);
                    while (await asked.ResponseStream.MoveNext(call.Stop))
                    {
                        Show(asked.ResponseStream.Current);
                        await call.Streams.Output.FlushAsync(call.Stop);

                        // The first message is what there is, and no change.
                        if (_messages++ == mostChanges)
                        {
                            return;
                        }
                    }
                }
                catch (RpcException e) when (_messages > 0 && e.StatusCode == StatusCode.Unavailable)
                {
                    call.Tell($"{call.AddressText} went away; asking again ...");
                }

                await call.PauseAsync(PauseBeforeAsking);
            }
        }

        private void Show(V1.WatchMetricsResponse message)
        {
            var answer = new Answer(call, message.Info);
            var changed = message.Figures.Select(Rolling.Of).ToArray();
            Status = answer.Status == 0 && changed.All(f => f.Imbalance == 0) ? 0 : Answer.Unsound;
            switch (call.Format)
            {
                case ReportFormat.Csv:
                    WriteCsv(changed);
                    break;
                case ReportFormat.Json:
                    answer.WriteJson((json, figures) => figures.Array("figures", changed, rolling => RollingTable.WriteJson(json, figures, rolling)));
                    break;
                default:
                    if (call.Streams.Width is null)
                    {
                        WriteLines(answer, changed);
                    }

                    break;
            }

            foreach (var rolling in changed)
            {
                if (_figures.TryAdd(rolling.Key, rolling))
                {
                    _order.Add(rolling.Key);
                }

                _figures[rolling.Key] = rolling;
            }

            if (call.Format == ReportFormat.Table && call.Streams.Width is not null)
            {
                Redraw(answer);
            }
        }

        private void WriteCsv(Rolling[] changed)
        {
            if (_messages == 0)
            {
                _lines.Text(Encoding.ASCII.GetBytes((by is null ? "" : "segment,") + RollingTable.Header)).End();
            }

            foreach (var rolling in changed)
            {
                RollingTable.WriteCsv(_lines, rolling, segmented: by is not null);
            }

            Answer.WriteCsv(call, _lines);
        }

        private void WriteLines(Answer answer, Rolling[] changed)
        {
            using var writer = new StreamWriter(call.Streams.Output, new UTF8Encoding(false), leaveOpen: true);
            foreach (var rolling in changed)
            {
                var before = _figures.GetValueOrDefault(rolling.Key)?.Bridge;
                var (bridge, rates) = (rolling.Bridge, new Rates(rolling.Bridge));
                var segment = rolling.Wire.Segment is { } s ? $"{Cells.Name(by!, unicode: true)} {Cells.Name(s.Value, unicode: true)}, " : "";
                var mrr = before is null || before.Closing == bridge.Closing ? "" : $" ({Numerals.Signed(bridge.Closing - before.Closing, Scale.Cents)})";
                var customers = before is null || before.ClosingCustomers == bridge.ClosingCustomers ? ""
                    : $" ({(bridge.ClosingCustomers > before.ClosingCustomers ? "+" : "")}{Numerals.Count(bridge.ClosingCustomers - before.ClosingCustomers)})";
                writer.Write(
                    $"{Numerals.Instant(answer.Provenance.Watermark)}  {segment}{Wire.NameOf(rolling.Wire.Window)}: "
                    + $"MRR {Numerals.Amount(bridge.Closing, Scale.Cents)}{mrr}, customers {Numerals.Count(bridge.ClosingCustomers)}{customers}, "
                    + $"logo churn {Numerals.Percent(rates.LogoChurn)}, gross {Numerals.Percent(rates.GrossMrrChurn)}, NRR {Numerals.Percent(rates.Nrr)}\n");
            }
        }

        // Drawn over the page before, line by line, so that nothing flickers.
        private void Redraw(Answer answer)
        {
            const string home = "\u001b[H", restOfLine = "\u001b[K", restOfScreen = "\u001b[J", all = "\u001b[2J";
            using var page = new StringWriter { NewLine = "\n" };
            var canvas = Answer.NewCanvas(call, page);
            answer.WriteHead(canvas, "Rolling figures");
            canvas.Blank();
            RollingTable.Write(canvas, [.. _order.Select(k => _figures[k])], by, answer.Currency);
            canvas.Blank();
            canvas.Line(new Piece(
                _messages == 0 ? "No change yet; Ctrl-C ends." : $"{Numerals.Count(_messages, "change")} so far; Ctrl-C ends.", Ink.Faint));
            var text = page.ToString().Replace("\n", restOfLine + "\n", StringComparison.Ordinal);
            call.Streams.Output.Write(Encoding.UTF8.GetBytes((_messages == 0 ? all : "") + home + text + restOfScreen));
        }
    }
}
