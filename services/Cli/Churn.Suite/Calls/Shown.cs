using System.Text;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Suite.Metrics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Suite.Calls;

/// <summary>Shows what a server answers: as a page, as lines of CSV, or as the message's own JSON.</summary>
internal static class Shown
{
    // The names are those that the protos document.
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true));

    /// <summary>Writes a page.</summary>
    public static void Page(Call call, Action<Canvas> body)
    {
        using var writer = new StreamWriter(call.Streams.Output, new UTF8Encoding(false), leaveOpen: true);
        body(CanvasOf(call, writer));
    }

    /// <summary>Makes a canvas for a page.</summary>
    public static Canvas CanvasOf(Call call, TextWriter writer) =>
        new(writer, PageStyle.Detect(call.Streams.Width, call.Streams.Environment));

    /// <summary>Writes a message as one object on one line.</summary>
    public static void WriteJson(Call call, IMessage message) => call.Streams.Output.Write(Encoding.UTF8.GetBytes(Json.Format(message) + "\n"));

    /// <summary>Writes lines of CSV below a header.</summary>
    public static void WriteCsv<T>(Call call, string header, IEnumerable<T> rows, Func<Lines, T, Lines> write)
    {
        var lines = Answer.BeginCsv(header);
        foreach (var row in rows)
        {
            write(lines, row).End();
        }

        Answer.WriteCsv(call, lines);
    }

    /// <summary>Writes what a page begins with: a title, and below it where that is from.</summary>
    public static void WriteHead(Canvas canvas, Call call, string title, params ReadOnlySpan<string> more)
    {
        canvas.Line(new Piece(Safe(canvas, title), Ink.Strong));
        canvas.Paragraph(string.Join(", ", [call.AddressText, .. more]), ink: Ink.Faint);
    }

    /// <summary>Writes a grid below a header, cut to the width.</summary>
    public static void WriteGrid(Canvas canvas, Grid grid, string[] header, IEnumerable<Piece[]> rows)
    {
        grid.Add([.. header.Select(h => new Piece(h, Ink.Faint))]);
        foreach (var row in rows)
        {
            grid.Add(row);
        }

        grid.Write(canvas);
    }

    /// <summary>Makes a text from elsewhere harmless.</summary>
    public static string Safe(Canvas canvas, string text, string empty = "") => Cells.Name(text, canvas.Style.Unicode, empty, most: 2_000);

    /// <summary>Writes text of several lines, each harmless, indented, and broken where it is too long.</summary>
    public static void WriteText(Canvas canvas, string text, int indent = 2)
    {
        foreach (var line in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            if (line.Length == 0)
            {
                canvas.Blank();
            }
            else
            {
                canvas.Paragraph(Safe(canvas, line), indent, first: indent);
            }
        }
    }

    /// <summary>Gives text of several lines as one, harmless.</summary>
    public static string OneLine(Canvas canvas, string text) =>
        Safe(canvas, string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>Writes an instant for people, to the second of UTC; nothing where it is absent.</summary>
    public static string Time(Timestamp? time) => time is null ? "" : Numerals.Instant(Wire.InstantOf(time))[..^" UTC".Length];

    /// <summary>Writes an instant for a list, to the minute of UTC; nothing where it is absent.</summary>
    public static string Minute(Timestamp? time) => Time(time) is { Length: > 0 } text ? text[..^":00".Length] : "";

    /// <summary>Writes an instant for programs; an empty cell where it is absent.</summary>
    public static Lines Instant(this Lines lines, Timestamp? time) => time is null ? lines : lines.Instant(Wire.InstantOf(time));

    /// <summary>Writes a cell behind a comma.</summary>
    public static Lines Then(this Lines lines, string text) => lines.Comma().Cell(text);

    /// <summary>Writes a number behind a comma.</summary>
    public static Lines Then(this Lines lines, long number) => lines.Comma().Number(number);

    /// <summary>Writes an instant behind a comma.</summary>
    public static Lines Then(this Lines lines, Timestamp? time) => lines.Comma().Instant(time);

    /// <summary>Names a value of the wire as the protos do, without what all values of its type begin with: "goal_reached".</summary>
    public static string Word<T>(T value)
        where T : struct, System.Enum
    {
        var text = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>Gives the words that an option takes for the values of a type, each as <see cref="Word"/> names it.</summary>
    public static (string Word, T Value)[] Words<T>(params ReadOnlySpan<T> values)
        where T : struct, System.Enum
    {
        var words = new List<(string, T)>();
        foreach (var value in values)
        {
            words.Add((Word(value).Replace('_', '-'), value));
        }

        return [.. words];
    }
}
