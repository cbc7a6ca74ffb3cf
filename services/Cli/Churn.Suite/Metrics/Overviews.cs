using System.Text;
using Churn.Cli.Report.Output;
using Churn.Cli.Report;
using Churn.Metrics.Domain;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Reads overviews and makes reports of them.</summary>
internal static class Overviews
{
    private const int MostTries = 5;

    /// <summary>Reads an overview with its cohorts; null while the server knows of no subscription.</summary>
    public static async Task<Report?> ReadAsync(Call call, int? from, int? to, string? by)
    {
        // Cohorts come in an answer of their own, and facts may come between the two.
        for (var tries = 1; ; tries++)
        {
            if (await ReadOverviewAsync(call, from, to, by) is not { } report)
            {
                return null;
            }

            var isShown = call.Format == ReportFormat.Json || (call.Format == ReportFormat.Table && !report.IsSplit);
            if (!isShown)
            {
                return report;
            }

            var whole = await WithCohortsAsync(call, report);
            if (whole.Sections.All(IsOneReading))
            {
                return whole;
            }

            if (tries == MostTries)
            {
                return whole with { Notes = ["facts keep coming in: the cohorts are a little newer than the rest"] };
            }
        }
    }

    private static async Task<Report?> ReadOverviewAsync(Call call, int? from, int? to, string? by)
    {
        var request = new V1.GetOverviewRequest { Read = call.Read, FromMonth = Asking.Text(from), ToMonth = Asking.Text(to), By = by ?? "" };
        var pages = new List<V1.GetOverviewResponse>();
        do
        {
            pages.Add(await call.AskAsync(options => call.Client.GetOverviewAsync(request, options)));
            request.PageToken = pages[^1].NextPageToken;
        }
        while (request.PageToken.Length > 0);

        var first = pages[0];
        if (first.FirstMonth.Length == 0)
        {
            return null;
        }

        var (firstReported, lastReported) = (Wire.MonthOf(first.FromMonth), Wire.MonthOf(first.ToMonth));
        if (lastReported < firstReported)
        {
            throw new AnswerException($"the answer ends with {first.ToMonth}, before it begins with {first.FromMonth}");
        }

        var horizon = new Horizon(firstReported, lastReported, Wire.MonthOf(first.FirstMonth));
        var sections = pages.SelectMany(p => p.Sections).ToArray();
        if (sections.Length == 0)
        {
            return null;
        }

        var plans = PlansOf(sections);
        var server = Wire.ProvenanceOf(first.Info, call);
        foreach (var other in pages.Skip(1).Select(page => Wire.ProvenanceOf(page.Info, call)))
        {
            server = server with { IsBalanced = server.IsBalanced && other.IsBalanced };
        }

        return new Report
        {
            Server = server,
            Currency = first.Info.Currency,
            Horizon = horizon,
            Sections = [.. sections.Select(s => new Section(s.Segment?.Value, FiguresOf(s, horizon, plans)))],
            By = by,
            IsByPlan = by == "plan",
            Plans = plans,
            Customers = (int)Math.Min(int.MaxValue, first.Customers),
            Movers = [.. first.LargestMovements.Select(m => new Mover(m.CustomerId, m.BeforeMicros, m.AfterMicros, Wire.KindOf(m.Kind)))],
        };
    }

    private static async Task<Report> WithCohortsAsync(Call call, Report report)
    {
        var request = new V1.GetCohortsRequest
        {
            Read = call.Read,
            Basis = V1.CohortBasis.FirstClosing,
            FromMonth = Asking.Text(report.Horizon.From),
            ToMonth = Asking.Text(report.Horizon.To),
            By = report.By ?? "",
        };
        var answer = await call.AskAsync(options => call.Client.GetCohortsAsync(request, options));
        var cohorts = answer.Cohorts.ToLookup(c => c.Segment?.Value ?? "", c => Wire.CohortOf(c, CohortBasis.FirstClosing), StringComparer.Ordinal);
        return report with
        {
            Sections = [.. report.Sections.Select(s => s with { Figures = s.Figures with { Cohorts = [.. cohorts[s.Segment ?? ""]] } })],
        };
    }

    private static Figures FiguresOf(V1.OverviewSection section, Horizon horizon, List<string> plans)
    {
        if (section.Months.Count != horizon.Months || section.Months.Select((m, i) => Wire.MonthOf(m.Month) - i).Any(m => m != horizon.From))
        {
            throw new AnswerException("the answer lacks a month between its first and its last");
        }

        var months = section.Months.Select(m => Wire.BridgeOf(m.Bridge)).ToArray();
        return new Figures
        {
            Horizon = horizon,
            Months = [.. months.Select(m => m.Bridge)],
            TrailingYears = [.. section.TrailingYears.Select(Wire.YearOf)],
            PlanClosings =
            [
                .. section.PlanClosings
                    .Select(c => new PlanClosing(Wire.MonthOf(c.Month), plans.BinarySearch(c.Plan, ByBytes), c.MrrMicros, c.Customers, c.Subscriptions))
                    .OrderBy(c => c.Month).ThenBy(c => c.Plan),
            ],
            Imbalances =
            [
                .. months.Select((m, i) => new Imbalance(horizon.From + i, Grain.Month, m.Imbalance)).Where(i => i.Micros != 0),
            ],
        };
    }

    // Who pays at a closing began to at one: the cohorts add up to it.
    private static bool IsOneReading(Section section)
    {
        var (mrr, customers) = (Int128.Zero, 0L);
        foreach (var cohort in section.Figures.Cohorts.Where(c => c.Ages > 0))
        {
            (mrr, customers) = (mrr + cohort.ActiveMrr(cohort.Ages - 1), customers + cohort.ActiveCustomers(cohort.Ages - 1));
        }

        var last = section.Figures.Months[^1];
        return mrr == last.Closing && customers == last.ClosingCustomers;
    }

    // The order in which churn report counts plans.
    private static List<string> PlansOf(IEnumerable<V1.OverviewSection> sections) =>
        [.. sections.SelectMany(s => s.PlanClosings).Select(c => c.Plan).Distinct(StringComparer.Ordinal).Order(ByBytes)];

    private static readonly Comparer<string> ByBytes = Comparer<string>.Create(
        (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));
}
