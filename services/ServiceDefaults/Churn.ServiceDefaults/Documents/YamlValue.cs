namespace Churn.ServiceDefaults.Documents;

/// <summary>Holds a value as the file has it. An alias shares the value that it names.</summary>
internal sealed class YamlValue
{
    public required int Line { get; init; }

    public required int Column { get; init; }

    /// <summary>The text of a scalar; null for a map or a list.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the text stands without quotes, so that it may be a number, a truth, or nothing.</summary>
    public bool IsPlain { get; init; }

    public List<YamlValue>? Items { get; init; }

    public List<(YamlValue Key, YamlValue Value)>? Entries { get; init; }

    /// <summary>Whether it is written with brackets: what an unquoted "{{ }}" is taken for.</summary>
    public bool IsFlow { get; init; }

    /// <summary>Counts what is in it, with what aliases stand for: they can make a short file endless to read.</summary>
    public long Size { get; set; } = 1;

    public int Height { get; set; }

    /// <summary>Whether all of it has been read; an alias within what it names would go round.</summary>
    public bool IsClosed { get; set; }

    public bool IsNothing => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    public string What => this switch
    {
        { Entries: not null } => "a map",
        { Items: not null } => "a list",
        { IsNothing: true } => "nothing",
        _ => "a text",
    };
}
