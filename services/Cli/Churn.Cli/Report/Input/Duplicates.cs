namespace Churn.Cli.Report.Input;

/// <summary>Finds rows that have the subscription id of another row.</summary>
internal sealed class Duplicates
{
    // A part's table stays in a processor's first caches, however many rows there are.
    private const int RowsInPart = 4_096;

    private readonly IReadOnlyList<RowBlock> _blocks;
    private readonly int[] _starts;
    private readonly List<(RowBlock Block, int Row, RowBlock Other, int OtherRow)> _conflicts = [];

    private Duplicates(IReadOnlyList<RowBlock> blocks)
    {
        _blocks = blocks;
        _starts = new int[blocks.Count + 1];
        for (var i = 0; i < blocks.Count; i++)
        {
            _starts[i + 1] = _starts[i] + blocks[i].Count;
        }
    }

    /// <summary>Gives the rows that said the same as an earlier one and were dropped.</summary>
    public int Dropped { get; private set; }

    /// <summary>Gives the rows that say other things than another row of their id; they were dropped too.</summary>
    public IReadOnlyList<(RowBlock Block, int Row, RowBlock Other, int OtherRow)> Conflicts => _conflicts;

    /// <summary>Finds the duplicates among the blocks and takes their rows out: their customer is -1 then.</summary>
    /// <param name="blocks">The blocks, in the order of the files.</param>
    public static Duplicates Find(IReadOnlyList<RowBlock> blocks)
    {
        var found = new Duplicates(blocks);
        found.Find();
        return found;
    }

    private void Find()
    {
        var parts = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((_starts[^1] / RowsInPart) + 1));
        var (entries, ends) = Spread(parts);
        var slots = new int[16];
        for (var part = 0; part < parts; part++)
        {
            var begin = part == 0 ? 0 : ends[part - 1];
            FindIn(entries.AsSpan(begin..ends[part]), ref slots);
        }
    }

    // Rows with an id, by part of their hash, within a part in the order of the files.
    private (Entry[] Entries, int[] Ends) Spread(int parts)
    {
        var mask = (ulong)parts - 1;
        var places = new int[parts + 1];
        foreach (var block in _blocks)
        {
            for (var i = 0; i < block.Count; i++)
            {
                var id = block.Rows[i].Id;
                if (id != default)
                {
                    places[(int)(Names.Mix(id.High, id.Low) & mask) + 1]++;
                }
            }
        }

        for (var i = 1; i < places.Length; i++)
        {
            places[i] += places[i - 1];
        }

        var entries = new Entry[places[^1]];
        for (var b = 0; b < _blocks.Count; b++)
        {
            var rows = _blocks[b].Rows;
            for (var i = 0; i < _blocks[b].Count; i++)
            {
                var id = rows[i].Id;
                if (id != default)
                {
                    var hash = Names.Mix(id.High, id.Low);
                    entries[places[(int)(hash & mask)]++] = new Entry(hash, _starts[b] + i);
                }
            }
        }

        return (entries, places[..parts]);
    }

    private void FindIn(Span<Entry> entries, ref int[] slots)
    {
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, entries.Length * 2));
        if (slots.Length < size)
        {
            slots = new int[size];
        }

        var table = slots.AsSpan(0, size);
        table.Clear();
        var conflicting = new HashSet<int>();
        for (var i = 0; i < entries.Length; i++)
        {
            var hash = entries[i].Hash;
            // The lower half of the hash chose the part: the upper one chooses the slot.
            var slot = (int)((hash >> 32) & (uint)(size - 1));
            for (; table[slot] != 0; slot = (slot + 1) & (size - 1))
            {
                ref readonly var other = ref entries[table[slot] - 1];
                if (other.Hash == hash && HaveOneId(other.Row, entries[i].Row))
                {
                    Note(entries[i].Row, other.Row, conflicting);
                    break;
                }
            }

            if (table[slot] == 0)
            {
                table[slot] = i + 1;
            }
        }
    }

    private bool HaveOneId(int a, int b)
    {
        var (block, row) = At(a);
        var (other, otherRow) = At(b);
        return block.Rows[row].Id == other.Rows[otherRow].Id;
    }

    private (RowBlock Block, int Row) At(int row)
    {
        var at = Array.BinarySearch(_starts, row);
        at = at >= 0 ? at : ~at - 1;
        // Blocks without rows share their start with the next one.
        while (_starts[at + 1] == _starts[at])
        {
            at++;
        }

        return (_blocks[at], row - _starts[at]);
    }

    private void Note(int number, int first, HashSet<int> conflicting)
    {
        var (block, row) = At(number);
        var (other, otherRow) = At(first);
        if (block.Rows[row].Content != other.Rows[otherRow].Content)
        {
            if (conflicting.Add(first))
            {
                _conflicts.Add((other, otherRow, block, row));
                other.Rows[otherRow].Customer = -1;
            }

            _conflicts.Add((block, row, other, otherRow));
        }
        else if (conflicting.Contains(first))
        {
            _conflicts.Add((block, row, other, otherRow));
        }
        else
        {
            Dropped++;
        }

        block.Rows[row].Customer = -1;
    }

    private readonly record struct Entry(ulong Hash, int Row);
}
