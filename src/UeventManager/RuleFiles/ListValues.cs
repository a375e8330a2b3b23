namespace UeventManager.RuleFiles;

/// <summary>Reads lists of values. Errors are reported; the valid items are returned.</summary>
internal static class ListValues
{
    /// <summary>Reads one item, given its key, its node, and the receiver of errors.</summary>
    public delegate T? ItemReader<T>(string key, RuleNode node, ProblemList problems) where T : class;

    /// <summary>Reads one value, or a list of values.</summary>
    public static IReadOnlyList<T> OneOrMore<T>(string key, RuleNode node, ProblemList problems, ItemReader<T> read) where T : class =>
        node is ListNode ? List(key, node, problems, read) : read(key, node, problems) is { } single ? [single] : [];

    /// <summary>Reads a list with at least one item and without duplicates.</summary>
    public static IReadOnlyList<T> List<T>(string key, RuleNode node, ProblemList problems, ItemReader<T> read) where T : class
    {
        if (node is not ListNode list)
        {
            problems.Add(node, node is TextNode { IsNothing: false } text
                ? $"'{key}' must be a list, not a text (write [{text.Text}])"
                : $"'{key}' must be a list, not {node.Kind}");
            return [];
        }
        if (list.Items.Count > RuleSchema.MaxItems)
            problems.Add(list.Items[RuleSchema.MaxItems], $"more than {RuleSchema.MaxItems} items in '{key}'");
        if (list.Items.Count == 0)
            problems.Add(node, $"'{key}' is an empty list");
        var seen = new HashSet<string>();
        var items = new List<T>();
        foreach (var item in list.Items)
        {
            if (item is TextNode { Text: var name } && !seen.Add(name))
                problems.Add(item, $"{Quoted.Of(name)} is in '{key}' twice");
            else if (read(key, item, problems) is { } value)
                items.Add(value);
        }
        return items;
    }
}
