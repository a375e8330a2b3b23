namespace UeventManager.RuleFiles;

/// <summary>A piece of a YAML document.</summary>
/// <param name="At">Where it begins.</param>
internal abstract record RuleNode(Place At)
{
    /// <summary>What it is, for a message.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar. Numbers and booleans are texts too: what they mean is up to the key.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Text">The value.</param>
/// <param name="Plain">Written without quotes.</param>
internal sealed record TextNode(Place At, string Text, bool Plain) : RuleNode(At)
{
    public override string Kind => IsNothing ? "nothing" : "a text";

    /// <summary>Nothing was written at all (an explicit <c>""</c> is something).</summary>
    public bool IsNothing => Plain && Text.Length == 0;
}

/// <summary>A list.</summary>
internal sealed record ListNode(Place At, IReadOnlyList<RuleNode> Items) : RuleNode(At)
{
    public override string Kind => "a list";
}

/// <summary>A mapping; its keys are distinct.</summary>
internal sealed record MappingNode(Place At, IReadOnlyList<MappingEntry> Entries) : RuleNode(At)
{
    public override string Kind => "a mapping";
}

/// <summary>Something that was already reported, such as an alias: nothing more is said about it.</summary>
internal sealed record BrokenNode(Place At) : RuleNode(At)
{
    public override string Kind => "broken";
}

/// <summary>A key and its value.</summary>
internal sealed record MappingEntry(TextNode Key, RuleNode Value);
