namespace Churn.Cli.Report.Input;

/// <summary>Says in one sentence why there is nothing to report; its reader is the person who ran the command.</summary>
/// <param name="sentence">The sentence.</param>
/// <param name="rejects">The rows that could not be reported, where there are any.</param>
internal sealed class ReportException(string sentence, IReadOnlyList<Reject>? rejects = null) : Exception(sentence)
{
    public IReadOnlyList<Reject> Rejects { get; } = rejects ?? [];
}
