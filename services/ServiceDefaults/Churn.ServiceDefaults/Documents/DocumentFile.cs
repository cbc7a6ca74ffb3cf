using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Churn.ServiceDefaults.Documents;

/// <summary>Reads a file of YAML documents, separated by lines of "---".</summary>
/// <remarks>
/// Scalars are what the reader of a value asks for, never what YAML guesses: "NO" is a text, and "1e3" too. Errors of syntax end
/// their own document alone, so that the others are looked at as well.
/// </remarks>
public sealed partial class DocumentFile
{
    /// <summary>Gives the most bytes of a file, in UTF-8.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>Gives how deep maps and lists may lie within each other.</summary>
    public const int MostDepth = 64;

    /// <summary>Gives the most values of a document, each counted as often as aliases repeat it.</summary>
    public const int MostValues = 50_000;

    private const string StandardTags = "tag:yaml.org,2002:";

    private DocumentFile(DocumentProblems problems, IReadOnlyList<FileDocument> documents)
    {
        Problems = problems;
        Documents = documents;
    }

    /// <summary>Gives the documents that could be read, in their order; those that hold nothing but comments are left out.</summary>
    public IReadOnlyList<FileDocument> Documents { get; }

    /// <summary>Gives what is wrong; the readers of the documents add to it.</summary>
    public DocumentProblems Problems { get; }

    /// <summary>Reads a file; what is wrong is in <see cref="Problems"/>.</summary>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="text">Its text.</param>
    public static DocumentFile Read(string file, string text)
    {
        var problems = new DocumentProblems(file);
        var documents = new List<FileDocument>();
        if (Encoding.UTF8.GetByteCount(text) > MostBytes)
        {
            problems.Error(1, 1, "", "the file has more than 1 MiB; split it");
            return new DocumentFile(problems, documents);
        }

        foreach (var (source, line) in Split(text))
        {
            try
            {
                foreach (var root in Values(new Parser(new StringReader(source)), line - 1, problems))
                {
                    documents.Add(new FileDocument(new DocumentNode(root, "", problems), source, line));
                }
            }
            catch (YamlException wrong)
            {
                Report(wrong, source, line, problems);
            }
        }

        return new DocumentFile(problems, documents);
    }

    private static IEnumerable<(string Source, int Line)> Split(string text)
    {
        var lines = text.ReplaceLineEndings("\n").TrimStart('\uFEFF').Split('\n');
        var from = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i == lines.Length || lines[i] == "---" || lines[i].StartsWith("--- ", StringComparison.Ordinal))
            {
                var part = lines.AsSpan(from, i - from);
                if (part.ToArray().Any(line => line.AsSpan().TrimStart() is { Length: > 0 } rest && rest[0] != '#' && line != "---"))
                {
                    yield return (string.Join('\n', part!).TrimEnd() + "\n", from + 1);
                }

                from = i < lines.Length && lines[i].Length > "---".Length ? i : i + 1;
            }
        }
    }

    private static List<YamlValue> Values(Parser parser, int linesBefore, DocumentProblems problems)
    {
        var roots = new List<YamlValue>();
        var anchors = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
        var open = new Stack<YamlValue>();
        var keys = new Stack<YamlValue?>();
        while (Next(parser))
        {
            var at = parser.Current!;
            var (line, column) = ((int)at.Start.Line + linesBefore, (int)at.Start.Column);
            YamlValue? value = null;
            switch (at)
            {
                case DocumentStart:
                    anchors.Clear();
                    break;
                case Scalar scalar:
                    value = new YamlValue { Line = line, Column = column, Text = scalar.Value, IsPlain = scalar.Style == ScalarStyle.Plain, IsClosed = true };
                    break;
                case SequenceStart list:
                    value = new YamlValue { Line = line, Column = column, Items = [], IsFlow = list.Style == SequenceStyle.Flow };
                    break;
                case MappingStart map:
                    value = new YamlValue { Line = line, Column = column, Entries = [], IsFlow = map.Style == MappingStyle.Flow };
                    break;
                case AnchorAlias alias when !anchors.TryGetValue(alias.Value.Value, out value):
                    throw new SemanticErrorException(alias.Start, alias.End, $"*{alias.Value} names nothing that stands before it");
                case AnchorAlias alias when !value!.IsClosed:
                    throw new SemanticErrorException(alias.Start, alias.End, $"*{alias.Value} stands within what it names, which would never end; write the value out");
                case SequenceEnd or MappingEnd:
                    keys.Pop();
                    var closed = open.Pop();
                    closed.IsClosed = true;
                    if (open.Count > 0)
                    {
                        Grow(open.Peek(), closed, at);
                    }

                    break;
                default:
                    break;
            }

            if (value is null)
            {
                continue;
            }

            if (at is NodeEvent node)
            {
                if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && !node.Tag.Value.StartsWith(StandardTags, StringComparison.Ordinal))
                {
                    problems.Error(line, column, "", $"the tag {node.Tag.Value} means nothing here; take it away");
                }

                if (!node.Anchor.IsEmpty)
                {
                    anchors[node.Anchor.Value] = value;
                }
            }

            Add(value);
            if (!value.IsClosed)
            {
                if (open.Count == MostDepth)
                {
                    throw new SemanticErrorException(at.Start, at.End, $"maps and lists lie more than {MostDepth} deep within each other; make it flatter");
                }

                open.Push(value);
                keys.Push(null);
            }
            else if (open.Count > 0)
            {
                Grow(open.Peek(), value, at);
            }
        }

        return roots;

        void Add(YamlValue value)
        {
            if (!open.TryPeek(out var into))
            {
                if (!value.IsNothing)
                {
                    roots.Add(value);
                }
            }
            else if (into.Items is { } items)
            {
                items.Add(value);
            }
            else if (keys.Pop() is { } key)
            {
                into.Entries!.Add((key, value));
                keys.Push(null);
            }
            else
            {
                keys.Push(value);
            }
        }

        static void Grow(YamlValue into, YamlValue value, ParsingEvent at)
        {
            into.Size += value.Size;
            into.Height = Math.Max(into.Height, value.Height + 1);
            if (into.Size > MostValues || into.Height > MostDepth)
            {
                throw new SemanticErrorException(at.Start, at.End, $"the document has more than {MostValues:N0} values, or they lie more than {MostDepth} deep, aliases written out; make it smaller");
            }
        }
    }

    /// <summary>Takes the next event; what the parser trips over is an error of the text too.</summary>
    private static bool Next(Parser parser)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception wrong) when (wrong is not YamlException)
        {
            var (from, to) = parser.Current is { } last ? (last.Start, last.End) : (Mark.Empty, Mark.Empty);
            throw new SyntaxErrorException(from, to, wrong.Message);
        }
    }

    private static void Report(YamlException wrong, string source, int line, DocumentProblems problems)
    {
        var row = (int)Math.Max(1, wrong.Start.Line);
        var lines = source.Split('\n');
        var tab = lines.AsSpan(0, Math.Min(row + 1, lines.Length)).ToArray().Index().FirstOrDefault(at => Indent().Match(at.Item) is { Success: true, Value: var indent } && indent.Contains('\t', StringComparison.Ordinal));
        if (tab.Item is { } indented)
        {
            problems.Error(line + tab.Index, indented.IndexOf('\t', StringComparison.Ordinal) + 1, "", "a tab; YAML is indented with spaces alone");
            return;
        }

        var said = wrong.Message.TrimEnd('.');
        var text = char.ToLowerInvariant(said[0]) + said[1..];
        var at = row <= lines.Length ? lines[row - 1] : "";
        var advice = wrong is SemanticErrorException && wrong.GetType() == typeof(SemanticErrorException) && text[0] == '*' || text.Contains("; ", StringComparison.Ordinal)
            ? ""
            : text.Contains("invalid mapping", StringComparison.Ordinal) ? "; put a text that holds ': ' in quotes"
            : at.Contains("{{", StringComparison.Ordinal) ? "; put a text with {{ }} in quotes"
            : at.Contains(": @", StringComparison.Ordinal) || at.Contains(": %", StringComparison.Ordinal) || at.Contains(": `", StringComparison.Ordinal) ? "; put the text in quotes"
            : "; look at this line and the one before: indentation, quotes and brackets";
        problems.Error(line - 1 + row, (int)Math.Max(1, wrong.Start.Column), "", $"this is no YAML: {text}{advice}");
    }

    [GeneratedRegex(@"^[ \t]+", RegexOptions.None, 1000)]
    private static partial Regex Indent();
}
