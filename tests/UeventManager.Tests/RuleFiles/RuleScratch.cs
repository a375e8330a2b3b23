using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>A directory of rule files that is gone after the test.</summary>
internal sealed class RuleScratch : IDisposable
{
    public RuleScratch() => Root = Directory.CreateTempSubdirectory("uevent-manager-rules-").FullName;

    public string Root { get; }

    /// <summary>A file with one rule of the given lines; the first of them is line 5, four columns in.</summary>
    public static string WithRule(string body) =>
        "version: 1\nsubsystem: net\nrules:\n  - name: a\n" + string.Concat(body.Split('\n').Select(l => $"    {l}\n"));

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public string Folder(string name) => Directory.CreateDirectory(Path(name)).FullName;

    public string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    /// <summary>The problems without this directory in them.</summary>
    public IEnumerable<string> Messages(RuleLoad load) => load.Problems.Select(p => p.ToString().Replace(Root + "/", "", StringComparison.Ordinal));

    /// <summary>The problems of one file called <c>x.yaml</c>.</summary>
    public static IReadOnlyList<string> Check(string text)
    {
        using var scratch = new RuleScratch();
        var load = RuleLoader.LoadPaths([scratch.Write("x.yaml", text)]);
        Assert.Equal(load.Problems.Count == 0, load.Files.Count == 1);
        Assert.Equal(load.Problems.Count == 0, load.Rules.Count > 0);
        SchemaVerdict.Agrees(text, load.Problems.Select(problem => problem.Message));
        return [.. scratch.Messages(load)];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
