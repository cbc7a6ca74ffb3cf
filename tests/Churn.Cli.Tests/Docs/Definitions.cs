using System.Text.RegularExpressions;

namespace Churn.Cli.Tests.Docs;

/// <summary>Reads docs/definitions.md: its sections, worked numbers, tables of columns and links.</summary>
internal sealed partial class Definitions(string text)
{
    private readonly string[] _lines = text.Split('\n');

    public string Text => text;

    public static Definitions Read() => new(File.ReadAllText(Path.Combine(Root(), "docs", "definitions.md")));

    /// <summary>Finds the root of the repository.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Churn.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("These tests run inside the repository.");
        }

        return folder.FullName;
    }

    /// <summary>Lists the worked numbers, each with the line that its fence is in.</summary>
    public IEnumerable<(int Line, string Text)> Worked()
    {
        for (var i = 0; i < _lines.Length; i++)
        {
            if (_lines[i] == "```worked")
            {
                var end = Array.IndexOf(_lines, "```", i);
                yield return (i + 1, string.Join('\n', _lines[(i + 1)..end]));
            }
        }
    }

    /// <summary>Lists the sections of third rank: each defines something.</summary>
    public IEnumerable<(string Heading, string Text)> Sections()
    {
        for (var i = 0; i < _lines.Length; i++)
        {
            if (_lines[i].StartsWith("### ", StringComparison.Ordinal))
            {
                var next = Array.FindIndex(_lines, i + 1, l => Heading().IsMatch(l));
                yield return (_lines[i][4..], string.Join('\n', _lines[(i + 1)..(next < 0 ? _lines.Length : next)]));
            }
        }
    }

    /// <summary>Gives the columns that the tables explain, by file; those of every file are under "every file".</summary>
    public Dictionary<string, List<string>> Columns()
    {
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var i = 0; i < _lines.Length; i++)
        {
            if (TableOfColumns().Match(_lines[i]) is not { Success: true } header)
            {
                continue;
            }

            var columns = files[header.Groups["file"].Value] = [];
            for (i += 2; _lines[i].StartsWith('|'); i++)
            {
                Assert.True(_lines[i].Count(c => c == '|') == 4, $"line {i + 1}: a column has a meaning and a unit");
                columns.AddRange(Code().Matches(_lines[i].Split('|')[1]).Select(m => m.Groups["code"].Value));
            }
        }

        return files;
    }

    /// <summary>Lists links that lead nowhere, and addresses that nothing leads to.</summary>
    public IEnumerable<string> BadLinks()
    {
        var stated = Address().Matches(text).Select(m => m.Groups["key"].Value).ToList();
        var used = Reference().Matches(text).Select(m => m.Groups["key"].Value).ToHashSet(StringComparer.Ordinal);
        var anchors = _lines.Where(l => Heading().IsMatch(l))
            .Select(l => NotOfAnchors().Replace(l.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')).ToList();
        return used.Except(stated).Select(key => $"[{key}] has no address")
            .Concat(stated.Except(used).Select(key => $"[{key}] is used nowhere"))
            .Concat(Anchor().Matches(text).Select(m => m.Groups["anchor"].Value).Except(anchors).Select(a => $"#{a} is no heading"));
    }

    [GeneratedRegex("^##+ ")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| Column of `?(?<file>[a-z0-9_ ]+(\.csv)?)`? \|", RegexOptions.ExplicitCapture)]
    private static partial Regex TableOfColumns();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\[(?<key>[a-z-]+)\]: https://\S+$", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Address();

    [GeneratedRegex(@"\]\[(?<key>[a-z-]+)\]", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\]\(#(?<anchor>[^)]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Anchor();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NotOfAnchors();
}
