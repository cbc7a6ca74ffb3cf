using System.Text;

namespace Churn.Cli.Report.Input;

/// <summary>Makes text from a file safe for a terminal: control characters do nothing there, and a long text is cut.</summary>
internal static class Printable
{
    public static string Of(string text, int most = 80)
    {
        var safe = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())
        {
            if (safe.Length >= most)
            {
                return safe.Append("...").ToString();
            }

            _ = Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format
                ? safe.Append('?')
                : safe.Append(rune.ToString());
        }

        return safe.ToString();
    }

    /// <summary>Makes a path, or a message that may hold one, safe: it is of no use cut short.</summary>
    public static string OfPath(string path) => Of(path, 4_096);

    public static string Of(ReadOnlySpan<byte> utf8, int most = 80) =>
        Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, most * 4)]), most);
}
