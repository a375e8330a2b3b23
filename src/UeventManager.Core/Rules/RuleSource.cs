namespace UeventManager.Core.Rules;

/// <summary>A file of rules as it was read.</summary>
/// <param name="File">Its path.</param>
/// <param name="Text">What it said.</param>
public sealed record RuleSource(string File, string Text);
