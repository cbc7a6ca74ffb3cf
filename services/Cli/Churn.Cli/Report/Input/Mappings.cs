using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Holds ready-made options for files that are widely known.</summary>
internal static class Mappings
{
    /// <summary>Gives the day that the Telco file's tenures are counted back from: it holds no date, so any day will do.</summary>
    public static readonly int TelcoSnapshot = Calendar.DayOf(2020, 1, 1);

    public static readonly IReadOnlyList<string> All = ["telco"];

    private static readonly string[] TelcoColumns = ["customer_id", "tenure", "churn", "monthly_charges", "contract"];

    /// <summary>Fills in what a mapping says and the command line does not.</summary>
    public static InputOptions Telco(InputOptions options) => options with
    {
        Tenure = options.Tenure ?? "tenure",
        ChurnedColumn = options.ChurnedColumn ?? "churn",
        ChurnedValue = options.ChurnedValue ?? "Yes",
        Price = options.Price ?? "monthly_charges",
        Plan = options.Plan ?? "contract",
        Currency = options.Currency ?? "USD",
        By = string.Equals(options.By, "plan", StringComparison.OrdinalIgnoreCase) ? options.Plan ?? "contract" : options.By,
    };

    /// <summary>Gives the mapping that a header asks for, or null.</summary>
    public static string? Find(IReadOnlyList<string> header) =>
        TelcoColumns.All(n => header.Contains(n, StringComparer.OrdinalIgnoreCase)) ? "telco" : null;
}
