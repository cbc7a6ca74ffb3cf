using System.Buffers.Binary;

namespace Churn.Cli.Report.Input;

/// <summary>Numbers byte strings in the order in which they are first seen.</summary>
internal sealed class Names
{
    private const int ArenaSize = 1 << 10;

    private readonly List<byte[]> _arenas = [];
    private int _used = ArenaSize;
    private Entry[] _entries = new Entry[16];
    // The upper half of a hash and a number from 1: most looks end here.
    private ulong[] _buckets = new ulong[32];
    private int _last = -1;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            ref readonly var entry = ref _entries[number];
            return _arenas[entry.Arena].AsSpan(entry.Offset, entry.Length);
        }
    }

    public string Text(int number) => System.Text.Encoding.UTF8.GetString(this[number]);

    /// <summary>Gives the number of a name, a new one when it was not seen before.</summary>
    public int Intern(ReadOnlySpan<byte> name)
    {
        // Rows of one customer mostly stand together.
        if (_last >= 0 && name.SequenceEqual(this[_last]))
        {
            return _last;
        }

        return _last = Find(name, Hash(name));
    }

    /// <summary>Gives the numbers in the byte order of their names.</summary>
    public int[] Sorted()
    {
        var order = new int[Count];
        var keys = new ulong[Count];
        var shared = SharedPrefix();
        for (var i = 0; i < order.Length; i++)
        {
            (order[i], keys[i]) = (i, Key(this[i][shared..]));
        }

        RadixSort(ref keys, ref order);
        for (var i = 0; i < order.Length;)
        {
            var tie = i;
            for (i++; i < order.Length && keys[i] == keys[tie]; i++)
            {
            }

            if (i - tie > 1)
            {
                order.AsSpan(tie, i - tie).Sort((a, b) => this[a].SequenceCompareTo(this[b]));
            }
        }

        return order;
    }

    /// <summary>Mixes bytes into 64 well-spread bits; equal on every machine.</summary>
    /// <remarks>Multiply-and-fold as in wyhash (Wang Yi, 2019), without its claims: a table's hash and no more.</remarks>
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed = 0x9E3779B97F4A7C15)
    {
        unchecked
        {
            var hash = seed ^ ((ulong)bytes.Length * 0xA0761D6478BD642F);
            while (bytes.Length >= 8)
            {
                hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), 0xE7037ED1A0B428DB);
                bytes = bytes[8..];
            }

            var rest = Rest(bytes);
            return Fold(hash ^ rest, 0x8EBC6AF09C88C6E3);
        }
    }

    // By bytes from the last; a byte that all keys share costs one look.
    private static void RadixSort(ref ulong[] keys, ref int[] order)
    {
        var (otherKeys, otherOrder) = (new ulong[keys.Length], new int[keys.Length]);
        var counts = new int[257];
        for (var shift = 0; shift < 64; shift += 8)
        {
            Array.Clear(counts);
            foreach (var key in keys)
            {
                counts[(int)((key >> shift) & 0xFF) + 1]++;
            }

            if (Array.IndexOf(counts, keys.Length) >= 0)
            {
                continue;
            }

            for (var i = 1; i < counts.Length; i++)
            {
                counts[i] += counts[i - 1];
            }

            for (var i = 0; i < keys.Length; i++)
            {
                var place = counts[(int)((keys[i] >> shift) & 0xFF)]++;
                (otherKeys[place], otherOrder[place]) = (keys[i], order[i]);
            }

            (keys, otherKeys) = (otherKeys, keys);
            (order, otherOrder) = (otherOrder, order);
        }
    }

    private int SharedPrefix()
    {
        var shared = Count == 0 ? 0 : this[0].Length;
        for (var i = 1; i < Count && shared > 0; i++)
        {
            shared = Math.Min(shared, this[0].CommonPrefixLength(this[i]));
        }

        return shared;
    }

    // Less than eight bytes, in two reads that may overlap: the length is in the hash already.
    private static ulong Rest(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes)
            | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) << 32),
        >= 2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes)
            | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(bytes[^2..]) << 32),
        1 => bytes[0],
        _ => 0,
    };

    private static ulong Key(ReadOnlySpan<byte> text)
    {
        if (text.Length >= 8)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(text);
        }

        ulong key = 0;
        for (var i = 0; i < text.Length; i++)
        {
            key |= (ulong)text[i] << (56 - (8 * i));
        }

        return key;
    }

    /// <summary>Mixes two numbers into one of well-spread bits.</summary>
    public static ulong Mix(ulong a, ulong b) => Fold(a ^ 0xE7037ED1A0B428DB, b ^ 0x8EBC6AF09C88C6E3);

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private int Find(ReadOnlySpan<byte> name, ulong hash)
    {
        var mask = (ulong)_buckets.Length - 1;
        var slot = hash & mask;
        for (ulong found; (found = _buckets[slot]) != 0; slot = (slot + 1) & mask)
        {
            if (found >> 32 == hash >> 32 && name.SequenceEqual(this[NumberIn(found)]))
            {
                return NumberIn(found);
            }
        }

        if (Count == _entries.Length)
        {
            Grow();
            return Find(name, hash);
        }

        Store(name, hash);
        _buckets[slot] = Bucket(hash, Count);
        return Count++;
    }

    private static ulong Bucket(ulong hash, int number) => (hash & 0xFFFFFFFF00000000) | (uint)(number + 1);

    private static int NumberIn(ulong bucket) => (int)(bucket & uint.MaxValue) - 1;

    private void Store(ReadOnlySpan<byte> name, ulong hash)
    {
        if (_arenas.Count == 0 || name.Length > _arenas[^1].Length - _used)
        {
            // Small sets stay small; a large one is not kept in thousands of pieces.
            _arenas.Add(new byte[Math.Max(name.Length, ArenaSize << Math.Min(_arenas.Count, 10))]);
            _used = 0;
        }

        name.CopyTo(_arenas[^1].AsSpan(_used));
        _entries[Count] = new Entry(hash, _arenas.Count - 1, _used, name.Length);
        _used += name.Length;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _buckets = new ulong[_entries.Length * 2];
        // Written from end to end, pages come once; a page that is read first and then written costs every thread a pause.
        _buckets.AsSpan().Clear();
        var mask = (ulong)_buckets.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var slot = _entries[number].Hash & mask;
            while (_buckets[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _buckets[slot] = Bucket(_entries[number].Hash, number);
        }
    }

    private readonly record struct Entry(ulong Hash, int Arena, int Offset, int Length);
}
