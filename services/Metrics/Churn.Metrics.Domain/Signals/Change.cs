namespace Churn.Metrics.Domain.Signals;

/// <summary>Holds a movement that a signal brought about, or undid.</summary>
/// <param name="Movement">The movement, at the grain of instants.</param>
/// <param name="Currency">The number of its currency.</param>
/// <param name="Undone">Whether the ledger had it before and has it no longer.</param>
public readonly record struct Change(Movement Movement, int Currency, bool Undone);
