namespace UeventManager.Commands.Arguments;

/// <summary>The kinds of selection, which determine the keys that a filter may have.</summary>
internal enum FilterUse
{
    /// <summary>Devices that the daemon knows.</summary>
    Devices,

    /// <summary>Devices in sysfs and udev's database.</summary>
    Sysfs,

    /// <summary>Events, each on its own.</summary>
    Events,

    /// <summary>Events and gaps, for devices that begin or cease to match.</summary>
    Runs,

    /// <summary>The kernel's uevents, which have no attachments.</summary>
    Kernel,

    /// <summary>Displayed events, each on its own and without ancestors.</summary>
    Shown,

    /// <summary>Devices by their uevents, from their add on.</summary>
    Recorded,
}

/// <summary>The keys of filters.</summary>
internal static class FilterKeys
{
    /// <summary>The prefix of a device property's name.</summary>
    public const string Property = "property";

    /// <summary>The prefix of an attribute's name.</summary>
    public const string Attribute = "attribute";

    /// <summary>The prefix of an event property's name.</summary>
    public const string Variable = "variable";

    private static readonly string[] s_plain = ["subsystem", "devtype", "devpath", "sysname", "driver", "action", "tag", "parent"];
    private static readonly string[] s_named = [Property, Attribute, Variable];

    /// <summary>All keys; those with a name as <c>property:</c>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_plain, .. s_named.Select(static key => key + ":")];

    /// <summary>The keys for a kind of selection.</summary>
    public static IReadOnlyList<string> Of(FilterUse use) => [.. All.Where(key => Refusal(key.TrimEnd(':'), use) is null)];

    /// <summary>True if a name follows the key after a colon.</summary>
    public static bool IsNamed(string key) => s_named.Contains(key);

    /// <summary>The keys for a kind of selection, as a list for people.</summary>
    public static string Hint(FilterUse use) =>
        $"{string.Join(", ", Of(use).Select(static key => key.EndsWith(':') ? key + "NAME" : key))}, or a property in capitals";

    /// <summary>Why a key cannot be used for a kind of selection, or null.</summary>
    public static string? Refusal(string key, FilterUse use) => (key, use) switch
    {
        ("action" or Variable, FilterUse.Devices) => $"'{key}' selects events, and here devices are selected",
        ("action" or Variable, FilterUse.Sysfs) => $"'{key}' selects events, and here devices are selected; --action selects the action to send",
        ("parent", FilterUse.Shown) => "'parent' tests ancestors, which an event does not contain; use it in --filter",
        ("tag" or "parent" or Attribute, FilterUse.Kernel) => $"the kernel's uevents have no '{key}'; settled events do",
        ("action" or Variable, FilterUse.Recorded) => $"'{key}' selects events, and here devices are selected",
        ("tag" or "parent" or Attribute, FilterUse.Recorded) => $"uevents have no '{key}'",
        _ => null,
    };
}
