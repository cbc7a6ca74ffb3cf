using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

/// <summary>Writes the lines of files that are also asked for by themselves.</summary>
internal static class CsvRows
{
    /// <summary>Names the columns that <see cref="Rates"/> writes.</summary>
    public const string RatesHeader =
        "grain,month,logo_churn_rate,gross_mrr_churn_rate,net_mrr_churn_rate_excl_react,net_mrr_churn_rate_incl_react,nrr_month,grr_month,quick_ratio_incl_react,quick_ratio_excl_react,arpa,reconcile";

    /// <summary>Names the columns that <see cref="Cohort"/> writes.</summary>
    public const string CohortsHeader =
        "basis,cohort_month,age,cohort_customers,cohort_mrr0,active_customers,active_mrr,logo_retention,mrr_retention";

    /// <summary>Writes a month's rates, the ratios in the order of <see cref="Columns.Ratios"/>; an imbalance of null is not known.</summary>
    public static void Rates(Lines lines, Grain grain, int month, IEnumerable<Ratio> ratios, Ratio arpa, Int128? imbalance)
    {
        lines.Cell(Identity.NameOf(grain)).Comma().Month(month);
        foreach (var ratio in ratios)
        {
            lines.Comma().Ratio(ratio);
        }

        lines.Comma().MoneyRatio(arpa).Comma();
        _ = (imbalance is not { } off ? lines : off == 0 ? lines.Number(0) : lines.Money(off)).End();
    }

    /// <summary>Writes a line for every age of a cohort.</summary>
    /// <param name="lines">Where they go.</param>
    /// <param name="prefix">What every line begins with.</param>
    /// <param name="cohort">The cohort.</param>
    public static void Cohort(Lines lines, ReadOnlySpan<byte> prefix, Cohort cohort)
    {
        for (var age = 0; age < cohort.Ages; age++)
        {
            lines.Text(prefix).Cell(NameOf(cohort.Basis)).Comma().Month(cohort.Month).Comma().Number(age)
                .Comma().Number(cohort.Customers).Comma().Money(cohort.FirstMrr)
                .Comma().Number(cohort.ActiveCustomers(age)).Comma().Money(cohort.ActiveMrr(age))
                .Comma().Ratio(cohort.LogoRetention(age)).Comma().Ratio(cohort.MrrRetention(age)).End();
        }
    }

    private static string NameOf(CohortBasis basis) => basis == CohortBasis.FirstClosing ? "first_closing" : "first_paid_instant";
}
