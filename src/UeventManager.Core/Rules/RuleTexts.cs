namespace UeventManager.Core.Rules;

/// <summary>What a rule waits for, as it is told to people. Outlives the rule: after a reload, and over a restart of the daemon.</summary>
/// <param name="name">The rule's name.</param>
/// <param name="items">The items of its <c>wait</c>, in order.</param>
public sealed class RuleTexts(string name, IReadOnlyList<ItemText> items)
{
    /// <summary>The rule's name.</summary>
    public string Name { get; } = name;

    /// <summary>The items of its <c>wait</c>, in order.</summary>
    public IReadOnlyList<ItemText> Items { get; } = items;
}

/// <summary>One item of a rule's <c>wait</c>.</summary>
/// <param name="Text">What it asks.</param>
/// <param name="IsOptional">True if it is only required for a while.</param>
public readonly record struct ItemText(string Text, bool IsOptional);
