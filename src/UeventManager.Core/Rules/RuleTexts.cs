namespace UeventManager.Core.Rules;

/// <summary>A rule's conditions as text. Outlives the rule: after a reload, and over a restart of the daemon.</summary>
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
/// <param name="Text">The condition as text.</param>
/// <param name="IsOptional">True if it is required only for a while.</param>
public readonly record struct ItemText(string Text, bool IsOptional);
