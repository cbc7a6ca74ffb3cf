using System.Globalization;

namespace Churn.Cli.Report.Output;

/// <summary>Says what a page may use of the terminal that shows it.</summary>
/// <param name="Width">The columns of a line; no line is longer.</param>
/// <param name="Color">Whether colours may be used.</param>
/// <param name="Unicode">Whether characters beyond ASCII are shown.</param>
internal readonly record struct PageStyle(int Width, bool Color, bool Unicode)
{
    private const int DefaultWidth = 80;

    private static readonly string[] Locales = ["LC_ALL", "LC_CTYPE", "LANG"];

    /// <summary>Chooses the style that fits where the page goes.</summary>
    /// <param name="terminalWidth">The terminal's width, 0 when it is unknown; null when the page goes to a file or another program.</param>
    /// <param name="environment">Looks up a variable of the environment.</param>
    public static PageStyle Detect(int? terminalWidth, Func<string, string?> environment)
    {
        var width = int.TryParse(environment("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns > 0 ? columns
            : terminalWidth > 0 ? terminalWidth.Value
            : DefaultWidth;

        // https://no-color.org: any value but the empty one; it is stronger than a wish for colours.
        var color = string.IsNullOrEmpty(environment("NO_COLOR"))
            && (IsOn(environment("FORCE_COLOR")) || IsOn(environment("CLICOLOR_FORCE"))
                || (terminalWidth is not null && environment("TERM") is not (null or "" or "dumb")));

        // As POSIX has it: the first of these that is set decides.
        var locale = Locales.Select(environment).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "";
        var unicode = locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
        return new PageStyle(width, color, unicode);
    }

    private static bool IsOn(string? value) => value is not (null or "" or "0" or "false");
}
