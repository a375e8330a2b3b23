namespace UeventManager.Core.Rules;

/// <summary>A rule file as it was read.</summary>
/// <param name="File">The path.</param>
/// <param name="Text">The content.</param>
public sealed record RuleSource(string File, string Text);
