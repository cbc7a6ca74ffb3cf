using Churn.Ingestion.V1;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Client.Tests.Json;

/// <summary>Makes facts of every kind with every field, as the contract lists them: one that is added is made too.</summary>
internal static class AnyFact
{
    private static readonly string[] Texts =
        ["", "a", "Team \"plan\"", "caf\u00e9", "\u2192 \ud83d\ude00", "line\nfeed\ttab", "\\", "</script>", "\u0000\u0001", new string('x', 200)];

    private static readonly long[] Wholes = [0, 1, -1, 127, 128, 300, int.MaxValue, int.MinValue, 9_007_199_254_740_993, long.MaxValue, long.MinValue];

    public static Gen<Fact> Gen { get; } = FsCheck.Fluent.Gen.Choose(int.MinValue, int.MaxValue).Select(seed => (Fact)Message(Fact.Descriptor, new Random(seed), 0));

    private static IMessage Message(MessageDescriptor of, Random random, int depth)
    {
        if (of == Timestamp.Descriptor)
        {
            // From the first to the last second that a timestamp can be.
            return new Timestamp { Seconds = random.NextInt64(-62_135_596_800, 253_402_300_800), Nanos = random.Next(4) switch { 0 => 0, 1 => random.Next(1_000) * 1_000_000, 2 => random.Next(1_000_000) * 1_000, _ => random.Next(1_000_000_000) } };
        }

        var message = of.Parser.ParseFrom([]);
        foreach (var field in of.Fields.InFieldNumberOrder().Where(f => f.RealContainingOneof is null && random.Next(4) > 0))
        {
            Set(message, field, random, depth);
        }

        foreach (var oneof in of.Oneofs.Where(o => !o.IsSynthetic && random.Next(8) > 0))
        {
            Set(message, oneof.Fields[random.Next(oneof.Fields.Count)], random, depth);
        }

        return message;
    }

    private static void Set(IMessage message, FieldDescriptor field, Random random, int depth)
    {
        if (field.IsMap)
        {
            var map = (MapField<string, string>)field.Accessor.GetValue(message);
            for (var i = random.Next(4); i > 0; i--)
            {
                map[Text(random)] = Text(random);
            }

            return;
        }

        field.Accessor.SetValue(message, field.FieldType switch
        {
            FieldType.String => Text(random),
            FieldType.Int64 => random.Next(2) == 0 ? Wholes[random.Next(Wholes.Length)] : random.NextInt64(),
            FieldType.Int32 => random.Next(2) == 0 ? random.Next(3) : random.Next(int.MinValue, int.MaxValue),
            FieldType.Bool => random.Next(2) == 0,
            FieldType.Double => random.Next(6) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => 0.0, 3 => -1.5e-300, 4 => random.NextDouble(), _ => random.Next() },
            // Also a value of a version to come.
            FieldType.Enum => random.Next(field.EnumType.Values.Count + 1),
            _ => Message(field.MessageType, random, depth + 1),
        });
    }

    private static string Text(Random random) => Texts[random.Next(Texts.Length)];
}
