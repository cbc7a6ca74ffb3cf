namespace Churn.Cli.Report.Input;

/// <summary>Numbers the names of several tables anew, in byte order: each name once, whatever tables it is in.</summary>
internal sealed class MergedNames
{
    private readonly IReadOnlyList<Names> _tables;
    private readonly List<Place> _places;

    private MergedNames(IReadOnlyList<Names> tables, List<Place> places, int[][] numbers)
    {
        (_tables, _places, Numbers) = (tables, places, numbers);
    }

    public int Count => _places.Count;

    /// <summary>Gives, for each table, the numbers here of its names.</summary>
    public IReadOnlyList<int[]> Numbers { get; }

    public ReadOnlySpan<byte> this[int number] => _tables[_places[number].Table][_places[number].Number];

    public string Text(int number) => System.Text.Encoding.UTF8.GetString(this[number]);

    public string[] Texts() => [.. Enumerable.Range(0, Count).Select(Text)];

    /// <summary>Merges tables.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="sorted">What <see cref="Names.Sorted"/> gives for each.</param>
    public static MergedNames Of(IReadOnlyList<Names> tables, IReadOnlyList<int[]> sorted)
    {
        var runs = new Queue<List<Place>>(sorted.Select((order, table) =>
        {
            var run = new List<Place>(order.Length);
            foreach (var number in order)
            {
                run.Add(new Place(table, number));
            }

            return run;
        }));
        while (runs.Count > 1)
        {
            runs.Enqueue(Merge(tables, runs.Dequeue(), runs.Dequeue()));
        }

        return Number(tables, runs.Dequeue());
    }

    private static List<Place> Merge(IReadOnlyList<Names> tables, List<Place> a, List<Place> b)
    {
        var merged = new List<Place>(a.Count + b.Count);
        int i = 0, j = 0;
        while (i < a.Count && j < b.Count)
        {
            merged.Add(Compare(tables, a[i], b[j]) <= 0 ? a[i++] : b[j++]);
        }

        merged.AddRange(a[i..]);
        merged.AddRange(b[j..]);
        return merged;
    }

    private static int Compare(IReadOnlyList<Names> tables, Place a, Place b) =>
        tables[a.Table][a.Number].SequenceCompareTo(tables[b.Table][b.Number]);

    private static MergedNames Number(IReadOnlyList<Names> tables, List<Place> run)
    {
        var numbers = tables.Select(t => new int[t.Count]).ToArray();
        var places = new List<Place>(run.Count);
        foreach (var place in run)
        {
            if (places.Count == 0 || Compare(tables, places[^1], place) != 0)
            {
                places.Add(place);
            }

            numbers[place.Table][place.Number] = places.Count - 1;
        }

        return new MergedNames(tables, places, numbers);
    }

    private readonly record struct Place(int Table, int Number);
}
