namespace Churn.Ingestion;

/// <summary>Reads what every fact begins with from its settled bytes, without making an object of it.</summary>
internal readonly ref struct FactHead
{
    private const uint SourceTag = (1 << 3) | 2;
    private const uint EventIdTag = (2 << 3) | 2;
    private const uint CustomerTag = (6 << 3) | 2;
    private const uint RetractsTag = (7 << 3) | 2;
    private const uint LastTag = (8 << 3) - 1;
    private const int WireType = 7;
    private const int Varint = 0;

    private FactHead(ReadOnlySpan<byte> source, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> customer, ReadOnlySpan<byte> retracts)
    {
        Source = source;
        EventId = eventId;
        Customer = customer;
        Retracts = retracts;
    }

    public ReadOnlySpan<byte> Source { get; }

    public ReadOnlySpan<byte> EventId { get; }

    public ReadOnlySpan<byte> Customer { get; }

    public ReadOnlySpan<byte> Retracts { get; }

    /// <summary>Reads the fields before the kind; they are varints and bytes alone, in the order of their numbers.</summary>
    /// <exception cref="InvalidDataException">The bytes are no fact's.</exception>
    public static FactHead Read(ReadOnlySpan<byte> settled)
    {
        var source = ReadOnlySpan<byte>.Empty;
        var eventId = ReadOnlySpan<byte>.Empty;
        var customer = ReadOnlySpan<byte>.Empty;
        var retracts = ReadOnlySpan<byte>.Empty;
        for (var rest = settled; rest.Length > 0;)
        {
            var tag = (uint)Number(ref rest);
            if (tag > LastTag)
            {
                break;
            }

            var length = Number(ref rest);
            if ((tag & WireType) == Varint)
            {
                continue;
            }

            if (length > (ulong)rest.Length)
            {
                throw Damaged();
            }

            var value = rest[..(int)length];
            rest = rest[(int)length..];
            switch (tag)
            {
                case SourceTag:
                    source = value;
                    break;
                case EventIdTag:
                    eventId = value;
                    break;
                case CustomerTag:
                    customer = value;
                    break;
                case RetractsTag:
                    retracts = value;
                    break;
            }
        }

        return new FactHead(source, eventId, customer, retracts);
    }

    private static ulong Number(ref ReadOnlySpan<byte> from)
    {
        var value = 0UL;
        for (var i = 0; i < 10 && i < from.Length; i++)
        {
            value |= (ulong)(from[i] & 0x7F) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return value;
            }
        }

        throw Damaged();
    }

    private static InvalidDataException Damaged() => new("A record of the log is no fact.");
}
