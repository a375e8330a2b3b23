namespace UeventManager.RuleFiles;

/// <summary>Describes a key that is unknown at its place.</summary>
internal static class UnknownKey
{
    private static readonly (string Place, string[] Keys)[] Homes =
    [
        ("at the top of the file", [.. RuleSchema.Names(RuleSchema.FileKeys)]),
        ("in a rule", [.. RuleSchema.Names(RuleSchema.RuleKeys)]),
        ("in 'match'", [.. RuleSchema.Names(RuleSchema.MatchKeys)]),
        ("in an item of 'wait'", [.. RuleSchema.Names(RuleSchema.ItemKeys), .. RuleSchema.Conditions.Select(c => c.Name)]),
        ("in 'attach'", [.. RuleSchema.Names(RuleSchema.AttachKeys)]),
        ("in 'group'", [.. RuleSchema.Names(RuleSchema.GroupKeys)]),
        ("in 'stable'", [.. RuleSchema.Names(RuleSchema.StableKeys)]),
    ];

    /// <summary>Names the key with the right word, its right place, or all allowed keys.</summary>
    public static string Describe(string key, IEnumerable<string> allowed)
    {
        // Everywhere else a name is `name`; a device's is the kernel's word.
        if (key == "name" && allowed.Contains("sysname"))
            return $"unknown key {Quoted.Of(key)} (did you mean 'sysname'?)";
        var homes = Homes.Where(h => h.Keys.Contains(key)).Select(h => h.Place).ToList();
        var hint = homes.Count > 0 ? $"it belongs {string.Join(" or ", homes)}" : Suggestion.For(key, allowed);
        return $"unknown key {Quoted.Of(key)} ({hint})";
    }
}
