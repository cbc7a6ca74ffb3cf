using System.Globalization;
using System.Xml.Linq;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Drawing;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Output;

public sealed class PicturesTests
{
    private static readonly string[] Elements = ["svg", "title", "desc", "rect", "line", "polyline", "circle", "text"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(36)]
    [InlineData(120)]
    [InlineData(240)]
    public void Write_AnyNumberOfMonths_DrawsInsideTheView(int months)
    {
        foreach (var picture in Draw(Reports.Generated(months)))
        {
            AssertWell(picture);
        }
    }

    [Fact]
    public void Write_AllZeros_DrawsAxesAndSaysWhatIsUndefined()
    {
        var pictures = Draw(Reports.Of(Reports.Header + "ann,Team,0,EUR,2024-12-10,,DE\n"));
        Assert.All(pictures, AssertWell);
        Assert.Contains("no opening MRR", pictures[1], StringComparison.Ordinal);
        Assert.Contains("no customer has paid", pictures[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_LargestAmounts_DrawsInsideTheView() =>
        Assert.All(Draw(Reports.Of(Reports.Header + "ann,Team,999999999.99,EUR,2023-12-10,2024-05-01,DE\nbob,Team,0.01,EUR,2024-01-01,,DE\n")), AssertWell);

    [Fact]
    public void Write_Segments_WritesAFileForEachUnderASafeName()
    {
        var csv = Reports.Header
            + "1,Team,10,EUR,2024-01-01,,../../etc/passwd\n2,Team,10,EUR,2024-01-01,,A B\n3,Team,10,EUR,2024-01-01,,a-b\n4,Team,10,EUR,2024-01-01,,\n5,Team,10,EUR,2024-01-01,,<&>\n";
        var folder = Directory.CreateTempSubdirectory("churn-pictures");
        try
        {
            var paths = Pictures.Write(folder.FullName, Reports.Of(csv, by: "country"));
            Assert.Equal(15, paths.Distinct(StringComparer.OrdinalIgnoreCase).Count());
            Assert.Equal(paths.Order(StringComparer.Ordinal), Directory.GetFiles(folder.FullName).Order(StringComparer.Ordinal));
            Assert.Contains(paths, p => Path.GetFileName(p) == "bridge-etc-passwd.svg");
            Assert.All(paths, p => AssertWell(File.ReadAllText(p)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Law_Slugs_AreSafeDistinctAndIndependentOfOrder() => Prop.ForAll(
        ArbMap.Default.ArbFor<string[]>().Filter(n => n is not null && n.All(s => s is not null)),
        generated =>
        {
            string[] names = [.. generated.Append("A").Append("a").Append("a ").Distinct(StringComparer.Ordinal)];
            var slugs = Pictures.Slugs(names);
            var reversed = Pictures.Slugs([.. names.Reverse()]).Reverse();
            return slugs.All(s => s.Length is > 0 and < 60 && s.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                && slugs.Distinct(StringComparer.Ordinal).Count() == names.Length && slugs.SequenceEqual(reversed);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Law_AnyTextAndAmounts_IsWellFormed() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>().Filter(t => t is not null),
        ArbMap.Default.ArbFor<PositiveInt[]>(),
        (text, amounts) =>
        {
            var rows = amounts.Select((a, i) => $"{i},Team,{a.Get}.{i % 100:00},EUR,{2023 + (i % 2)}-{(i % 12) + 1:00}-03,,DE\n");
            var figures = Reports.Of(Reports.Header + "x,Team,1,EUR,2024-01-01,2024-02-01,DE\n" + string.Concat(rows)).Sections[0].Figures;
            foreach (var picture in new[] { BridgePicture.Draw(figures, text, text), RatesPicture.Draw(figures, text), CohortsPicture.Draw(figures, text) })
            {
                AssertWell(picture);
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 0, "0,0.2,0.4,0.6,0.8,1")]
    [InlineData(0, 12, "0,2,4,6,8,10,12")]
    [InlineData(-30, 95, "-50,0,50,100")]
    [InlineData(0.2, 0.9, "0.2,0.4,0.6,0.8,1")]
    public void Ticks_Values_AreRoundAndHoldThem(double low, double high, string ticks)
    {
        var axis = new Axis(low, high, 100, 0);
        Assert.Equal(ticks, string.Join(',', axis.Ticks.Select(t => Math.Round(t, 6).ToString(CultureInfo.InvariantCulture))));
        Assert.InRange(axis.At(low), 0, 100);
        Assert.InRange(axis.At(high), 0, 100);
    }

    private static string[] Draw(Cli.Report.Output.Report report)
    {
        var folder = Directory.CreateTempSubdirectory("churn-pictures");
        try
        {
            var paths = Pictures.Write(folder.FullName, report);
            Assert.Equal(["bridge.svg", "rates.svg", "cohorts.svg"], paths.Select(p => Path.GetFileName(p)));
            return [.. paths.Select(File.ReadAllText)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertWell(string picture)
    {
        var svg = XDocument.Parse(picture).Root!;
        double Number(XElement e, string name) => double.Parse(e.Attribute(name)!.Value, CultureInfo.InvariantCulture);
        var (width, height) = (Number(svg, "width"), Number(svg, "height"));
        Assert.Equal($"0 0 {width} {height}", svg.Attribute("viewBox")!.Value);
        Assert.All(svg.DescendantsAndSelf(), e => Assert.Contains(e.Name.LocalName, Elements));
        Assert.DoesNotContain("href", picture, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", picture, StringComparison.Ordinal);
        foreach (var rectangle in svg.Descendants().Where(e => e.Name.LocalName == "rect").Skip(1))
        {
            Assert.InRange(Number(rectangle, "x"), 0, width);
            Assert.InRange(Number(rectangle, "x") + Number(rectangle, "width"), 0, width);
            Assert.InRange(Number(rectangle, "y"), 0, height);
            Assert.InRange(Number(rectangle, "y") + Number(rectangle, "height"), 0, height);
            Assert.True(Number(rectangle, "width") >= 0 && Number(rectangle, "height") >= 0);
        }
    }
}
