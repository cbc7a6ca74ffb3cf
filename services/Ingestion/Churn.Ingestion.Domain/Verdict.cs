namespace Churn.Ingestion.Domain;

/// <summary>Names what becomes of a fact.</summary>
public enum Verdict : byte
{
    /// <summary>Takes it into the log: nothing has its identity.</summary>
    Recorded,

    /// <summary>Drops it: the log has it, with the same content.</summary>
    Duplicate,

    /// <summary>Refuses it, for a reason that is told.</summary>
    Rejected,
}
