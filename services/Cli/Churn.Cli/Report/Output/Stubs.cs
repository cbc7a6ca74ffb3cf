using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Output;

internal sealed class Report
{
    public required IReadOnlyList<string> Files { get; init; }
    public required string Currency { get; init; }
    public required Horizon Horizon { get; init; }
    public required IReadOnlyList<Section> Sections { get; init; }
    public required IReadOnlyList<string> Plans { get; init; }
    public required int Rows { get; init; }
    public required int Customers { get; init; }
    public required int Duplicates { get; init; }
    public required int Rejected { get; init; }
    public required object Movers { get; init; }
    public string? Folder { get; init; }
}

internal sealed class Movers
{
    private int _x;
    public void Offer(ReadOnlySpan<byte> customer, in Movement movement) { _x++; }
    public void Merge(Movers other) { _x++; }
    public object Largest() => this;
}
internal static class Pictures { public static void Write(string folder, Report report) { } }
internal static class CsvReport { public static void Write(Stream output, Report report) { } }
internal static class JsonReport { public static void Write(Stream output, Report report) { } }
internal static class Page { public static void Write(TextWriter output, Report report, PageStyle style) { output.WriteLine(report.Sections[0].Ledger.Months(Grain.Month)[^1].ClosingCustomers); } }
internal sealed record PageStyle { public static PageStyle Detect(int? width, Func<string, string?> environment) => new(); }
