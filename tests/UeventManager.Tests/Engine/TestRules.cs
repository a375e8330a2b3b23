using UeventManager.Core.Rules;
using UeventManager.RuleFiles;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Engine;

/// <summary>Rules written as an administrator writes them.</summary>
internal static class TestRules
{
    /// <summary>A set of the rules in some lists of rules, for every subsystem.</summary>
    public static RuleSet Of(params string[] rules) => For("\"*\"", rules);

    /// <summary>The same for some subsystems.</summary>
    public static RuleSet For(string subsystem, params string[] rules)
    {
        if (rules.Length == 0 || rules[0].Length == 0)
            return RuleSet.Empty;
        var text = $"version: 1\nsubsystem: {subsystem}\nrules:\n{string.Concat(rules.Select(Indented))}";
        var problems = new ProblemList("test.yaml");
        var read = RuleFileReader.Read(text, 1000, new RuleNames(), problems);
        Assert.True(problems.IsEmpty, string.Join('\n', problems.Sorted) + "\n" + text);
        SchemaVerdict.Agrees(text, []);
        return new RuleSet(read);
    }

    private static string Indented(string rule) => string.Concat(rule.Trim('\n').Split('\n').Select(line => $"  {line}\n"));
}
