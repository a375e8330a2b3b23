namespace UeventManager.RuleFiles;

/// <summary>A piece of a YAML document.</summary>
/// <param name="At">The start.</param>
internal abstract record RuleNode(Place At)
{
    /// <summary>The kind, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar. Numbers and booleans are texts too: the key determines their meaning.</summary>
/// <param name="At">The start.</param>
/// <param name="Text">The value.</param>
/// <param name="Plain">True if it was written without quotes.</param>
internal sealed record TextNode(Place At, string Text, bool Plain) : RuleNode(At)
{
    public override string Kind => IsNothing ? "nothing" : "a text";

    /// <summary>True if nothing was written (an explicit <c>""</c> is a text).</summary>
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

/// <summary>A node that was already reported, such as an alias: no further problem is reported.</summary>
internal sealed record BrokenNode(Place At) : RuleNode(At)
{
    public override string Kind => "broken";
}

/// <summary>A key and its value.</summary>
internal sealed record MappingEntry(TextNode Key, RuleNode Value);
