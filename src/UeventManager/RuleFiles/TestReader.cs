using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads the tests of <c>attribute</c>, <c>property</c> and <c>count</c>: exactly one of them.</summary>
internal static class TestReader
{
    /// <summary>Reads the test of a value; null after a problem.</summary>
    public static ValueTest? Value(TextNode kind, MappingNode item, ProblemList problems)
    {
        if (Single(kind, item, RuleSchema.ValueTests, problems) is not { Key.Text: var key, Value: var value })
            return null;
        return key switch
        {
            "equals" => Equal(key, value, problems),
            "in" => ListValues.List(key, value, problems, Values.Text) is { Count: > 0 } texts ? new ValueTest { In = texts } : null,
            "matches" => Values.ValuePattern(key, value, problems) is { } glob ? new ValueTest { Matches = glob } : null,
            "notEmpty" => Values.True(key, value, problems) is null ? null : new ValueTest { NotEmpty = true },
            "atLeast" => Values.Number(key, value, problems) is { } number ? new ValueTest { AtLeast = number } : null,
            _ => throw new InvalidOperationException($"no reader for the test '{key}'"),
        };
    }

    private static ValueTest? Equal(string key, RuleNode value, ProblemList problems)
    {
        if (value is ListNode)
            problems.Add(value, $"'{key}' must be a text, not a list (for several values use 'in')");
        return value is not ListNode && Values.Text(key, value, problems) is { } text ? new ValueTest { EqualTo = text } : null;
    }

    /// <summary>Reads a count condition; null after a problem.</summary>
    public static CountCondition? Count(string? glob, TextNode kind, MappingNode item, ProblemList problems)
    {
        if (Single(kind, item, RuleSchema.CountTests, problems) is not { Key.Text: var key, Value: var value })
            return null;
        var atLeast = key == "atLeast";
        if (value is MappingNode)
        {
            var mapping = MappingReader.Of($"'{key}'", value, RuleSchema.CountKeys, problems)!;
            if (mapping["attribute"] is not { } attribute)
            {
                problems.Add(value, $"'{key}' needs a number, or '{{attribute: path}}'");
                return null;
            }
            return PathValues.Path("attribute", attribute.Value, problems) is { } path && glob is not null
                ? new CountCondition(glob, atLeast, null, path) : null;
        }
        if (Values.Number(key, value, problems) is not { } number)
            return null;
        if (number < 0)
            problems.Add(value, $"{key}: {number} is negative, but a count never is");
        else if (atLeast && number == 0)
            problems.Add(value, "atLeast: 0 always holds (write at least 1)");
        return glob is null ? null : new CountCondition(glob, atLeast, number, null);
    }

    private static MappingEntry? Single(TextNode kind, MappingNode item, IReadOnlyList<SchemaKey> tests, ProblemList problems)
    {
        var names = RuleSchema.Names(tests);
        var found = item.Entries.Where(e => names.Contains(e.Key.Text)).ToList();
        if (found.Count == 0)
            problems.Add(kind, $"'{kind.Text}' needs a test (one of: {string.Join(", ", names)})");
        foreach (var (key, _) in found.Skip(1))
            problems.Add(key, $"a second test in one condition, '{key.Text}' beside '{found[0].Key.Text}' (make it an item of its own)");
        return found.Count == 1 ? found[0] : null;
    }
}
