namespace UeventManager.Commands.Arguments;

/// <summary>What a command selects by a filter, and so which keys of the one vocabulary have a meaning there.</summary>
internal enum FilterUse
{
    /// <summary>Devices that the daemon knows.</summary>
    Devices,

    /// <summary>Devices as sysfs and udev's database show them.</summary>
    Sysfs,

    /// <summary>Events, each by itself.</summary>
    Events,

    /// <summary>Events, and gaps among them, of devices that begin to fit and cease to.</summary>
    Runs,

    /// <summary>The kernel's uevents, to which nothing is attached.</summary>
    Kernel,

    /// <summary>Events that are shown, each by itself and without the devices above.</summary>
    Shown,

    /// <summary>Devices by what their uevents say, from their add on.</summary>
    Recorded,
}

/// <summary>The keys of filters.</summary>
internal static class FilterKeys
{
    /// <summary>Before the name of a property of the device.</summary>
    public const string Property = "property";

    /// <summary>Before the name of an attribute.</summary>
    public const string Attribute = "attribute";

    /// <summary>Before the name of what the event carries.</summary>
    public const string Variable = "variable";

    private static readonly string[] s_plain = ["subsystem", "devtype", "devpath", "sysname", "driver", "action", "tag", "parent"];
    private static readonly string[] s_named = [Property, Attribute, Variable];

    /// <summary>All of them, those with a name as <c>property:</c>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_plain, .. s_named.Select(static key => key + ":")];

    /// <summary>Those that a command has.</summary>
    public static IReadOnlyList<string> Of(FilterUse use) => [.. All.Where(key => Refusal(key.TrimEnd(':'), use) is null)];

    /// <summary>True if a name and a colon come before the equals sign.</summary>
    public static bool IsNamed(string key) => s_named.Contains(key);

    /// <summary>Those that a command has, as a list for people.</summary>
    public static string Hint(FilterUse use) =>
        $"{string.Join(", ", Of(use).Select(static key => key.EndsWith(':') ? key + "NAME" : key))}, or a property in capitals";

    /// <summary>Why a command has no use for a key, or null.</summary>
    public static string? Refusal(string key, FilterUse use) => (key, use) switch
    {
        ("action" or Variable, FilterUse.Devices) => $"'{key}' selects events, and here devices are selected",
        ("action" or Variable, FilterUse.Sysfs) => $"'{key}' selects events, and here devices are selected; --action says what is sent",
        ("parent", FilterUse.Shown) => "'parent' asks what is above a device, which an event does not tell; --filter does",
        ("tag" or "parent" or Attribute, FilterUse.Kernel) => $"'{key}' is nothing that a uevent of the kernel carries; settled events do",
        ("action" or Variable, FilterUse.Recorded) => $"'{key}' selects events, and here devices are selected",
        ("tag" or "parent" or Attribute, FilterUse.Recorded) => $"'{key}' is nothing that a device's uevents carry",
        _ => null,
    };
}
