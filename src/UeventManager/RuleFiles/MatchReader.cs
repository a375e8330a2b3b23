using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads <c>match</c>.</summary>
internal static class MatchReader
{
    /// <summary>Reads the match; errors are reported and left out.</summary>
    public static RuleMatch Read(RuleNode node, ProblemList problems)
    {
        if (MappingReader.Of("'match'", node, RuleSchema.MatchKeys, problems) is not { } match)
            return new RuleMatch();
        if (match.Node.Entries.Count == 0)
            problems.Add(node, "'match' is empty (leave it out to match every device of the subsystem)");
        return Read(match, problems) with { Parent = match["parent"] is { } parent ? Parent(parent.Value, problems) : null };
    }

    private static ParentMatch? Parent(RuleNode node, ProblemList problems)
    {
        if (MappingReader.Of("'parent'", node, RuleSchema.ParentKeys, problems) is not { } parent)
            return null;
        if (parent.Node.Entries.Count == 0)
            problems.Add(node, $"'parent' is empty (its keys: {string.Join(", ", RuleSchema.Names(RuleSchema.ParentKeys))})");
        return new ParentMatch(Pattern(parent, "subsystem", problems, Impossible.InName), Read(parent, problems));
    }

    private static RuleMatch Read(MappingReader match, ProblemList problems)
    {
        return new RuleMatch
        {
            DevType = match["devtype"] is { } type ? Values.ValuePattern("devtype", type.Value, problems, Impossible.InText) : null,
            DevPath = Pattern(match, "devpath", problems, Impossible.InDevPath),
            SysName = Pattern(match, "sysname", problems, Impossible.InName),
            Driver = Pattern(match, "driver", problems, Impossible.InName),
            Properties = Patterns(match, "property", problems, Values.Property),
            Attributes = Patterns(match, "attribute", problems, PathValues.Path),
            Exists = Paths(match, "exists", problems),
            Absent = Paths(match, "absent", problems),
        };
    }

    private static Glob? Pattern(MappingReader match, string key, ProblemList problems, Func<string, string?> refuse) =>
        match[key] is { } entry ? Values.Pattern(key, entry.Value, problems, refuse) : null;

    private static IReadOnlyList<string> Paths(MappingReader match, string key, ProblemList problems) =>
        match[key] is { } entry ? ListValues.OneOrMore(key, entry.Value, problems, PathValues.Path) : [];

    private static List<KeyValuePair<string, Glob>> Patterns(
        MappingReader match, string key, ProblemList problems, ListValues.ItemReader<string> readName)
    {
        var patterns = new List<KeyValuePair<string, Glob>>();
        if (match[key] is not { } entry)
            return patterns;
        if (entry.Value is not MappingNode { Entries.Count: > 0 } mapping)
        {
            problems.Add(entry.Value, entry.Value is MappingNode
                ? $"'{key}' is empty" : $"'{key}' must be a mapping of names to patterns, not {entry.Value.Kind}");
            return patterns;
        }
        if (mapping.Entries.Count > RuleSchema.MaxItems)
            problems.Add(mapping.Entries[RuleSchema.MaxItems].Key, $"more than {RuleSchema.MaxItems} entries in '{key}'");
        foreach (var (name, value) in mapping.Entries.Select(e => (e.Key, e.Value)))
        {
            if (readName(key, name, problems) is { } good && Values.ValuePattern(good, value, problems) is { } glob)
                patterns.Add(new(good, glob));
        }
        return patterns;
    }
}
