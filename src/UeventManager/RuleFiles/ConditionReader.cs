using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads one condition: a mapping with exactly one key that says its kind.</summary>
/// <param name="timeoutUsec">The rule's timeout, which bounds the durations inside.</param>
/// <param name="problems">Where mistakes go.</param>
internal sealed class ConditionReader(long timeoutUsec, ProblemList problems)
{
    private const string Optional = "optional";

    private static readonly string[] AllKeys =
        [.. RuleSchema.Conditions.Select(c => c.Name).Concat(RuleSchema.Conditions.SelectMany(c => c.With)).Distinct(), Optional];

    /// <summary>A direct item of <c>wait</c>, or null after a problem.</summary>
    public WaitItem? ReadItem(RuleNode node)
    {
        var optional = (node as MappingNode)?.Entries.FirstOrDefault(e => e.Key.Text == Optional);
        var optionalUsec = optional is null ? null : Values.Usec(Optional, optional.Value, problems);
        if (optionalUsec >= timeoutUsec)
            problems.Add(optional!.Value, $"optional: {Duration.Format(optionalUsec.Value)} is not shorter than the timeout ({Duration.Format(timeoutUsec)})");
        return Read(node, isItem: true) is { } condition ? new WaitItem(condition, optionalUsec) : null;
    }

    private Condition? Read(RuleNode node, bool isItem)
    {
        if (node is not MappingNode mapping)
        {
            problems.Add(node, node is TextNode { IsNothing: false } text
                ? $"a condition must be a mapping, not a text (write 'exists: {text.Text}')"
                : $"a condition must be a mapping, not {node.Kind}");
            return null;
        }
        var kinds = mapping.Entries.Where(e => KindOf(e) is not null).ToList();
        if (!CheckKeys(mapping, kinds, isItem) || kinds.Count != 1)
            return null;
        return Read(kinds[0], mapping);
    }

    private bool CheckKeys(MappingNode mapping, List<MappingEntry> kinds, bool isItem)
    {
        var unknown = mapping.Entries.Where(e => !AllKeys.Contains(e.Key.Text)).ToList();
        foreach (var entry in unknown)
            problems.Add(entry.Key, UnknownKey.Describe(entry.Key.Text, AllKeys));
        if (!isItem && mapping.Entries.FirstOrDefault(e => e.Key.Text == Optional) is { } optional)
            problems.Add(optional.Key, "'optional' is for a direct item of 'wait', not inside 'any', 'all' or 'not'");
        if (kinds.Count == 0 && unknown.Count == 0)
            problems.Add(mapping, $"no condition here (one of: {string.Join(", ", RuleSchema.Conditions.Select(c => c.Name))})");
        for (var i = 1; i < kinds.Count; i++)
            problems.Add(kinds[i].Key, $"a second condition in one item, '{kinds[i].Key.Text}' beside '{kinds[0].Key.Text}' (begin a new item with '- ')");
        if (kinds.Count != 1)
            return false;
        var kind = KindOf(kinds[0])!;
        foreach (var entry in mapping.Entries)
        {
            var key = entry.Key.Text;
            if (AllKeys.Contains(key) && key != Optional && entry != kinds[0] && !kind.With.Contains(key))
                problems.Add(entry.Key, $"'{key}' does not go with '{kind.Name}'{(kind.With.Count == 0 ? "" : $" (one of: {string.Join(", ", kind.With)})")}");
        }
        return true;
    }

    private Condition? Read(MappingEntry kind, MappingNode item)
    {
        var (key, value) = (kind.Key.Text, kind.Value);
        return key switch
        {
            "exists" => PathValues.Path(key, value, problems) is { } path ? new ExistsCondition(path) : null,
            "absent" => PathValues.Path(key, value, problems) is { } path ? new AbsentCondition(path) : null,
            "link" => ReadLink(key, value, item),
            "attribute" => Both(PathValues.Path(key, value, problems), TestReader.Value(kind.Key, item, problems), (p, t) => new AttributeCondition(p, t)),
            "property" => Both(Values.Property(key, value, problems), TestReader.Value(kind.Key, item, problems), (p, t) => new PropertyCondition(p, t)),
            "count" => TestReader.Count(PathValues.Glob(key, value, problems), kind.Key, item, problems),
            "stable" => ReadStable(key, value),
            "deviceNode" => Values.True(key, value, problems) is null ? null : new DeviceNodeCondition(),
            "udev" => Values.True(key, value, problems) is null ? null : new UdevCondition(),
            "any" => ReadList(key, value) is { } items ? new AnyCondition(items) : null,
            "all" => ReadList(key, value) is { } items ? new AllCondition(items) : null,
            "not" => Read(value, isItem: false) is { } inner ? new NotCondition(inner) : null,
            _ => throw new InvalidOperationException($"no reader for the condition '{key}'"),
        };
    }

    private LinkCondition? ReadLink(string key, RuleNode value, MappingNode item)
    {
        var path = PathValues.Path(key, value, problems);
        var target = item.Entries.FirstOrDefault(e => e.Key.Text == "target");
        var glob = target is null ? null : Values.Pattern("target", target.Value, problems, Impossible.InName);
        return path is null || (glob is null && target is not null) ? null : new LinkCondition(path, glob);
    }

    private StableCondition? ReadStable(string key, RuleNode value)
    {
        if (MappingReader.Of($"'{key}'", value, RuleSchema.StableKeys, problems) is not { } mapping)
            return null;
        foreach (var missing in RuleSchema.Names(RuleSchema.StableKeys).Where(k => mapping[k] is null))
            problems.Add(mapping.Node, $"'stable' needs '{missing}'");
        var usec = mapping["for"] is { } time ? Values.Usec("for", time.Value, problems) : null;
        var globs = mapping["paths"] is { } paths ? ListValues.List("paths", paths.Value, problems, PathValues.Glob) : [];
        if (usec >= timeoutUsec)
            problems.Add(mapping["for"]!.Value, $"for: {Duration.Format(usec.Value)} is not shorter than the timeout ({Duration.Format(timeoutUsec)})");
        return usec is null || globs.Count == 0 ? null : new StableCondition(usec.Value, globs);
    }

    private IReadOnlyList<Condition>? ReadList(string key, RuleNode value)
    {
        var items = ListValues.List(key, value, problems, (_, node, _) => Read(node, isItem: false));
        return items.Count == 0 ? null : items;
    }

    private static SchemaCondition? KindOf(MappingEntry entry) => RuleSchema.Conditions.FirstOrDefault(c => c.Name == entry.Key.Text);

    private static Condition? Both(string? name, ValueTest? test, Func<string, ValueTest, Condition> make) =>
        name is null || test is null ? null : make(name, test);
}
