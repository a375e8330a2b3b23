namespace UeventManager.RuleFiles;

/// <summary>A mapping with known keys: the others are reported.</summary>
internal sealed class MappingReader
{
    private MappingReader(MappingNode node) => Node = node;

    /// <summary>The mapping.</summary>
    public MappingNode Node { get; }

    /// <summary>The entry of a key, or null.</summary>
    public MappingEntry? this[string key] => Node.Entries.FirstOrDefault(e => e.Key.Text == key);

    /// <summary>Reads a mapping, or null after a problem.</summary>
    /// <param name="name">What it is the value of, for a message.</param>
    /// <param name="node">The value.</param>
    /// <param name="keys">The keys it may have.</param>
    /// <param name="problems">Where mistakes go.</param>
    public static MappingReader? Of(string name, RuleNode node, IReadOnlyList<SchemaKey> keys, ProblemList problems)
    {
        var allowed = RuleSchema.Names(keys);
        if (node is not MappingNode mapping)
        {
            problems.Add(node, $"{name} must be a mapping, not {node.Kind} (its keys: {string.Join(", ", allowed)})");
            return null;
        }
        foreach (var entry in mapping.Entries.Where(e => !allowed.Contains(e.Key.Text)))
            problems.Add(entry.Key, UnknownKey.Describe(entry.Key.Text, allowed));
        return new MappingReader(mapping);
    }
}
