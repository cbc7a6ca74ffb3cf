using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Fluid;
using Fluid.Ast;
using Fluid.Values;

namespace Churn.Notifications.Templates;

/// <summary>Reads and renders the Liquid of templates.</summary>
internal static partial class LiquidText
{
    private const int MostSteps = 20_000;

    private static readonly FluidParser Parser = new(new FluidParserOptions { AllowFunctions = false });

    private static readonly TemplateOptions Options = new() { MaxSteps = MostSteps, MaxRecursion = 20 };

    // Letters of every script may stand as they are: the mail says that it is UTF-8.
    private static readonly HtmlEncoder Escape = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Plain(IFluidTemplate template, IReadOnlyDictionary<string, FluidValue> values, TimeZoneInfo zone) =>
        Render(template, values, zone, NullEncoder.Default);

    public static string Html(IFluidTemplate template, IReadOnlyDictionary<string, FluidValue> values, TimeZoneInfo zone) =>
        Render(template, values, zone, Escape);

    /// <summary>Reads a text; what is wrong is given with the line within it, from 1.</summary>
    /// <param name="source">The text.</param>
    /// <param name="known">The names that may be used.</param>
    /// <param name="error">Takes a line and what is wrong there.</param>
    public static IFluidTemplate? Read(string source, IReadOnlyCollection<string> known, Action<int, string> error)
    {
        if (!Parser.TryParse(source, out var template, out var said))
        {
            var place = Place().Match(said);
            error(place.Success ? int.Parse(place.Groups["line"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : 1,
                $"this is no Liquid: {said.ReplaceLineEndings(" ").TrimEnd('.', ' ')}");
            return null;
        }

        var uses = new Uses();
        uses.VisitTemplate(template);
        var right = true;
        foreach (var name in uses.Names.Where(name => !known.Contains(name) && !uses.Own.Contains(name)))
        {
            Wrong(name, $"'{name}' is no variable of this template; {ServiceDefaults.Documents.Spelling.Hint(name, known)}");
        }

        foreach (var name in uses.Filters.Where(name => !Options.Filters.TryGetValue(name, out _)))
        {
            Wrong(name, $"there is no filter '{name}'");
        }

        foreach (var tag in uses.Tags)
        {
            Wrong(tag, $"'{tag}' is of no use here: a template stands alone; write its text here");
        }

        return right ? template : null;

        void Wrong(string word, string message)
        {
            right = false;
            error(LineOf(source, word), message);
        }
    }

    private static int LineOf(string source, string word)
    {
        foreach (Match tag in Tag().Matches(source))
        {
            var found = Regex.Match(tag.Value, $@"(?<![\w.]){Regex.Escape(word)}(?!\w)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            if (found.Success)
            {
                return source.AsSpan(0, tag.Index + found.Index).Count('\n') + 1;
            }
        }

        return 1;
    }

    private static string Render(IFluidTemplate template, IReadOnlyDictionary<string, FluidValue> values, TimeZoneInfo zone, TextEncoder encoder)
    {
        var context = new TemplateContext(Options) { TimeZone = zone };
        foreach (var (name, value) in values)
        {
            context.SetValue(name, value);
        }

        return template.Render(context, encoder);
    }

    [GeneratedRegex(@"\{[{%].*?[%}]\}", RegexOptions.Singleline, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\((?<line>\d+):\d+\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

    /// <summary>Collects what a template uses.</summary>
    private sealed class Uses : AstVisitor
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Own { get; } = new(["forloop", "tablerowloop", "empty", "blank", "nil", "null"], StringComparer.Ordinal);

        public HashSet<string> Filters { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Tags { get; } = new(StringComparer.Ordinal);

        protected override Expression VisitMemberExpression(MemberExpression memberExpression)
        {
            if (memberExpression.Segments is [IdentifierSegment first, ..])
            {
                Names.Add(first.Identifier);
            }

            foreach (var inner in memberExpression.Segments.OfType<IndexerSegment>())
            {
                Visit(inner.Expression);
            }

            return memberExpression;
        }

        protected override Expression VisitFilterExpression(FilterExpression filterExpression)
        {
            Filters.Add(filterExpression.Name);
            return base.VisitFilterExpression(filterExpression);
        }

        protected override Statement VisitAssignStatement(AssignStatement assignStatement)
        {
            Own.Add(assignStatement.Identifier);
            return base.VisitAssignStatement(assignStatement);
        }

        protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
        {
            Own.Add(captureStatement.Identifier);
            return base.VisitCaptureStatement(captureStatement);
        }

        protected override Statement VisitForStatement(ForStatement forStatement)
        {
            Own.Add(forStatement.Identifier);
            return base.VisitForStatement(forStatement);
        }

        protected override Statement VisitIncrementStatement(IncrementStatement incrementStatement)
        {
            Own.Add(incrementStatement.Identifier);
            return incrementStatement;
        }

        protected override Statement VisitDecrementStatement(DecrementStatement decrementStatement)
        {
            Own.Add(decrementStatement.Identifier);
            return decrementStatement;
        }

        protected override Statement VisitIncludeStatement(IncludeStatement includeStatement)
        {
            Tags.Add("include");
            return includeStatement;
        }

        protected override Statement VisitRenderStatement(RenderStatement renderStatement)
        {
            Tags.Add("render");
            return renderStatement;
        }
    }
}
