using UeventManager.Core.Rules;

namespace UeventManager.RuleFiles;

/// <summary>Reads one condition: a mapping with exactly one key for its kind.</summary>
/// <param name="timeoutUsec">The rule's timeout, which bounds the durations inside.</param>
/// <param name="problems">Receives errors.</param>
internal sealed class ConditionReader(long timeoutUsec, ProblemList problems)
{
    private const string Optional = "optional";

    private static readonly string[] AllKeys =
        [.. RuleSchema.Conditions.Select(c => c.Name).Concat(RuleSchema.Conditions.SelectMany(c => RuleSchema.Names(c.With))).Distinct(), Optional];

    private int _count;

    /// <summary>A direct item of <c>wait</c>, or null after a problem.</summary>
    public WaitItem? ReadItem(RuleNode node)
    {
        var optional = (node as MappingNode)?.Entries.FirstOrDefault(e => e.Key.Text == Optional);
        var optionalUsec = optional is null ? null : Values.Usec(Optional, optional.Value, problems);
        CheckShorter(optional, optionalUsec);
        return Read(node, isItem: true) is { } condition ? new WaitItem(condition, optionalUsec) : null;
    }

    private void CheckShorter(MappingEntry? entry, long? usec)
    {
        if (usec >= timeoutUsec)
        {
            var (asked, timeout) = (Duration.Format(usec.Value), Duration.Format(timeoutUsec));
            problems.Add(entry!.Value, $"{entry.Key.Text}: {asked} is not shorter than the timeout ({timeout})");
        }
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
        if (++_count == RuleSchema.MaxConditions + 1)
            problems.Add(node, $"more than {RuleSchema.MaxConditions} conditions in one rule, including those inside 'any', 'all' and 'not' (write several rules)");
        var kinds = mapping.Entries.Where(e => KindOf(e) is not null).ToList();
        CheckKeys(mapping, kinds, isItem);
        return kinds.Count == 1 ? Read(kinds[0], mapping) : null;
    }

    private void CheckKeys(MappingNode mapping, List<MappingEntry> kinds, bool isItem)
    {
        var unknown = mapping.Entries.Where(e => !AllKeys.Contains(e.Key.Text)).ToList();
        foreach (var entry in unknown)
            problems.Add(entry.Key, UnknownKey.Describe(entry.Key.Text, AllKeys));
        if (!isItem && mapping.Entries.FirstOrDefault(e => e.Key.Text == Optional) is { } optional)
            problems.Add(optional.Key, "'optional' is allowed only in a direct item of 'wait', not inside 'any', 'all' or 'not'");
        if (kinds.Count == 0 && unknown.Count == 0)
            problems.Add(mapping, $"no condition here (one of: {string.Join(", ", RuleSchema.Conditions.Select(c => c.Name))})");
        foreach (var (key, _) in kinds.Skip(1))
            problems.Add(key, $"a second condition in one item, '{key.Text}' beside '{kinds[0].Key.Text}' (begin a new item with '- ')");
        if (kinds.Count != 1)
            return;
        var kind = KindOf(kinds[0])!;
        var with = RuleSchema.Names(kind.With);
        var allowed = kind.With.Count == 0 ? "" : $" (one of: {string.Join(", ", with)})";
        foreach (var (key, _) in mapping.Entries.Except([kinds[0], .. unknown]))
        {
            if (key.Text != Optional && !with.Contains(key.Text))
                problems.Add(key, $"'{key.Text}' is not allowed with '{kind.Name}'{allowed}");
        }
    }

    private Condition? Read(MappingEntry kind, MappingNode item)
    {
        var (key, value) = (kind.Key.Text, kind.Value);
        return key switch
        {
            "exists" => PathValues.Path(key, value, problems) is { } path ? new ExistsCondition(path) : null,
            "absent" => PathValues.Path(key, value, problems) is { } path ? new AbsentCondition(path) : null,
            "link" => ReadLink(key, value, item),
            "attribute" => Tested(PathValues.Path(key, value, problems), kind.Key, item, (p, test) => new AttributeCondition(p, test)),
            "property" => Tested(Values.Property(key, value, problems), kind.Key, item, (n, test) => new PropertyCondition(n, test)),
            "count" => TestReader.Count(PathValues.Glob(key, value, problems), kind.Key, item, problems),
            "stable" => ReadStable(key, value),
            "deviceNode" => Values.True(key, value, problems) is null ? null : new DeviceNodeCondition(),
            "udev" => ReadUdev(kind),
            "any" => ReadList(key, value) is { } items ? new AnyCondition(items) : null,
            "all" => ReadList(key, value) is { } items ? new AllCondition(items) : null,
            "not" => ReadNot(value),
            _ => throw new InvalidOperationException($"no reader for the condition '{key}'"),
        };
    }

    private NotCondition? ReadNot(RuleNode value)
    {
        if (value is not ListNode)
            return Read(value, isItem: false) is { } inner ? new NotCondition(inner) : null;
        problems.Add(value, "'not' takes one condition, not a list (write 'not: {any: [...]}')");
        return null;
    }

    private LinkCondition? ReadLink(string key, RuleNode value, MappingNode item)
    {
        var path = PathValues.Path(key, value, problems);
        var target = item.Entries.FirstOrDefault(e => e.Key.Text == "target");
        var glob = target is null ? null : Values.Pattern("target", target.Value, problems, Impossible.InName);
        return path is null || (glob is null && target is not null) ? null : new LinkCondition(path, glob);
    }

    // 'true', or a property of udev's with its test.
    private Condition? ReadUdev(MappingEntry kind)
    {
        var (key, value) = (kind.Key.Text, kind.Value);
        if (value is not MappingNode inner)
            return Values.True(key, value, problems) is null ? null : new UdevCondition();
        if (MappingReader.Of($"'{key}'", inner, RuleSchema.UdevKeys, problems)!["property"] is not { } property)
        {
            problems.Add(value, $"'{key}' needs 'true', or a property and a test ('udev: {{property: ID_FS_TYPE, notEmpty: true}}')");
            return null;
        }
        return Tested(Values.Property("property", property.Value, problems), property.Key, inner, (name, test) => new UdevPropertyCondition(name, test));
    }

    private StableCondition? ReadStable(string key, RuleNode value)
    {
        if (MappingReader.Of($"'{key}'", value, RuleSchema.StableKeys, problems) is not { } mapping)
            return null;
        foreach (var missing in RuleSchema.Names(RuleSchema.StableKeys.Where(k => k.IsRequired && mapping[k.Name] is null)))
            problems.Add(mapping.Node, $"'stable' needs '{missing}' ('stable: {{for: 50ms, paths: [\"queues/*\"]}}')");
        var usec = mapping["for"] is { } time ? Values.Usec("for", time.Value, problems) : null;
        var globs = mapping["paths"] is { } paths ? ListValues.List("paths", paths.Value, problems, PathValues.Glob) : [];
        CheckShorter(mapping["for"], usec);
        return usec is null || globs.Count == 0 ? null : new StableCondition(usec.Value, globs);
    }

    private IReadOnlyList<Condition>? ReadList(string key, RuleNode value)
    {
        var items = ListValues.List(key, value, problems, (_, node, _) => Read(node, isItem: false));
        return items.Count == 0 ? null : items;
    }

    private static SchemaCondition? KindOf(MappingEntry entry) => RuleSchema.Conditions.FirstOrDefault(c => c.Name == entry.Key.Text);

    private Condition? Tested(string? name, TextNode kind, MappingNode item, Func<string, ValueTest, Condition> make) =>
        TestReader.Value(kind, item, problems) is { } test && name is not null ? make(name, test) : null;
}
