using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;

namespace Churn.Cli.Report.Output.Terminal;

/// <summary>Measures and cuts text by the columns that it takes on a terminal.</summary>
internal static class Cells
{
    // Wide and fullwidth characters by block; Source: Unicode Standard Annex #11, coarsened to whole blocks.
    private static readonly (int From, int To)[] Wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x23E9, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F),
        (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5), (0x26CE, 0x26CE), (0x26D4, 0x26D4),
        (0x26EA, 0x26EA), (0x26F2, 0x26F5), (0x26FA, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728), (0x274C, 0x274E),
        (0x2753, 0x2757), (0x2795, 0x2797), (0x27B0, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B55), (0x2E80, 0x303E), (0x3041, 0xA4CF),
        (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6),
        (0x16FE0, 0x18DFF), (0x1AFF0, 0x1B2FF), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A),
        (0x1F200, 0x1F320), (0x1F32D, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F7E0, 0x1F7EB), (0x1F90C, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>Counts the columns that a text takes.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += Width(rune);
        }

        return width;
    }

    /// <summary>Cuts a text to a number of columns; what is cut is marked where there is room for it.</summary>
    public static string Fit(string text, int width, bool unicode)
    {
        if (Width(text) <= width)
        {
            return text;
        }

        var mark = unicode ? "\u2026" : "..";
        mark = mark.Length < width ? mark : "";
        var fitted = new StringBuilder();
        var room = Math.Max(0, width) - mark.Length;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= Width(rune);
            if (room < 0)
            {
                break;
            }

            fitted.Append(rune.ToString());
        }

        return fitted.Append(mark).ToString();
    }

    /// <summary>Makes a text from a file harmless; empty becomes a word that says so.</summary>
    public static string Name(string text, bool unicode, string empty = "(none)", int most = 80)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return empty;
        }

        var safe = new StringBuilder(text.Length);
        foreach (var rune in Printable.Of(text, most).EnumerateRunes())
        {
            // A line or paragraph separator may end the line as a line feed does.
            var isLine = Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            safe.Append(isLine || (!unicode && !rune.IsAscii) ? "?" : rune.ToString());
        }

        return safe.ToString();
    }

    private static int Width(Rune rune)
    {
        if (rune.IsAscii)
        {
            return 1;
        }

        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
        {
            return 0;
        }

        foreach (var (from, to) in Wide)
        {
            if (rune.Value >= from && rune.Value <= to)
            {
                return 2;
            }
        }

        return 1;
    }
}
