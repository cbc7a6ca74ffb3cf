using System.Numerics;
using System.Text;

namespace Churn.Client.Json;

/// <summary>Finds what a name in UTF-8 stands for, without a string; made once, of a few dozen names.</summary>
internal sealed class NameTable<T>
    where T : class
{
    private readonly (byte[]? Name, T Value)[] _slots;

    public NameTable(IEnumerable<KeyValuePair<string, T>> names)
    {
        var all = names.ToList();
        _slots = new (byte[]?, T)[BitOperations.RoundUpToPowerOf2((uint)(all.Count * 4) + 1)];
        foreach (var (name, value) in all)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            var slot = Slot(bytes);
            while (_slots[slot].Name is { } other && !bytes.AsSpan().SequenceEqual(other))
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = (bytes, value);
        }
    }

    public T? Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Slot(name); _slots[slot].Name is { } other; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (name.SequenceEqual(other))
            {
                return _slots[slot].Value;
            }
        }

        return null;
    }

    // Length, ends and middle tell the names of one message apart nearly always.
    private int Slot(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : ((name.Length * 7) + (name[0] * 31) + (name[^1] * 131) + (name[name.Length / 2] * 17)) & (_slots.Length - 1);
}
