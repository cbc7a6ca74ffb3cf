using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Churn.Conventions.Tests;

public sealed class ProjectsTests
{
    private const string Banned = "BannedSymbols.txt";
    private const string BannedInDomain = "BannedSymbols.Domain.txt";

    private static readonly string[] References = ["FrameworkReference", "PackageReference", "ProjectReference", "Reference"];

    [Fact]
    public void Domain_Project_ReferencesNothing() => Offenders.None(Tree.Projects.Where(IsDomain).SelectMany(ReferencesOf));

    [Fact]
    public void Domain_Assembly_ReferencesTheFrameworkAlone() => Offenders.None(Tree.Projects.Where(IsDomain).SelectMany(project => ReferencesBeyondTheFramework(project.Name)
        .Select(name => project.Offence(1, $"the compiled assembly uses {name}; a domain uses nothing but the framework"))));

    [Fact]
    public void Host_Project_SharesNoDomain() => Offenders.None(Tree.Projects.Where(project => project.IsUnder("services")).SelectMany(ForeignDomainsOf));

    [Fact]
    public void Project_NameAndNamespace_AreItsFolder() => Offenders.None(Tree.Projects.SelectMany(NamesOf));

    [Fact]
    public void Solution_Projects_AreThoseOfTheTree()
    {
        var solution = Regex.Matches(File.ReadAllText(Path.Combine(Tree.Root, "Churn.sln")), "\"(?<path>[^\"]*\\.csproj)\"", RegexOptions.ExplicitCapture)
            .Select(match => match.Groups["path"].Value.Replace('\\', '/')).ToList();
        var tree = Tree.Projects.Select(project => project.Path).ToList();
        Offenders.None(
        [
            .. tree.Except(solution).Select(path => $"{path}: not in the solution; dotnet sln add {path}"),
            .. solution.Except(tree).Select(path => $"Churn.sln: {path} is not there; dotnet sln remove {path}"),
            .. Tree.Files.Where(file => file.Extension is ".sln" or ".slnx" && file.Path != "Churn.sln").Select(file => file.Offence(1, "one solution holds every project: Churn.sln")),
        ]);
    }

    [Fact]
    public void PackageReference_Version_IsCentral() =>
        Offenders.None(Tree.Files.Where(file => file.Extension is ".csproj" or ".props" or ".targets").SelectMany(VersionsIn));

    [Theory]
    [InlineData("packages.lock.json")]
    [InlineData("packages.official.lock.json")]
    public void Project_LockFile_LiesBesideIt(string name) => Offenders.None(Tree.Projects
        .Where(project => !Tree.Exists(Beside(project, name)))
        .Select(project => project.Offence(1, $"no {name} beside it; restore (with -p:OfficialPackages=true for the official one) and commit it")));

    [Fact]
    public void BannedSymbols_OfTheRoot_AreGivenToEveryProject()
    {
        var given = Tree.Files.Single(file => file.Path == "Directory.Build.targets").Elements
            .Where(element => element.Name.LocalName == "AdditionalFiles")
            .Select(file => $"{(string?)file.Attribute("Include")} if {(string?)file.Attribute("Condition") ?? "ever"} in {(string?)file.Parent!.Attribute("Condition")}");
        Assert.Equal(
        [
            $"$(RepositoryRoot){Banned} if ever in '$(IsCompatProject)' != 'true'",
            $"$(RepositoryRoot){BannedInDomain} if $(MSBuildProjectName.EndsWith('.Domain')) in '$(IsCompatProject)' != 'true'",
        ], given);
    }

    [Fact]
    public void Analyzers_OfTheRoot_LookAtEveryProject() => Offenders.None(
    [
        .. Tree.Files.Where(file => !file.IsUnder("compat") && file.Path.EndsWith("/packages.lock.json", StringComparison.Ordinal) && !file.Text.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", StringComparison.Ordinal))
            .Select(file => file.Offence(1, "the project is restored without the analyzer of banned symbols; Directory.Build.targets adds it")),
        .. Tree.Files.Where(file => file.Path is not ("compat/Directory.Build.props" or "Directory.Build.targets")).SelectMany(WaysAroundTheAnalyzers),
    ]);

    [Theory]
    [InlineData(Banned, "P:System.DateTime.Now;")]
    [InlineData(Banned, "P:System.DateTime.UtcNow;")]
    [InlineData(Banned, "P:System.DateTimeOffset.UtcNow;")]
    [InlineData(Banned, "M:System.Threading.Thread.Sleep(System.Int32);")]
    [InlineData(Banned, "M:System.Threading.Tasks.Task.Delay(System.Int32);")]
    [InlineData(BannedInDomain, "M:System.Guid.NewGuid;")]
    [InlineData(BannedInDomain, "T:System.Random;")]
    [InlineData(BannedInDomain, "T:System.TimeProvider;")]
    public void BannedSymbols_ClockSleepAndChance_AreBanned(string file, string symbol) =>
        Assert.Contains(File.ReadAllLines(Path.Combine(Tree.Root, file)), line => line.StartsWith(symbol, StringComparison.Ordinal));

    [Fact]
    public void Program_OfAHost_IsATableOfContents() => Offenders.None(Tree.OwnCode
        .Where(file => file.IsUnder("services") && file.Name == "Program" && file.Lines.Length > 30)
        .Select(file => file.Offence(30, "a Program.cs is a table of contents of under 30 lines; move the wiring into the features")));

    [Fact]
    public void Checks_OfBrokenProjects_FindThem()
    {
        Assert.Single(ReferencesOf(Project("A.Domain/A.Domain.csproj", "<PackageReference Include='X' />")));
        Assert.Single(ReferencesOf(Project("A.Domain/A.Domain.csproj", "<ProjectReference Include='../X/X.csproj' />")));
        Assert.Contains("System.CommandLine", ReferencesBeyondTheFramework("Churn.Cli"));
        Assert.Single(ForeignDomainsOf(Project("services/Ingestion/Churn.Ingestion/Churn.Ingestion.csproj", "<ProjectReference Include='../../Metrics/Churn.Metrics.Domain/Churn.Metrics.Domain.csproj' />")));
        Assert.Single(ForeignDomainsOf(Project("services/Ingestion/Churn.Ingestion/Churn.Ingestion.csproj", "<ProjectReference Include='../../Metrics/Churn.Metrics/Churn.Metrics.csproj' />")));
        Assert.Single(NamesOf(Project("services/B/A.csproj", "")));
        Assert.Single(NamesOf(Project("services/A/A.csproj", "<RootNamespace>B</RootNamespace>")));
        Assert.Single(VersionsIn(Project("services/A/A.csproj", "<PackageReference Include='X' Version='1' />")));
        Assert.Single(VersionsIn(Project("services/A/A.csproj", "<PackageReference Include='X'><VersionOverride>1</VersionOverride></PackageReference>")));
        Assert.Single(WaysAroundTheAnalyzers(Project("services/A/A.csproj", "<IsCompatProject>true</IsCompatProject>")));
        Assert.Single(WaysAroundTheAnalyzers(Project("services/A/A.csproj", "<AdditionalFiles Remove='@(AdditionalFiles)' />")));
        Assert.Single(WaysAroundTheAnalyzers(new TextFile("services/Directory.Build.targets", "<Project />")));

        static TextFile Project(string path, string inner) => new(path, $"<Project Sdk='Microsoft.NET.Sdk'><ItemGroup>{inner}</ItemGroup></Project>");
    }

    private static bool IsDomain(TextFile project) => project.Name.EndsWith(".Domain", StringComparison.Ordinal);

    private static string Beside(TextFile project, string name) => string.Join('/', [.. project.Folders, name]);

    private static IEnumerable<string> ReferencesOf(TextFile project) => project.Elements
        .Where(element => References.Contains(element.Name.LocalName))
        .Select(element => project.OffenceAt(element, $"{element.Name.LocalName} {(string?)element.Attribute("Include")}: a domain references nothing; hand it what it needs as an argument"));

    private static List<string> ReferencesBeyondTheFramework(string assembly)
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        return metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => !File.Exists(Path.Combine(framework, name + ".dll")))
            .ToList();
    }

    private static IEnumerable<string> WaysAroundTheAnalyzers(TextFile file)
    {
        if (file.Extension is not (".csproj" or ".props" or ".targets"))
        {
            return [];
        }

        var hidden = file.Path.EndsWith("/Directory.Build.targets", StringComparison.Ordinal) ? file.Elements.Take(1) : [];
        return file.Elements
            .Where(element => element.Name.LocalName is "IsCompatProject" or "ImportDirectoryBuildTargets" or "RunAnalyzers"
                || (element.Attribute("Remove") is { } removed && (element.Name.LocalName == "AdditionalFiles" || removed.Value.Contains("Analyzer", StringComparison.Ordinal))))
            .Concat(hidden)
            .Select(element => file.OffenceAt(element, $"{element.Name.LocalName} takes projects out of the analyzers and banned symbols of the root; only compat/ is without"));
    }

    /// <summary>A service may refer to its own domain, and to what is there to be shared; the command hosts them all.</summary>
    private static IEnumerable<string> ForeignDomainsOf(TextFile project) => project.IsUnder("services/Cli") ? [] : project.Elements
        .Where(element => element.Name.LocalName == "ProjectReference")
        .Select(element => (element, name: Path.GetFileNameWithoutExtension(((string)element.Attribute("Include")!).Replace('\\', '/'))))
        .Where(to => to.name != project.Name + ".Domain" && to.name is not ("Churn.Contracts" or "Churn.Protos" or "Churn.ServiceDefaults"))
        .Select(to => project.OffenceAt(to.element, $"refers to {to.name}; services share contracts and hosting, never a domain or a host"));

    private static IEnumerable<string> NamesOf(TextFile project)
    {
        // The protos' own folders are their packages, so their project lies at the top of them.
        var folder = project.Name == "Churn.Protos" ? "protos" : project.Name;
        if (project.Folders[^1] != folder)
        {
            yield return project.Offence(1, $"lies in the folder {project.Folders[^1]}; the folder of a project has its name");
        }

        // What the launcher builds is the program that users type, not the assembly that others refer to.
        foreach (var element in project.Elements
            .Where(e => e.Name.LocalName is "AssemblyName" or "RootNamespace" && e.Value != project.Name)
            .Where(e => (string?)e.Parent!.Attribute("Condition") != "'$(LauncherBuild)' == 'true'"))
        {
            yield return project.OffenceAt(element, $"{element.Name.LocalName} is {element.Value}; leave it out, it is the project's name");
        }
    }

    private static IEnumerable<string> VersionsIn(TextFile file) => file.Elements
        .Where(element => element.Name.LocalName == "PackageReference")
        .Where(reference => reference.Attributes().Select(a => a.Name.LocalName).Concat(reference.Elements().Select(e => e.Name.LocalName)).Any(name => name is "Version" or "VersionOverride"))
        .Select(reference => file.OffenceAt(reference, $"PackageReference {(string?)reference.Attribute("Include")} has a version; versions are in Directory.Packages.props"));
}
