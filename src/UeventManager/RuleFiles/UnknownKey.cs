namespace UeventManager.RuleFiles;

/// <summary>Says what is wrong with a key that does not exist where it stands.</summary>
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

    /// <summary>The key, and the right word, its right place, or all that is allowed.</summary>
    public static string Describe(string key, IEnumerable<string> allowed)
    {
        // Everywhere else a name is `name`; of a device it is the kernel's word.
        if (key == "name" && allowed.Contains("sysname"))
            return $"unknown key {Quoted.Of(key)} (did you mean 'sysname'?)";
        var homes = Homes.Where(h => h.Keys.Contains(key)).Select(h => h.Place).ToList();
        var hint = homes.Count > 0 ? $"it belongs {string.Join(" or ", homes)}" : Suggestion.For(key, allowed);
        return $"unknown key {Quoted.Of(key)} ({hint})";
    }
}
