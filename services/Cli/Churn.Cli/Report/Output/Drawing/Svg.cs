using System.Globalization;
using System.Text;
using System.Xml;
using Churn.Cli.Report.Input;

namespace Churn.Cli.Report.Output.Drawing;

/// <summary>Names how a text is anchored to its place.</summary>
internal enum Anchor
{
    Start,
    Middle,
    End,
}

/// <summary>Gathers a picture: shapes and text on a background of its own, without scripts, style sheets or fonts from elsewhere.</summary>
internal sealed class Svg
{
    public const string Ink = "#1f2937";
    public const string FaintInk = "#6b7280";
    public const string GridInk = "#e5e7eb";
    private const string Font = "system-ui,-apple-system,'Segoe UI','DejaVu Sans',Helvetica,Arial,sans-serif";

    private readonly StringBuilder _text = new(1 << 14);

    /// <summary>Starts a picture.</summary>
    /// <param name="width">Its width in the picture's own units.</param>
    /// <param name="height">Its height.</param>
    /// <param name="title">What it is: shown, and read aloud.</param>
    /// <param name="description">What it says: read aloud to those who cannot see it.</param>
    public Svg(int width, int height, string title, string description)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"{Font}\" font-size=\"12\">\n");
        Add($"<title id=\"title\">{Escape(title)}</title>\n<desc id=\"desc\">{Escape(description)}</desc>\n");
        Add($"<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#ffffff\"/>\n");
    }

    public void Rectangle(double x, double y, double width, double height, string fill, string? tip = null)
    {
        Add($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"{fill}\"");
        Add(tip is null ? "/>\n" : $"><title>{Escape(tip)}</title></rect>\n");
    }

    public void Line(double x1, double y1, double x2, double y2, string stroke = GridInk, double width = 1) =>
        Add($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke=\"{stroke}\" stroke-width=\"{N(width)}\"/>\n");

    /// <summary>Draws a line through points; a gap where there is none, and a dot for a point that stands alone.</summary>
    public void Path(IEnumerable<(double X, double Y)?> points, string stroke, string? dashes = null)
    {
        var run = new List<(double X, double Y)>();
        foreach (var point in points.Append(null))
        {
            if (point is { } here)
            {
                run.Add(here);
                continue;
            }

            if (run.Count == 1)
            {
                Add($"<circle cx=\"{N(run[0].X)}\" cy=\"{N(run[0].Y)}\" r=\"3.5\" fill=\"{stroke}\"/>\n");
            }
            else if (run.Count > 1)
            {
                var dash = dashes is null ? "" : $" stroke-dasharray=\"{dashes}\"";
                Add($"<polyline fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2.2\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash} points=\"{string.Join(' ', run.Select(p => $"{N(p.X)},{N(p.Y)}"))}\"/>\n");
            }

            run.Clear();
        }
    }

    public void Text(double x, double y, string text, Anchor anchor = Anchor.Start, string fill = FaintInk, int size = 12, bool strong = false)
    {
        var place = anchor switch { Anchor.Middle => " text-anchor=\"middle\"", Anchor.End => " text-anchor=\"end\"", _ => "" };
        Add($"<text x=\"{N(x)}\" y=\"{N(y)}\"{place} fill=\"{fill}\"{(size == 12 ? "" : $" font-size=\"{size}\"")}{(strong ? " font-weight=\"600\"" : "")}>{Escape(text)}</text>\n");
    }

    /// <summary>Draws what a picture is above it.</summary>
    public void Heading(string title, string subtitle)
    {
        Text(32, 38, title, fill: Ink, size: 20, strong: true);
        Text(32, 60, subtitle, size: 13);
    }

    /// <summary>Ends the picture and gives it.</summary>
    public string Finish() => _text.Append("</svg>\n").ToString();

    /// <summary>Makes any text harmless in XML.</summary>
    public static string Escape(string text)
    {
        const int most = 400;
        var safe = new StringBuilder(text.Length);
        foreach (var rune in Printable.Of(text, most).EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => safe.Append("&amp;"),
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '"' => safe.Append("&quot;"),
                '\'' => safe.Append("&#39;"),
                <= char.MaxValue and var c when !XmlConvert.IsXmlChar((char)c) => safe.Append('?'),
                _ => safe.Append(rune.ToString()),
            };
        }

        return safe.ToString();
    }

    private static string N(double number) => Math.Round(number, 1).ToString("0.#", CultureInfo.InvariantCulture);

    private void Add(string text) => _text.Append(text);
}
