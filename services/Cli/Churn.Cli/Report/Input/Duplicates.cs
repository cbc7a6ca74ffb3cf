namespace Churn.Cli.Report.Input;

/// <summary>Finds rows that have the subscription id of another row.</summary>
internal sealed class Duplicates
{
    private readonly List<(RowBlock Block, int Row, RowBlock Other, int OtherRow)> _conflicts = [];

    /// <summary>Gives the rows that said the same as an earlier one and were dropped.</summary>
    public int Dropped { get; private set; }

    /// <summary>Gives the rows that say other things than another row of their id; they were dropped too.</summary>
    public IReadOnlyList<(RowBlock Block, int Row, RowBlock Other, int OtherRow)> Conflicts => _conflicts;

    /// <summary>Finds the duplicates among the blocks and takes their rows out: their customer is -1 then.</summary>
    /// <param name="blocks">The blocks, in the order of the files.</param>
    public static Duplicates Find(IReadOnlyList<RowBlock> blocks)
    {
        var found = new Duplicates();
        var rows = 0;
        var starts = new int[blocks.Count + 1];
        for (var i = 0; i < blocks.Count; i++)
        {
            rows += blocks[i].Count;
            starts[i + 1] = rows;
        }

        found.Find(blocks, starts);
        return found;
    }

    private void Find(IReadOnlyList<RowBlock> blocks, int[] starts)
    {
        // A slot holds the upper half of an id's hash and the row it was first seen in, from 1.
        var slots = new ulong[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, starts[^1] * 2L))];
        var mask = (ulong)slots.Length - 1;
        var conflicting = new HashSet<int>();
        for (var b = 0; b < blocks.Count; b++)
        {
            var rows = blocks[b].Rows;
            for (var i = 0; i < blocks[b].Count; i++)
            {
                var id = rows[i].Id;
                if (id == default)
                {
                    continue;
                }

                var hash = Names.Mix(id.High, id.Low);
                var slot = hash & mask;
                for (; slots[slot] != 0; slot = (slot + 1) & mask)
                {
                    if (slots[slot] >> 32 == hash >> 32 && Same(blocks, starts, RowOf(slots[slot]), id, out var other, out var otherRow))
                    {
                        Note(blocks[b], i, other, otherRow, conflicting, RowOf(slots[slot]));
                        break;
                    }
                }

                if (slots[slot] == 0)
                {
                    slots[slot] = (hash >> 32 << 32) | (uint)(starts[b] + i + 1);
                }
            }
        }
    }

    private static int RowOf(ulong slot) => (int)(slot & uint.MaxValue) - 1;

    private static bool Same(
        IReadOnlyList<RowBlock> blocks, int[] starts, int row, (ulong, ulong) id, out RowBlock block, out int inBlock)
    {
        var at = Array.BinarySearch(starts, row);
        at = at >= 0 ? at : ~at - 1;
        // Blocks without rows share their start with the next one.
        while (starts[at + 1] == starts[at])
        {
            at++;
        }

        (block, inBlock) = (blocks[at], row - starts[at]);
        return block.Rows[inBlock].Id == id;
    }

    private void Note(RowBlock block, int row, RowBlock other, int otherRow, HashSet<int> conflicting, int first)
    {
        ref var mine = ref block.Rows[row];
        ref var theirs = ref other.Rows[otherRow];
        if (mine.Content != theirs.Content)
        {
            if (conflicting.Add(first))
            {
                _conflicts.Add((other, otherRow, block, row));
                theirs.Customer = -1;
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

        mine.Customer = -1;
    }
}
