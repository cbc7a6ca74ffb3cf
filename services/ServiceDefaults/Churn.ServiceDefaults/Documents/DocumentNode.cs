using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Churn.ServiceDefaults.Documents;

/// <summary>Holds a value of a document with its place. What it is read as and is not becomes an error, and null.</summary>
public sealed class DocumentNode
{
    private readonly YamlValue _value;

    internal DocumentNode(YamlValue value, string path, DocumentProblems problems)
    {
        _value = value;
        Problems = problems;
        Path = path;
    }

    /// <summary>Gives what is wrong in its file.</summary>
    public DocumentProblems Problems { get; }

    /// <summary>Gives the path within the document, such as "steps[1].wait"; empty for the whole.</summary>
    public string Path { get; }

    /// <summary>Gives the line in the file, from 1.</summary>
    public int Line => _value.Line;

    /// <summary>Gives the column, from 1.</summary>
    public int Column => _value.Column;

    /// <summary>Tells whether it is a map.</summary>
    public bool IsMap => _value.Entries is not null;

    /// <summary>Tells whether it is a list.</summary>
    public bool IsList => _value.Items is not null;

    /// <summary>Tells whether it is a text, a number or a truth.</summary>
    public bool IsScalar => _value.Text is not null && !_value.IsNothing;

    /// <summary>Tells whether it is a text without quotes, so that it may be meant as a number or a truth.</summary>
    public bool IsPlain => _value.IsPlain;

    /// <summary>Gives the text of a scalar as it stands; null for others.</summary>
    public string? Scalar => IsScalar ? _value.Text : null;

    /// <summary>Looks at a key's value without asking whether the other keys are right; null where there is none.</summary>
    public DocumentNode? Find(string key) => _value.Entries?.Find(entry => entry.Key.Text == key) is { Value: { IsNothing: false } value }
        ? new DocumentNode(value, Path.Length == 0 ? key : $"{Path}.{key}", Problems)
        : null;

    /// <summary>Says that it is wrong.</summary>
    public void Error(string message) => Problems.Error(Line, Column, Path, message);

    /// <summary>Says that it may not be meant.</summary>
    public void Warn(string message) => Problems.Warn(Line, Column, Path, message);

    /// <summary>Reads it as a map with these keys and no others.</summary>
    public DocumentMap? AsMap(params IReadOnlyCollection<string> keys) => Read(keys);

    /// <summary>Reads it as a map with any keys, in the order of the file.</summary>
    public IReadOnlyList<(string Key, DocumentNode Value)>? AsEntries() =>
        Read(keys: null) is { } map ? [.. map.Keys.Select(key => (key, map.Get(key)!))] : null;

    /// <summary>Reads it as a list.</summary>
    /// <param name="least">The fewest items.</param>
    /// <param name="most">The most items.</param>
    public IReadOnlyList<DocumentNode>? AsList(int least = 0, int most = int.MaxValue)
    {
        if (_value.Items is not { } items)
        {
            return Wrong<IReadOnlyList<DocumentNode>>("a list");
        }

        if (items.Count < least || items.Count > most)
        {
            Error(items.Count < least ? $"there must be at least {least}" : $"there may be at most {most}, and there are {items.Count}");
            return null;
        }

        return [.. items.Select((item, i) => new DocumentNode(item, $"{Path}[{i}]", Problems))];
    }

    /// <summary>Reads it as a text that is not empty.</summary>
    /// <param name="mostBytes">The most bytes in UTF-8.</param>
    /// <param name="lines">Whether it may have several lines.</param>
    public string? AsText(int mostBytes = 200, bool lines = false)
    {
        if (!IsScalar)
        {
            return Wrong<string>("a text");
        }

        var text = _value.Text!;
        if (text.Length == 0)
        {
            Error("the text is empty; write something, or take the key away");
            return null;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if ((Rune.IsControl(rune) && !(lines && rune.Value is '\n')) || rune == Rune.ReplacementChar)
            {
                Error(rune.Value is '\n' ? "the text must be one line" : $"the text holds U+{rune.Value:X4}, which cannot be shown; take it away");
                return null;
            }
        }

        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > mostBytes)
        {
            Error($"the text has {bytes:N0} bytes, and may have {mostBytes:N0}; shorten it");
            return null;
        }

        return text;
    }

    /// <summary>Reads it as one of these words.</summary>
    public string? AsOneOf(params IReadOnlyCollection<string> words)
    {
        if (!IsScalar)
        {
            return Wrong<string>("one of " + string.Join(", ", words));
        }

        if (words.Contains(_value.Text!))
        {
            return _value.Text;
        }

        Error($"'{Shown}' is none of {string.Join(", ", words)}" + (Spelling.Nearest(_value.Text!, words) is { } nearest ? $"; did you mean '{nearest}'?" : ""));
        return null;
    }

    /// <summary>Reads it as a list of texts, or as one text for a list of one.</summary>
    public IReadOnlyList<string>? AsTexts(int mostBytes = 200, int most = 100)
    {
        if (IsScalar)
        {
            return AsText(mostBytes) is { } one ? [one] : null;
        }

        var texts = AsList(1, most)?.Select(item => item.AsText(mostBytes)).ToList();
        return texts is null || texts.Contains(null) ? null : [.. texts.OfType<string>()];
    }

    /// <summary>Reads it as a whole number, both ends included.</summary>
    public long? AsWhole(long least, long most)
    {
        if (IsScalar && _value.IsPlain && long.TryParse(_value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            if (number >= least && number <= most)
            {
                return number;
            }

            Error($"{number} is out of range; write {least} to {most}");
            return null;
        }

        return Wrong<long?>($"a whole number from {least} to {most}");
    }

    /// <summary>Reads it as a decimal number, such as 20 or 19.99.</summary>
    public decimal? AsNumber()
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return IsScalar && _value.IsPlain && decimal.TryParse(_value.Text, Plain, CultureInfo.InvariantCulture, out var number)
            ? number
            : Wrong<decimal?>("a number such as 20 or 19.99");
    }

    /// <summary>Reads it as true or false.</summary>
    public bool? AsTruth() => _value switch
    {
        { IsPlain: true, Text: "true" } => true,
        { IsPlain: true, Text: "false" } => false,
        _ => Wrong<bool?>("true or false"),
    };

    /// <summary>
    /// Gives a hash, in hexadecimal digits, of what it says: comments, the order of keys, quotes and line breaks between values are not in it.
    /// </summary>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, _value);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private string Shown => _value.Text is { Length: > 40 } text ? text[..40] + "..." : _value.Text ?? "";

    private DocumentMap? Read(IReadOnlyCollection<string>? keys)
    {
        if (_value.Entries is not { } entries)
        {
            return Wrong<DocumentMap>("a map" + (keys is { Count: > 0 and < 12 } ? " with " + string.Join(", ", keys) : ""));
        }

        var read = new Dictionary<string, DocumentNode>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            if (key.Text is not { } name || key.IsNothing)
            {
                Problems.Error(key.Line, key.Column, Path, key is { IsFlow: true, Entries: not null } ? "a key must be a text; put a text with {{ }} in quotes" : "a key must be a text");
                continue;
            }

            var path = Path.Length == 0 ? name : $"{Path}.{name}";
            if (read.TryGetValue(name, out var first))
            {
                Problems.Error(key.Line, key.Column, path, $"'{name}' is there already, in line {first.Line}; keep one of them");
            }
            else if (keys is not null && !keys.Contains(name))
            {
                Problems.Error(key.Line, key.Column, path, $"'{name}' is no key here; {Spelling.Hint(name, keys)}");
            }
            else if (value.IsNothing)
            {
                Problems.Error(key.Line, key.Column, path, $"'{name}' has no value; give it one, or take it away");
            }
            else
            {
                read.Add(name, new DocumentNode(value, path, Problems));
            }
        }

        return new DocumentMap(this, read);
    }

    private T? Wrong<T>(string wanted)
    {
        var quoted = _value is { IsPlain: false, Text: not null } && wanted.Contains("number", StringComparison.Ordinal) ? " in quotes" : "";
        var hint = _value is { IsFlow: true, Entries: [({ IsFlow: true }, _), ..] } ? "; put a text with {{ }} in quotes" : "";
        Error($"this must be {wanted}, and is {(IsScalar ? $"'{Shown}'{quoted}" : _value.What)}{hint}");
        return default;
    }

    private static void Append(IncrementalHash hash, YamlValue value)
    {
        if (value.Items is { } items)
        {
            Head('[', items.Count);
            items.ForEach(item => Append(hash, item));
        }
        else if (value.Entries is { } entries)
        {
            Head('{', entries.Count);
            foreach (var (key, of) in entries.OrderBy(entry => entry.Key.Text, StringComparer.Ordinal))
            {
                Append(hash, key);
                Append(hash, of);
            }
        }
        else
        {
            var bytes = Encoding.UTF8.GetBytes(value.Text!);
            Head('"', bytes.Length);
            hash.AppendData(bytes);
        }

        void Head(char kind, int length) => hash.AppendData(Encoding.ASCII.GetBytes($"{kind}{length};"));
    }
}
