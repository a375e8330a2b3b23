namespace UeventManager.RuleFiles;

/// <summary>A mapping with known keys; unknown ones are reported.</summary>
internal sealed class MappingReader
{
    private MappingReader(MappingNode node) => Node = node;

    /// <summary>The mapping.</summary>
    public MappingNode Node { get; }

    /// <summary>The entry of a key, or null.</summary>
    public MappingEntry? this[string key] => Node.Entries.FirstOrDefault(e => e.Key.Text == key);

    /// <summary>Reads a mapping, or null after a problem.</summary>
    /// <param name="name">The mapping's name, for messages.</param>
    /// <param name="node">The value.</param>
    /// <param name="keys">The allowed keys.</param>
    /// <param name="problems">Receives errors.</param>
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
