using System.Text;
using Churn.Cli.Generate;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Cli.Tests.Report.Output;

/// <summary>Builds reports from rows written in a test.</summary>
internal static class Reports
{
    public const string Header = "customer_id,plan,mrr,currency,start_at,end_at,country\n";

    /// <summary>A business of a few customers with every kind of movement, in 2023 and 2024.</summary>
    public const string Few = Header
        + "ann,Team,50.00,EUR,2023-01-10,2023-06-01,DE\n"
        + "ann,Business,80.00,EUR,2023-06-01,,DE\n"
        + "bob,Starter,20.00,EUR,2023-02-05,2024-11-10,FR\n"
        + "cyd,Business,90.00,EUR,2023-03-01,2024-03-15,DE\n"
        + "cyd,Starter,20.00,EUR,2024-03-15,,DE\n"
        + "dee,Team,50.50,EUR,2023-04-20,2023-09-10,FR\n"
        + "dee,Team,50.50,EUR,2024-12-03,,FR\n"
        + "eve,Team,49.99,EUR,2024-12-20,,DE\n";

    private static readonly byte[] FewBytes = Encoding.UTF8.GetBytes(Few);

    public static Cli.Report.Output.Report OfFew(int months = 24, string? by = null) => Of(FewBytes, 2024, months, by);

    public static Cli.Report.Output.Report Of(string csv, int months = 24, string? by = null) => Of(Encoding.UTF8.GetBytes(csv), 2024, months, by);

    public static Cli.Report.Output.Report Generated(int months = 36, string? by = null)
    {
        using var csv = new MemoryStream();
        new SyntheticBusiness(1, new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc), 36).WriteIntervals(csv, 500);
        return Of(csv.ToArray(), 2024, months, by);
    }

    public static Cli.Report.Output.Report Of(byte[] csv, int lastYear, int months, string? by)
    {
        var options = new InputOptions { Files = ["subscriptions.csv"], By = by };
        var read = Reading.Read(options, _ => new MemoryStream(csv), threads: 1);
        var to = Calendar.MonthOf(lastYear, 12);
        var horizon = new Metrics.Domain.Horizon(to - months + 1, to, Calendar.MonthOf(read.FirstStart));
        var movers = new Movers();
        var analysis = new Analysis(read, horizon, null, movers, 1);
        return new Cli.Report.Output.Report
        {
            Files = read.Files,
            Currency = read.Currency,
            Horizon = horizon,
            Sections = [.. analysis.Parts(by is not null, options.IsByPlan).Select(p => new Section(p.Segment, Figures.Of(analysis.Run(p))))],
            By = by,
            IsByPlan = options.IsByPlan,
            Plans = read.Plans,
            Rows = read.Rows,
            Customers = read.Order.Length,
            Duplicates = read.Duplicates,
            Rejected = read.Rejects.Count,
            Movers = movers.Largest(),
            Folder = "report",
        };
    }

    public static string Page(Cli.Report.Output.Report report, int width = 100, bool color = false, bool unicode = false)
    {
        using var writer = new StringWriter();
        Cli.Report.Output.Page.Write(writer, report, new PageStyle(width, color, unicode));
        return writer.ToString();
    }
}
