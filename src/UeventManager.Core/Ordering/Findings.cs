namespace UeventManager.Core.Ordering;

/// <summary>What a deciding look found out about a device beyond its properties.</summary>
/// <param name="Settled">False only for an event that was delivered at its timeout or by hand.</param>
/// <param name="Rule">Name of the rule in force, or null.</param>
/// <param name="Missing">Conditions that did not hold; null if none.</param>
/// <param name="Attributes">What the rule attaches, without what could not be read; null if nothing.</param>
/// <param name="Links">Where the links lead, as devpaths where they lead to devices; null if nothing.</param>
public sealed record Findings(
    bool Settled,
    string? Rule,
    IReadOnlyList<string>? Missing,
    IReadOnlyList<KeyValuePair<string, string>>? Attributes,
    IReadOnlyList<KeyValuePair<string, string>>? Links)
{
    /// <summary>No rule, nothing read.</summary>
    public static Findings None { get; } = new(true, null, null, null, null);
}
