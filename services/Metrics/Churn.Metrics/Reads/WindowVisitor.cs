using Churn.Metrics.Books;
using Churn.Metrics.Domain;

namespace Churn.Metrics.Reads;

/// <summary>Adds up the windows that end with a day by a scan: what the kept sums are checked against, and what answers where none are kept.</summary>
/// <param name="day">The day.</param>
/// <param name="split">How the answer is split.</param>
/// <param name="order">The order of plans by name.</param>
internal sealed class WindowVisitor(int day, Split split, IComparer<int> order) : IVisitor
{
    private readonly Window[] _windows = [.. Enum.GetValues<WindowKind>().Select(kind => Window.At(kind, day))];
    private readonly PlanSplit _plans = new(order);
    private Step[] _steps = new Step[64];

    public Dictionary<int, WindowSums[]> Sums { get; } = [];

    public void Visit(Book book, int customer, ReadOnlySpan<Term> terms)
    {
        if (split.IsByPlan)
        {
            AddByPlan(terms);
            return;
        }

        var part = split.PartOf(book, customer);
        var sums = SumsOf(part);
        var most = Timeline.MostSteps(terms.Length);
        _steps = _steps.Length < most ? new Step[most] : _steps;
        var steps = _steps.AsSpan(0, Timeline.Build(terms, _steps));
        for (var kind = 0; kind < sums.Length; kind++)
        {
            sums[kind].Add(Movements.InWindow(_windows[kind], steps), 1);
        }
    }

    private void AddByPlan(ReadOnlySpan<Term> terms)
    {
        _plans.Load(terms);
        for (var kind = 0; kind < _windows.Length; kind++)
        {
            var at = kind;
            var movements = _plans.InWindow(_windows[kind], (place, before, after) => SumsOf(_plans.Plans[place])[at].AddEnds(before, after, 1));
            foreach (var (place, movement) in movements)
            {
                SumsOf(_plans.Plans[place])[kind].AddFlow(movement, 1);
            }
        }
    }

    private WindowSums[] SumsOf(int part)
    {
        if (!Sums.TryGetValue(part, out var sums))
        {
            Sums.Add(part, sums = HotSums.NewSums());
        }

        return sums;
    }
}
