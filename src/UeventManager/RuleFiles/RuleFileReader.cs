using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads the rules of one file's text.</summary>
internal static class RuleFileReader
{
    // No value after the key may be a forgotten rule; an empty list is intentional.
    private const string NoRules = "no rules (write a rule, or [] for none)";

    /// <summary>Reads the rules. They are valid only if no problem was added.</summary>
    /// <param name="text">The file.</param>
    /// <param name="room">The number of rules that may still be loaded.</param>
    /// <param name="names">The names of all files so far.</param>
    /// <param name="problems">Receives errors.</param>
    public static IReadOnlyList<Rule> Read(string text, int room, RuleNames names, ProblemList problems)
    {
        if (RuleNodeReader.Read(text, problems) is not { } root)
            return [];
        if (MappingReader.Of("a rule file", root, RuleSchema.FileKeys, problems) is not { } file)
            return [];
        ReadVersion(file, problems);
        var subsystems = ReadSubsystems(file, problems);
        if (file["rules"] is not { } entry)
        {
            problems.Add(root, "'rules' is missing");
            return [];
        }
        if (entry.Value is not ListNode list)
        {
            problems.Add(entry.Value, entry.Value is TextNode { IsNothing: true }
                ? NoRules : $"'rules' must be a list, not {entry.Value.Kind} (begin each rule with '- ')");
            return [];
        }
        var reader = new RuleReader(subsystems, names, problems);
        var rules = list.Items.Take(room).Select(reader.Read).OfType<Rule>().ToList();
        if (list.Items.Count > room)
            problems.Add(list.Items[room], $"more than {RuleSchema.MaxRules:N0} rules in all files together");
        return rules;
    }

    private static void ReadVersion(MappingReader file, ProblemList problems)
    {
        if (file["version"] is not { } entry)
        {
            problems.Add(file.Node, $"'version' is missing (add 'version: {RuleSchema.Version}')");
            return;
        }
        if (Values.Text("version", entry.Value, problems) is not { } version || entry.Value is not TextNode { Plain: var plain })
            return;
        if (!plain || version != $"{RuleSchema.Version}")
            problems.Add(entry.Value, $"version must be {RuleSchema.Version}, not {(plain ? version : $"\"{version}\"")}");
    }

    private static IReadOnlyList<string> ReadSubsystems(MappingReader file, ProblemList problems)
    {
        if (file["subsystem"] is not { } entry)
        {
            problems.Add(file.Node, "'subsystem' is missing (a name, a list of names, or \"*\")");
            return [];
        }
        var names = ListValues.OneOrMore("subsystem", entry.Value, problems, ReadSubsystem);
        if (names.Count > 1 && names.Contains("*"))
            problems.Add(entry.Value, "\"*\" means every subsystem, so the other names have no effect");
        return names;
    }

    private static string? ReadSubsystem(string key, RuleNode node, ProblemList problems)
    {
        if (Values.Name(key, node, problems) is not { } name || name == "*")
            return (node as TextNode)?.Text;
        if (name.AsSpan().IndexOfAny(RuleSchema.NoSubsystem) < 0)
            return name;
        problems.Add(node, $"subsystem {Quoted.Of(name)} is not a name (patterns are not allowed here; \"*\" means every subsystem)");
        return null;
    }
}
