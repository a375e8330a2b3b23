namespace UeventManager.Core.Ordering;

/// <summary>The findings of a deciding look, apart from the device's properties.</summary>
/// <param name="Settled">False only for an event that was delivered at its timeout or by hand.</param>
/// <param name="Rule">Name of the rule in force, or null.</param>
/// <param name="Missing">Conditions that did not hold; null if none.</param>
/// <param name="Attributes">The attached attributes that could be read; null if none.</param>
/// <param name="Links">The targets of attached links, as devpaths if they are devices; null if none.</param>
public sealed record Findings(
    bool Settled,
    string? Rule,
    IReadOnlyList<string>? Missing,
    IReadOnlyList<KeyValuePair<string, string>>? Attributes,
    IReadOnlyList<KeyValuePair<string, string>>? Links)
{
    /// <summary>No rule and no answers.</summary>
    public static Findings None { get; } = new(true, null, null, null, null);
}
