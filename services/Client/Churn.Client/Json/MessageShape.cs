using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Client.Json;

/// <summary>Says how the JSON of a message becomes wire format: what its fields are called, and how each is written.</summary>
internal sealed class MessageShape
{
    private static readonly Dictionary<MessageDescriptor, MessageShape> All = [];

    private MessageShape(MessageDescriptor descriptor) => Name = descriptor.Name;

    public string Name { get; }

    /// <summary>Gives the fields by both of their names: as the proto has it and in camel case.</summary>
    public NameTable<FieldShape> Fields { get; private set; } = new([]);

    /// <summary>Gives the shape of a message and of all that it holds.</summary>
    /// <exception cref="NotSupportedException">A field is of a kind that no fact has.</exception>
    public static MessageShape Of(MessageDescriptor descriptor)
    {
        lock (All)
        {
            return Find(descriptor);
        }
    }

    private static MessageShape Find(MessageDescriptor descriptor)
    {
        if (All.TryGetValue(descriptor, out var known))
        {
            return known;
        }

        // Before its fields, for one of them may hold the message again.
        var shape = new MessageShape(descriptor);
        All.Add(descriptor, shape);
        var fields = descriptor.Fields.InDeclarationOrder().Select((field, index) => (field, shape: new FieldShape(field, index))).ToList();
        shape.Fields = new NameTable<FieldShape>(fields.SelectMany(f => new KeyValuePair<string, FieldShape>[]
        {
            new(f.field.Name, f.shape), new(f.field.JsonName, f.shape),
        }));
        foreach (var (field, of) in fields.Where(f => f.shape.Kind == FieldKind.Message))
        {
            of.Message = Find(field.MessageType);
        }

        return shape;
    }
}

/// <summary>Says how a field's value is written.</summary>
internal enum FieldKind
{
    Text,
    Whole32,
    Whole64,
    Truth,
    Number,
    Choice,
    Instant,
    Message,

    /// <summary>Texts by name.</summary>
    Texts,
}

/// <summary>Says how the JSON of a field becomes wire format.</summary>
internal sealed class FieldShape
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;

    public FieldShape(FieldDescriptor field, int index)
    {
        Name = field.Name;
        Kind = KindOf(field);
        var wireType = Kind switch
        {
            FieldKind.Text or FieldKind.Instant or FieldKind.Message or FieldKind.Texts => LengthDelimited,
            FieldKind.Number => Fixed64,
            _ => Varint,
        };
        Tag = (uint)((field.FieldNumber << 3) | wireType);
        Bit = 1UL << index;
        HasPresence = field.HasPresence;
        if (field.ContainingOneof is { IsSynthetic: false } oneof)
        {
            Excludes = oneof.Fields.Aggregate(0UL, (bits, other) => bits | (1UL << other.Index));
            ExcludesName = oneof.Name;
        }

        if (Kind == FieldKind.Choice)
        {
            Choices = new NameTable<object>(field.EnumType.Values.Select(v => new KeyValuePair<string, object>(v.Name, v.Number)));
            Examples = string.Join(", ", field.EnumType.Values.Select(v => v.Name));
        }
    }

    public string Name { get; }

    public FieldKind Kind { get; }

    public uint Tag { get; }

    /// <summary>Gives the field's own bit among those of its message.</summary>
    public ulong Bit { get; }

    /// <summary>Gives the bits of the fields of which only one may be there, its own included; 0 for none.</summary>
    public ulong Excludes { get; }

    public string ExcludesName { get; } = "";

    /// <summary>Tells whether a value that is the default is written too: the field is there or not.</summary>
    public bool HasPresence { get; }

    public MessageShape? Message { get; set; }

    public NameTable<object>? Choices { get; }

    public string Examples { get; } = "";

    private static FieldKind KindOf(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return field.MessageType.Fields.InFieldNumberOrder().All(f => f.FieldType == FieldType.String) ? FieldKind.Texts : throw Unknown(field);
        }

        return field.IsRepeated ? throw Unknown(field) : field.FieldType switch
        {
            FieldType.String => FieldKind.Text,
            FieldType.Int32 => FieldKind.Whole32,
            FieldType.Int64 => FieldKind.Whole64,
            FieldType.Bool => FieldKind.Truth,
            FieldType.Double => FieldKind.Number,
            FieldType.Enum => FieldKind.Choice,
            FieldType.Message => field.MessageType == Timestamp.Descriptor ? FieldKind.Instant : FieldKind.Message,
            _ => throw Unknown(field),
        };
    }

    private static NotSupportedException Unknown(FieldDescriptor field) => new($"{field.FullName} is of a kind that is not read from JSON.");
}
