using System.Text.Json;
using System.Text;
using Churn.Cli.Report.Output.Terminal;
using Churn.Cli.Report.Output;
using Churn.Suite.Calls;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Shows answers: what all of them say of themselves, around what each has to say.</summary>
internal sealed class Answer(Call call, V1.AnswerInfo? info)
{
    /// <summary>Is the status of an answer that cannot be relied on.</summary>
    public const int Unsound = 2;

    /// <summary>Gives how the answer was made.</summary>
    public Provenance Provenance { get; } = Wire.ProvenanceOf(info, call);

    /// <summary>Gives the currency of its amounts; empty where there are none.</summary>
    public string Currency => info!.Currency;

    /// <summary>Gives the exit status: 0 where the answer can be relied on.</summary>
    public int Status => Provenance.IsSound ? 0 : Unsound;

    /// <summary>Writes a page.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="body">Writes what it shows.</param>
    /// <param name="hasBridges">Whether what it shows was checked by adding up.</param>
    public void WritePage(string title, Action<Canvas> body, bool hasBridges = true)
    {
        using var writer = new StreamWriter(call.Streams.Output, new UTF8Encoding(false), leaveOpen: true);
        var canvas = NewCanvas(call, writer);
        WriteHead(canvas, title);
        canvas.Blank();
        body(canvas);
        WriteCheck(canvas, hasBridges);
    }

    /// <summary>Writes what a page begins with.</summary>
    public void WriteHead(Canvas canvas, string title)
    {
        canvas.Line(new Piece(Cells.Name(title, canvas.Style.Unicode), Ink.Strong));
        string[] facts =
        [
            call.AddressText,
            Currency.Length == 0 ? "currency not stated" : Cells.Name(Currency, canvas.Style.Unicode),
            $"policy {Cells.Name(Provenance.Policy, canvas.Style.Unicode)}",
            Provenance.TimeZone,
            $"facts to {Numerals.Instant(Provenance.Watermark)}",
        ];
        canvas.Paragraph(string.Join(", ", facts), ink: Ink.Faint);
        Page.WriteReservations(canvas, Provenance);
    }

    /// <summary>Writes one JSON object: how the answer was made, what it has to say, and whether it adds up.</summary>
    public void WriteJson(Action<Utf8JsonWriter, JsonFigures> body)
    {
        using (var json = new Utf8JsonWriter(call.Streams.Output, JsonFigures.Options))
        {
            json.WriteStartObject();
            WriteJsonHead(json);
            body(json, new JsonFigures(json));
            WriteJsonEnd(json);
            json.WriteEndObject();
        }

        call.Streams.Output.Write("\n"u8);
    }

    /// <summary>Writes the properties that come before what the answer has to say.</summary>
    public void WriteJsonHead(Utf8JsonWriter json)
    {
        json.WriteString("policy", Provenance.Policy);
        json.WriteString("time_zone", Provenance.TimeZone);
        json.WriteString("currency", Currency.Length == 0 ? null : Currency);
        JsonProvenance.Write(json, Provenance);
    }

    /// <summary>Writes the property that comes last.</summary>
    public void WriteJsonEnd(Utf8JsonWriter json)
    {
        json.WriteStartObject("identity");
        json.WriteBoolean("ok", Provenance.IsBalanced);
        json.WriteEndObject();
    }

    /// <summary>Writes lines of CSV and lets them go.</summary>
    public static void WriteCsv(Call call, Lines lines)
    {
        call.Streams.Output.Write(lines.Written);
        lines.Clear();
    }

    /// <summary>Starts CSV with its header.</summary>
    public static Lines BeginCsv(string header, bool segmented = false) =>
        new Lines(1 << 14).Text(Encoding.ASCII.GetBytes((segmented ? "segment," : "") + header)).End();

    public static Canvas NewCanvas(Call call, TextWriter writer) =>
        new(writer, PageStyle.Detect(call.Streams.Width, call.Streams.Environment));

    /// <summary>Names a segment for people.</summary>
    public static string NameOf(V1.Segment? segment, Canvas canvas) =>
        segment is null ? "all" : Cells.Name(segment.Value, canvas.Style.Unicode);

    private void WriteCheck(Canvas canvas, bool hasBridges)
    {
        if (!Provenance.IsBalanced)
        {
            canvas.Blank();
            canvas.Paragraph("CHECK FAILED: the movements do not lead from the opening to the closing. Do not use these figures.", ink: Ink.Loss);
        }
        else if (hasBridges)
        {
            canvas.Blank();
            canvas.Paragraph("Check: opening and movements lead to the closing, exactly: OK", indent: 7, Ink.Gain);
        }
    }
}
