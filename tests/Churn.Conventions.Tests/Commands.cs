using System.Text.RegularExpressions;

namespace Churn.Conventions.Tests;

/// <summary>A fenced block of commands in a document; its text is a shell script, also when it was a console's.</summary>
internal sealed record CommandBlock(TextFile File, int Line, bool IsRunnable, string Script)
{
    public static IEnumerable<CommandBlock> In(TextFile file)
    {
        for (var line = 0; line < file.Lines.Length; line++)
        {
            if (!file.Lines[line].TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                continue;
            }

            var info = file.Lines[line].Trim().TrimStart('`').Split(' ');
            var first = ++line;
            while (line < file.Lines.Length && file.Lines[line].Trim() != "```")
            {
                line++;
            }

            var text = file.Lines[first..line].Select(l => l.Trim());
            if (info[0] is "sh" or "bash" or "shell" or "console")
            {
                // A console shows what is typed after "$ ", and what is answered to it without.
                var script = info[0] == "console" ? text.Select(l => l.StartsWith("$ ", StringComparison.Ordinal) ? l[2..] : "") : text;
                yield return new CommandBlock(file, first + 1, info.Contains("runnable"), string.Join('\n', script));
            }
        }
    }
}

/// <summary>One call of the launcher or of the test run, as a document writes it: the program and its words.</summary>
internal sealed partial record Command(string Where, string[] Words)
{
    private static readonly string[] Ends = ["|", "||", "&&", ";", "&", ">", ">>", "<", "2>"];

    public static IEnumerable<Command> In(CommandBlock block)
    {
        var lines = block.Script.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var (first, line) = (i, lines[i]);
            while (line.EndsWith('\\') && i + 1 < lines.Length)
            {
                line = line[..^1] + lines[++i];
            }

            var words = new List<string>();
            foreach (var word in Word().Matches(line + " ;").Select(match => match.Value).TakeWhile(word => word[0] != '#').Append(";"))
            {
                if (!Ends.Contains(word))
                {
                    words.Add(word.Trim('"', '\''));
                    continue;
                }

                var call = words.SkipWhile(w => Assignment().IsMatch(w)).ToArray();
                words.Clear();
                if (call is ["./churn" or "./test", ..])
                {
                    yield return new Command(block.File.Offence(block.Line + first, string.Join(' ', call)), call);
                }
            }
        }
    }

    /// <summary>Says what of this call the program does not know; <paramref name="help"/> gives the help of a program and its commands.</summary>
    public IEnumerable<string> Offences(Func<string[], string> help)
    {
        var at = 1;
        var text = help(Words[..at]);
        while (at < Words.Length && !Words[at].StartsWith('-') && CommandsIn(text) is { Count: > 0 } commands)
        {
            if (!commands.Contains(Words[at]))
            {
                yield return $"{Where}: there is no command {Words[at]}; there are {string.Join(", ", commands)}";
                yield break;
            }

            text = help(Words[..++at]);
        }

        var options = OptionsIn(text);
        foreach (var option in Words[at..].TakeWhile(word => word != "--").Where(IsOption).Select(word => word.Split('=')[0]).Where(option => !options.Contains(option)))
        {
            yield return $"{Where}: there is no option {option}; there are {string.Join(", ", options)}";
        }
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);

    private static List<string> CommandsIn(string help) => help.Split('\n')
        .SkipWhile(line => line.Trim() != "Commands:").Skip(1)
        .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
        .Where(line => line[2] != ' ')
        .Select(line => line.Trim().Split(' ')[0]).ToList();

    private static List<string> OptionsIn(string help) => help.Split('\n')
        .Where(line => line.TrimStart().StartsWith('-'))
        .SelectMany(line => line.Trim().Split("  ")[0].Split(',', ' '))
        .Where(IsOption).Append("--help").Distinct().ToList();

    [GeneratedRegex(@"""[^""]*""|'[^']*'|[^\s;|&<>]+|[|&<>]+|;", RegexOptions.ExplicitCapture)]
    private static partial Regex Word();

    [GeneratedRegex("^[A-Z_]+=")]
    private static partial Regex Assignment();
}
