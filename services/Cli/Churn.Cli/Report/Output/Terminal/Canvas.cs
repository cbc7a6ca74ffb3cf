using System.Text;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Names what a piece of text means to the eye.</summary>
internal enum Ink
{
    Plain,
    Strong,
    Faint,
    Gain,
    Loss,

    // From little that is left to more than there was.
    Heat0,
    Heat1,
    Heat2,
    Heat3,
    Heat4,
    Heat5,
}

/// <summary>Holds text of one ink; without control characters.</summary>
internal readonly record struct Piece(string Text, Ink Ink = Ink.Plain)
{
    public static implicit operator Piece(string text) => new(text);
}

/// <summary>Writes lines that are never longer than the terminal is wide, in colour where it has some.</summary>
internal sealed class Canvas(TextWriter writer, PageStyle style)
{
    private readonly StringBuilder _line = new();

    public PageStyle Style => style;

    public void Blank() => writer.Write('\n');

    public void Line(params ReadOnlySpan<Piece> pieces)
    {
        _line.Clear();
        var (room, blanks) = (style.Width, 0);
        foreach (var piece in pieces)
        {
            var text = Cells.Fit(piece.Text, room, style.Unicode);
            room -= Cells.Width(text);

            // Blanks wait for what follows them: none stand at a line's end, and none are coloured but those of a heat map.
            var isSolid = style.Color && piece.Ink >= Ink.Heat0;
            var start = isSolid ? 0 : text.Length - text.AsSpan().TrimStart(' ').Length;
            var end = isSolid ? text.Length : text.AsSpan().TrimEnd(' ').Length;
            if (start >= end)
            {
                blanks += text.Length;
                continue;
            }

            _line.Append(' ', blanks + start);
            Append(text[start..end], piece.Ink);
            blanks = text.Length - end;
        }

        writer.Write(_line.Append('\n'));
    }

    /// <summary>Writes a text over as many lines as it takes, broken at blanks.</summary>
    /// <param name="text">The text.</param>
    /// <param name="indent">The blanks before every line but the first; at least 1.</param>
    /// <param name="ink">The ink of all of it.</param>
    /// <param name="first">The blanks before the first line.</param>
    public void Paragraph(string text, int indent = 2, Ink ink = Ink.Plain, int first = 0)
    {
        var line = new StringBuilder().Append(' ', Math.Max(0, first - 1));
        var width = line.Length;
        foreach (var word in text.Split(' '))
        {
            var wordWidth = Cells.Width(word);
            if (width > indent && width + 1 + wordWidth > style.Width)
            {
                Line(new Piece(line.ToString(), ink));
                line.Clear().Append(' ', indent - 1);
                width = indent - 1;
            }

            var blank = line.Length > 0 ? 1 : 0;
            line.Append(' ', blank).Append(word);
            width += blank + wordWidth;
        }

        Line(new Piece(line.ToString(), ink));
    }

    private void Append(string text, Ink ink)
    {
        var code = !style.Color ? "" : ink switch
        {
            Ink.Strong => "1",
            Ink.Faint => "2",
            Ink.Gain => "32",
            Ink.Loss => "31",

            // One hue from light to dark, with a text colour of its own: readable on every background and without red and green.
            Ink.Heat0 => "38;5;16;48;5;255",
            Ink.Heat1 => "38;5;16;48;5;195",
            Ink.Heat2 => "38;5;16;48;5;153",
            Ink.Heat3 => "38;5;16;48;5;111",
            Ink.Heat4 => "38;5;231;48;5;26",
            Ink.Heat5 => "38;5;231;48;5;18",
            _ => "",
        };
        _ = code.Length == 0 ? _line.Append(text) : _line.Append("\u001b[").Append(code).Append('m').Append(text).Append("\u001b[0m");
    }
}
