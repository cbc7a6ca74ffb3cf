using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Churn.Client.Facts;
using Churn.Ingestion.V1;

namespace Churn.Client.Json;

/// <summary>Turns the proto3 JSON of a fact into wire format, without an object in between.</summary>
/// <remarks>
/// Takes what the proto3 JSON mapping allows: both names of a field, whole numbers and doubles as numbers or texts, enum values by
/// name or number, instants with any offset, null for what is absent. An unknown field and one that is there twice are errors.
/// </remarks>
internal ref struct FactJson
{
    private const int MostShown = 60;

    private static readonly MessageShape Shape = MessageShape.Of(Fact.Descriptor);
    private static readonly FieldShape Source = Shape.Fields.Find("source"u8)!;

    private readonly ReadOnlySpan<byte> _text;
    private readonly WireBuffer _wire;
    private Utf8JsonReader _json;
    private string _field = "";
    private string _reason = "";

    private FactJson(ReadOnlySpan<byte> text, WireBuffer wire)
    {
        _text = text;
        _wire = wire;
        _json = new Utf8JsonReader(text);
    }

    /// <summary>Writes the fact to the wire; what is written is of no use where there is an error.</summary>
    /// <param name="text">The JSON of one fact.</param>
    /// <param name="wire">Where to write it.</param>
    /// <param name="source">The source of a fact that names none; null to leave it without.</param>
    public static FactJsonError? Read(ReadOnlySpan<byte> text, WireBuffer wire, string? source)
    {
        // The reader of JSON passes over what is no UTF-8 in texts.
        if (!Utf8.IsValid(text))
        {
            return new FactJsonError(1, "", "is not UTF-8");
        }

        var fact = new FactJson(text, wire);
        try
        {
            return fact.ReadFact(source) ? null : new FactJsonError(fact.Position(fact._json.TokenStartIndex), fact._field, fact._reason);
        }
        catch (JsonException e)
        {
            var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            return new FactJsonError(
                fact.Position(e.BytePositionInLine ?? 0), "", $"is not JSON: {(end < 0 ? e.Message : e.Message[..end])}");
        }
    }

    private readonly int Position(long at) => Encoding.UTF8.GetCharCount(_text[..(int)Math.Min(at, _text.Length)]) + 1;

    private bool ReadFact(string? source)
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Fail("is not a JSON object");
        }

        if (!ReadMessage(Shape, out var seen))
        {
            return false;
        }

        if (source is not null && (seen & Source.Bit) == 0)
        {
            _wire.Varint(Source.Tag);
            var begun = _wire.Begin();
            _wire.Bytes(Encoding.UTF8.GetBytes(source));
            _wire.End(begun);
        }

        // Fails where something follows.
        _json.Read();
        return true;
    }

    private bool ReadMessage(MessageShape shape, out ulong seen)
    {
        seen = 0;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if ((_json.ValueIsEscaped ? shape.Fields.Find(Unescaped()) : shape.Fields.Find(_json.ValueSpan)) is not { } field)
            {
                _field = Shown();
                return Fail($"is not a field of {shape.Name}");
            }

            _json.Read();
            if (_json.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            if ((seen & (field.Bit | field.Excludes)) != 0)
            {
                _field = field.Name;
                return Fail((seen & field.Bit) != 0 ? "is there twice" : $"excludes another field that is there: only one {field.ExcludesName} may be");
            }

            seen |= field.Bit;
            if (!ReadValue(field))
            {
                _field = _field.Length == 0 ? field.Name : $"{field.Name}.{_field}";
                return false;
            }
        }

        return true;
    }

    private bool ReadValue(FieldShape field) => field.Kind switch
    {
        FieldKind.Text => ReadText(field),
        FieldKind.Whole64 => ReadWhole(field, long.MinValue, long.MaxValue),
        FieldKind.Whole32 => ReadWhole(field, int.MinValue, int.MaxValue),
        FieldKind.Truth => ReadTruth(field),
        FieldKind.Number => ReadNumber(field),
        FieldKind.Choice => ReadChoice(field),
        FieldKind.Instant => ReadInstant(field),
        FieldKind.Texts => ReadTexts(field),
        _ => ReadNested(field),
    };

    private bool ReadNested(FieldShape field)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Fail($"is not an object ({field.Message!.Name})");
        }

        _wire.Varint(field.Tag);
        var begun = _wire.Begin();
        if (!ReadMessage(field.Message!, out _))
        {
            return false;
        }

        _wire.End(begun);
        return true;
    }

    private bool ReadText(FieldShape field)
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            return Fail("is not a text");
        }

        return (_json.ValueSpan.IsEmpty && !field.HasPresence) || WriteText(field.Tag);
    }

    private bool WriteText(uint tag)
    {
        _wire.Varint(tag);
        if (!_json.ValueIsEscaped)
        {
            _wire.Varint((uint)_json.ValueSpan.Length);
            _wire.Bytes(_json.ValueSpan);
            return true;
        }

        if (Unescaped() is not { IsEmpty: false } text)
        {
            return Fail("is not a text: half of a surrogate pair is missing");
        }

        _wire.Varint((uint)text.Length);
        _wire.Bytes(text);
        return true;
    }

    // Empty where the text cannot be: an escape stands for at least one character.
    private readonly ReadOnlySpan<byte> Unescaped()
    {
        var text = new byte[_json.ValueSpan.Length];
        try
        {
            return text.AsSpan(0, _json.CopyString(text));
        }
        catch (InvalidOperationException)
        {
            return [];
        }
    }

    private bool ReadWhole(FieldShape field, long least, long most)
    {
        long value;
        bool isRead;
        if (_json.TokenType == JsonTokenType.Number)
        {
            // 1e3 and 5.0 are whole numbers too.
            isRead = _json.TryGetInt64(out value) || (_json.TryGetDecimal(out var parts) && IsWhole(parts, out value));
        }
        else if (_json.TokenType == JsonTokenType.String)
        {
            var text = Characters();
            isRead = (Utf8Parser.TryParse(text, out value, out var length) && length == text.Length)
                || (Utf8Parser.TryParse(text, out decimal parts, out length, 'E') && length == text.Length && IsWhole(parts, out value));
        }
        else
        {
            return Fail("is not a whole number");
        }

        if (!isRead || value < least || value > most)
        {
            return Fail(most == int.MaxValue ? "is not a whole number of 32 bits" : "is not a whole number of 64 bits", show: true);
        }

        WriteVarint(field, unchecked((ulong)value));
        return true;
    }

    private static bool IsWhole(decimal value, out long whole)
    {
        var fits = value is >= long.MinValue and <= long.MaxValue && decimal.IsInteger(value);
        whole = fits ? (long)value : 0;
        return fits;
    }

    private readonly void WriteVarint(FieldShape field, ulong value)
    {
        // Minus zero is not the default: the contract's own reader keeps it too.
        if (BitConverter.DoubleToInt64Bits(value) != 0 || field.HasPresence)
        {
            _wire.Varint(field.Tag);
            _wire.Varint(value);
        }
    }

    private bool ReadTruth(FieldShape field)
    {
        if (_json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            return Fail("is neither true nor false");
        }

        WriteVarint(field, _json.TokenType == JsonTokenType.True ? 1UL : 0);
        return true;
    }

    private bool ReadNumber(FieldShape field)
    {
        double value;
        if (_json.TokenType == JsonTokenType.Number)
        {
            if (!_json.TryGetDouble(out value) || !double.IsFinite(value))
            {
                return Fail("is too large a number", show: true);
            }
        }
        else if (_json.TokenType == JsonTokenType.String)
        {
            var text = Characters();
            value = text.SequenceEqual("NaN"u8) ? double.NaN
                : text.SequenceEqual("Infinity"u8) ? double.PositiveInfinity
                : text.SequenceEqual("-Infinity"u8) ? double.NegativeInfinity
                : 0;
            if (value == 0 && (!Utf8Parser.TryParse(text, out value, out var length) || length != text.Length || !double.IsFinite(value)))
            {
                return Fail("is not a number", show: true);
            }
        }
        else
        {
            return Fail("is not a number");
        }

        // Minus zero is not the default: the contract's own reader keeps it too.
        if (BitConverter.DoubleToInt64Bits(value) != 0 || field.HasPresence)
        {
            _wire.Varint(field.Tag);
            _wire.Fixed64(BitConverter.DoubleToUInt64Bits(value));
        }

        return true;
    }

    private bool ReadChoice(FieldShape field)
    {
        if (_json.TokenType == JsonTokenType.Number)
        {
            return ReadWhole(field, int.MinValue, int.MaxValue);
        }

        if (_json.TokenType != JsonTokenType.String || field.Choices!.Find(Characters()) is not int number)
        {
            return Fail($"is none of {field.Examples}", show: _json.TokenType == JsonTokenType.String);
        }

        WriteVarint(field, unchecked((ulong)(long)number));
        return true;
    }

    private bool ReadInstant(FieldShape field)
    {
        if (_json.TokenType != JsonTokenType.String || !JsonInstants.Read(Characters(), out var seconds, out var nanos))
        {
            return Fail("is not an RFC 3339 instant such as 2026-01-31T12:00:00Z", show: _json.TokenType == JsonTokenType.String);
        }

        _wire.Varint(field.Tag);
        var begun = _wire.Begin();
        if (seconds != 0)
        {
            _wire.Bytes([1 << 3]);
            _wire.Varint(unchecked((ulong)seconds));
        }

        if (nanos != 0)
        {
            _wire.Bytes([2 << 3]);
            _wire.Varint((uint)nanos);
        }

        _wire.End(begun);
        return true;
    }

    private bool ReadTexts(FieldShape field)
    {
        const uint key = (1 << 3) | 2;
        const uint value = (2 << 3) | 2;
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Fail("is not an object of texts");
        }

        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            _wire.Varint(field.Tag);
            var begun = _wire.Begin();
            var name = Shown();
            if (!WriteText(key))
            {
                return false;
            }

            _json.Read();
            if (_json.TokenType != JsonTokenType.String)
            {
                _field = name;
                return Fail("is not a text");
            }

            if (!WriteText(value))
            {
                _field = name;
                return false;
            }

            _wire.End(begun);
        }

        return true;
    }

    private readonly ReadOnlySpan<byte> Characters() => _json.ValueIsEscaped ? Unescaped() : _json.ValueSpan;

    private readonly string Shown()
    {
        var text = Encoding.UTF8.GetString(_json.ValueIsEscaped ? Unescaped() : _json.ValueSpan);
        return text.Length > MostShown ? text[..MostShown] + "..." : text;
    }

    private bool Fail(string reason, bool show = false)
    {
        _reason = show ? $"\"{Shown()}\" {reason}" : reason;
        return false;
    }
}
