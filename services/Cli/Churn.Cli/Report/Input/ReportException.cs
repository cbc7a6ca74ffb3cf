namespace Churn.Cli.Report.Input;

/// <summary>Says in one sentence why there is nothing to report; its reader is the person who ran the command.</summary>
internal sealed class ReportException(string sentence) : Exception(sentence);
