using System.Text;
using Churn.Cli.Report;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output;
using Churn.Metrics.Domain;

namespace Churn.Suite.Tests.Metrics;

/// <summary>Is a business that a file of subscriptions tells of, read as <c>churn report</c> reads it.</summary>
/// <param name="Csv">The file.</param>
/// <param name="Input">How it is read.</param>
internal sealed record Business(byte[] Csv, InputOptions Input)
{
    public Business(string csv)
        : this(Encoding.UTF8.GetBytes(csv), new InputOptions())
    {
    }

    public static Business OfFile(string name, InputOptions? input = null) =>
        new(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", name)), input ?? new InputOptions());

    /// <summary>A business of a few customers with every kind of movement, in 2023 and 2024.</summary>
    public static Business Few { get; } = new(
        "customer_id,plan,mrr,currency,start_at,end_at,country\n"
        + "ann,Team,50.00,EUR,2023-01-10,2023-06-01,DE\n"
        + "ann,Business,80.00,EUR,2023-06-01,,DE\n"
        + "bob,Starter,20.00,EUR,2023-02-05,2024-11-10,FR\n"
        + "cyd,Business,90.00,EUR,2023-03-01,2024-03-15,DE\n"
        + "cyd,Starter,20.00,EUR,2024-03-15,,DE\n"
        + "dee,Team,50.50,EUR,2023-04-20,2023-09-10,FR\n"
        + "dee,Team,50.50,EUR,2024-12-03,,FR\n"
        + "eve,Team,49.99,EUR,2024-12-20,,DE\n");

    /// <summary>Reads the file again; a segment's column is known only while it is read.</summary>
    public Subscriptions Read(string? by) => Reading.Read(
        Input with { Files = ["subscriptions.csv"], By = by == "plan" && Input.Plan is { } plan ? plan : by }, _ => new MemoryStream(Csv), threads: 1);

    /// <summary>Gives the ledgers, one a segment, and the largest movements.</summary>
    public static (IReadOnlyList<(string? Segment, Ledger Ledger)> Ledgers, Movers Movers) Analyze(Subscriptions read, string? by, Horizon horizon)
    {
        var movers = new Movers();
        var analysis = new Analysis(read, horizon, null, movers, 1);
        return ([.. analysis.Parts(by is not null, by == "plan").Select(p => (p.Segment, analysis.Run(p)))], movers);
    }
}
