using System.Globalization;
using System.Text;
using Churn.Cli.Report.Input;
using Churn.Cli.Report.Output.Drawing;

namespace Churn.Cli.Report.Output;

/// <summary>Writes the pictures of a report: bridge.svg, rates.svg and cohorts.svg, or one of each for every segment.</summary>
internal static class Pictures
{
    /// <summary>Writes them into an existing folder, and gives their paths.</summary>
    public static IReadOnlyList<string> Write(string folder, Report report)
    {
        var paths = new List<string>();
        void Add(string name, string svg)
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, svg);
            paths.Add(path);
        }

        var horizon = Numerals.Months(report.Horizon);
        var endings = report.IsSplit ? [.. Slugs([.. report.Sections.Select(s => s.Segment ?? "")]).Select(s => "-" + s)] : new[] { "" };
        for (var i = 0; i < report.Sections.Count; i++)
        {
            var (segment, figures) = report.Sections[i];
            var name = string.IsNullOrWhiteSpace(segment) ? "(none)" : Printable.Of(segment, 60);
            var subject = report.IsSplit ? $"{Printable.Of(report.By ?? "segment", 40)} {name}, {horizon}" : horizon;
            Add($"bridge{endings[i]}.svg", BridgePicture.Draw(figures, subject, report.Currency));
            Add($"rates{endings[i]}.svg", RatesPicture.Draw(figures, subject));
            Add($"cohorts{endings[i]}.svg", CohortsPicture.Draw(figures, subject));
        }

        return paths;
    }

    /// <summary>Gives every name a different one that any file system takes; the same for the same names in any order.</summary>
    internal static string[] Slugs(IReadOnlyList<string> names)
    {
        var slugs = names.Select(Slug).ToArray();
        var taken = slugs.CountBy(s => s).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        for (var i = 0; i < slugs.Length; i++)
        {
            var slug = slugs[i];
            for (ulong seed = 0; taken[slug] > 1; seed++)
            {
                // From the name itself, so that another segment more or less renames nobody.
                var hash = Names.Hash(Encoding.UTF8.GetBytes(names[i]), seed).ToString("x16", CultureInfo.InvariantCulture);
                var longer = $"{slug}-{hash[..8]}";
                if (taken.TryAdd(longer, 1))
                {
                    slugs[i] = longer;
                    break;
                }
            }
        }

        return slugs;
    }

    private static string Slug(string name)
    {
        const int most = 40;
        var slug = new StringBuilder();
        foreach (var c in name)
        {
            if (slug.Length == most)
            {
                break;
            }

            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString().Trim('-');
        return text.Length == 0 ? "none" : text;
    }
}
