using System.Text.RegularExpressions;

namespace UeventManager.Tests.House;

/// <summary>
/// What the limit of lines a file does not show: a type over many files that is too large for anybody's head, and parts of the core that need each other in
/// a circle, so that none of them can be read or tested alone.
/// </summary>
public sealed partial class StructureTests
{
    // The engine is one protocol, kept together on purpose; what is pending is settled by a type of its own below it.
    private const int MaxEngine = 2400;
    private const int MaxType = 1000;
    private const string Core = "src/UeventManager.Core";

    [Fact]
    public void No_type_is_larger_than_its_limit() =>
        Assert.Empty(LinesOfTypes("src").Where(type => type.Lines > (type.Name is "UeventEngine" or "Settlement" ? MaxEngine : MaxType)).Select(type => $"{type.Name}: {type.Lines} lines"));

    [Fact]
    public void A_type_is_measured_over_all_its_parts()
    {
        var parts = SourceTree.Files(Core).Where(file => file.Path.Contains("/UeventEngine.", StringComparison.Ordinal)).ToList();
        Assert.True(parts.Count > 1);
        Assert.Equal(parts.Sum(part => part.Lines.Length), Assert.Single(LinesOfTypes(Core), type => type.Name == "UeventEngine").Lines);
    }

    [Fact]
    public void No_folder_of_the_core_is_part_of_a_circle()
    {
        var imports = SourceTree.Files(Core)
            .SelectMany(file => Named(file).Where(folder => folder != file.Folder).Select(folder => (From: file.Folder, To: folder)))
            .ToLookup(import => import.From, import => import.To);
        Assert.Contains("Ordering", imports["Engine"]);
        Assert.DoesNotContain(imports, folder => Reaches(imports, folder.Key, folder.Key, []));
    }

    [Fact]
    public void Owners_of_state_do_not_reference_the_engine()
    {
        string[] above = ["UeventEngine", "Settlement"];
        var owners = SourceTree.Files(Core).Where(file => file.Folder is not ("Engine" or "Driving" or "Dispatch" or "Recording"));
        Assert.Empty(owners.SelectMany(file => file.Code.Where(line => above.Any(name => Regex.IsMatch(line, $@"\b{name}\b"))).Select(line => $"{file.Path}: {line.Trim()}")));
        var below = SourceTree.Files(Core).Where(file => file.Path.Contains("/Settlement.", StringComparison.Ordinal));
        Assert.NotEmpty(below);
        Assert.Empty(below.SelectMany(file => file.Code.Where(line => line.Contains("UeventEngine", StringComparison.Ordinal)).Select(line => $"{file.Path}: {line.Trim()}")));
    }

    [Fact]
    public void Nothing_of_the_core_is_an_object_that_must_be_cast_back() =>
        Assert.Empty(SourceTree.Files(Core).Where(file => file.Folder is not "Rules").SelectMany(file => file.Code.Where(line => ObjectMember().IsMatch(line)).Select(line => $"{file.Path}: {line.Trim()}")));

    // A file is its first type's: one noun a file. Small types beside it count for it.
    private static IEnumerable<(string Name, int Lines)> LinesOfTypes(string folder) =>
        from file in SourceTree.Files(folder)
        let declared = file.Code.Select(line => Declaration().Match(line)).FirstOrDefault(match => match.Success)
        where declared is not null
        group file by (Name: declared.Groups[1].Value, file.Folder) into type
        select (type.Key.Name, type.Sum(file => file.Lines.Length));

    // Imports, and names that are written in full.
    private static IEnumerable<string> Named(SourceFile file) => file.Code
        .SelectMany(line => CoreFolder().Matches(line).Select(match => match.Groups[1].Value))
        .Where(folder => Directory.Exists(Path.Combine(SourceTree.Root, Core, folder)))
        .Distinct();

    private static bool Reaches(ILookup<string, string> imports, string from, string to, HashSet<string> seen) =>
        imports[from].Any(next => next == to || (seen.Add(next) && Reaches(imports, next, to, seen)));

    [GeneratedRegex(@"^(?:public |internal )?(?:static |sealed |abstract |readonly |partial |ref )*(?:class|struct|record struct|record|interface|enum) (\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"UeventManager\.Core\.(\w+)")]
    private static partial Regex CoreFolder();

    [GeneratedRegex(@"\bobject\??\s+\w+\s*(\{|=>|;|,|\))")]
    private static partial Regex ObjectMember();
}
