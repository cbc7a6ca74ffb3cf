using Churn.Metrics.Domain;
using Microsoft.Win32.SafeHandles;

namespace Churn.Cli.Report.Output;

/// <summary>Writes the files of a report other than the movements.</summary>
internal sealed class ReportFiles
{
    /// <summary>Names all files of a report, as docs/definitions.md explains them.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        Monthly, Rates, Daily, TrueHistory, Trailing, Cohorts, Plans, .. MovementFiles.Names,
    ];

    private const string Monthly = "monthly.csv";
    private const string Rates = "rates.csv";
    private const string Daily = "daily.csv";
    private const string TrueHistory = "monthly_new_react_true_history.csv";
    private const string Trailing = "trailing12.csv";
    private const string Cohorts = "cohort_triangle.csv";
    private const string Plans = "by_plan_monthly.csv";

    private static readonly MovementKind[] Kinds =
        [MovementKind.New, MovementKind.Expansion, MovementKind.Reactivation, MovementKind.Contraction, MovementKind.Churn];

    private static readonly MovementKind[] Transfers = [MovementKind.TransferIn, MovementKind.TransferOut];

    private readonly Dictionary<string, (SafeFileHandle Handle, long Length)> _files = new(StringComparer.Ordinal);
    private readonly NewFiles _new;
    private readonly bool _segmented;
    private readonly bool _byPlan;
    private readonly Lines _lines = new(1 << 16);
    private byte[] _prefix = [];

    /// <summary>Starts the files.</summary>
    /// <param name="files">Where they go.</param>
    /// <param name="segmented">Whether every line begins with a segment.</param>
    /// <param name="byPlan">Whether the segments are plans: then transfers between them have columns too.</param>
    public ReportFiles(NewFiles files, bool segmented, bool byPlan)
    {
        (_new, _segmented, _byPlan) = (files, segmented, byPlan);
        const string kinds = "new_mrr,expansion_mrr,reactivation_mrr,contraction_mrr,churn_mrr,new_n,expansion_n,reactivation_n,contraction_n,churn_n";
        var transfers = byPlan ? ",transfer_in_mrr,transfer_out_mrr,transfer_in_n,transfer_out_n" : "";
        Open(Monthly, $"grain,month,opening_mrr,opening_customers,{kinds},closing_mrr,closing_customers{transfers}");
        Open(Rates, CsvRows.RatesHeader);
        Open(Daily, $"day,opening_mrr,{kinds},closing_mrr,closing_customers{transfers}");
        Open(TrueHistory, "month,new_mrr_th,reactivation_mrr_th,new_n_th,reactivation_n_th");
        Open(Trailing, "month,base_month,base_mrr,base_customers,now_mrr,now_customers,now_mrr_capped,nrr12,grr12,logo_retention12");
        Open(Cohorts, CsvRows.CohortsHeader);
        Open(Plans, "month,plan,closing_mrr,customers,subscriptions");
    }

    /// <summary>Writes one section behind those before it.</summary>
    /// <param name="ledger">The section's ledger.</param>
    /// <param name="prefix">What every line begins with; empty where the report is not split.</param>
    /// <param name="plans">The names of the plans.</param>
    public void Write(Ledger ledger, byte[] prefix, IReadOnlyList<string> plans)
    {
        _prefix = prefix;
        WriteMonthly(ledger);
        WriteDaily(ledger);
        WriteTrueHistory(ledger);
        WriteTrailing(ledger);
        WriteCohorts(ledger);
        foreach (var closing in ledger.PlanClosings())
        {
            Begin().Month(closing.Month).Comma().Cell(plans[closing.Plan]).Comma().Money(closing.Mrr).Comma().Number(closing.Customers)
                .Comma().Number(closing.Subscriptions).End();
        }

        Flush(Plans);
    }

    private void Open(string name, string header)
    {
        _files[name] = (_new.Create(name), 0);
        _lines.Cell(_segmented ? "segment" : "").Text(_segmented ? ","u8 : []).Text(System.Text.Encoding.ASCII.GetBytes(header)).End();
        Flush(name);
    }

    private Lines Begin() => _lines.Text(_prefix);

    private void Flush(string name)
    {
        var (handle, length) = _files[name];
        RandomAccess.Write(handle, _lines.Written, length);
        _files[name] = (handle, length + _lines.Length);
        _lines.Clear();
    }

    private void WriteMonthly(Ledger ledger)
    {
        foreach (var grain in Enum.GetValues<Grain>())
        {
            var months = ledger.Months(grain);
            for (var i = 0; i < months.Count; i++)
            {
                var month = months[i];
                Begin().Cell(Identity.NameOf(grain)).Comma().Month(ledger.Horizon.From + i).Comma().Money(month.Opening).Comma().Number(month.OpeningCustomers);
                Moved(month).Comma().Money(month.Closing).Comma().Number(month.ClosingCustomers);
                Transferred(month).End();
            }
        }

        Flush(Monthly);
        foreach (var grain in Enum.GetValues<Grain>())
        {
            var months = ledger.Months(grain);
            var imbalances = ledger.Imbalances(grain);
            for (var i = 0; i < months.Count; i++)
            {
                var rates = new Rates(months[i]);
                CsvRows.Rates(
                    Begin(), grain, ledger.Horizon.From + i, Columns.Ratios.Select(r => r.Of(rates)), rates.Arpa, imbalances[i]);
            }
        }

        Flush(Rates);
    }

    private void WriteDaily(Ledger ledger)
    {
        var days = ledger.Days();
        for (var i = 0; i < days.Count; i++)
        {
            Begin().Day(ledger.Horizon.FirstDay + i).Comma().Money(days[i].Opening);
            Moved(days[i]).Comma().Money(days[i].Closing).Comma().Number(days[i].ClosingCustomers);
            Transferred(days[i]).End();
        }

        Flush(Daily);
    }

    private void WriteTrueHistory(Ledger ledger)
    {
        var months = ledger.MonthsByTrueHistory();
        for (var i = 0; i < months.Count; i++)
        {
            Begin().Month(ledger.Horizon.From + i)
                .Comma().Money(months[i][MovementKind.New]).Comma().Money(months[i][MovementKind.Reactivation])
                .Comma().Number(months[i].Count(MovementKind.New)).Comma().Number(months[i].Count(MovementKind.Reactivation)).End();
        }

        Flush(TrueHistory);
    }

    private void WriteTrailing(Ledger ledger)
    {
        foreach (var year in ledger.TrailingYears())
        {
            Begin().Month(year.Month).Comma().Month(year.BaseMonth).Comma().Money(year.BaseMrr).Comma().Number(year.BaseCustomers)
                .Comma().Money(year.NowMrr).Comma().Number(year.NowCustomers).Comma().Money(year.NowCapped)
                .Comma().Ratio(year.Nrr).Comma().Ratio(year.Grr).Comma().Ratio(year.LogoRetention).End();
        }

        Flush(Trailing);
    }

    private void WriteCohorts(Ledger ledger)
    {
        foreach (var basis in Enum.GetValues<CohortBasis>())
        {
            foreach (var cohort in ledger.Cohorts(basis))
            {
                CsvRows.Cohort(_lines, _prefix, cohort);
            }
        }

        Flush(Cohorts);
    }

    private Lines Moved(Bridge bridge)
    {
        foreach (var kind in Kinds)
        {
            _lines.Comma().Money(bridge[kind]);
        }

        foreach (var kind in Kinds)
        {
            _lines.Comma().Number(bridge.Count(kind));
        }

        return _lines;
    }

    private Lines Transferred(Bridge bridge)
    {
        if (_byPlan)
        {
            foreach (var kind in Transfers)
            {
                _lines.Comma().Money(bridge[kind]);
            }

            foreach (var kind in Transfers)
            {
                _lines.Comma().Number(bridge.Count(kind));
            }
        }

        return _lines;
    }
}
