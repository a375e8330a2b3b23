namespace UeventManager.Core.Recording;

/// <summary>A device of a umockdev description.</summary>
/// <param name="devPath">Its devpath.</param>
public sealed class DescribedDevice(string devPath)
{
    /// <summary>Its devpath.</summary>
    public string DevPath => devPath;

    /// <summary>Its properties. The description does not tell those of the kernel from those of udev.</summary>
    public List<(string Key, string Value)> Properties { get; } = [];

    /// <summary>Its attributes; names are relative to the device.</summary>
    public List<(string Name, byte[] Value)> Attributes { get; } = [];

    /// <summary>Its symbolic links with their targets; names are relative to the device.</summary>
    public List<(string Name, string Target)> Links { get; } = [];

    /// <summary>The links that udev makes to its node, without <c>/dev/</c>.</summary>
    public List<string> NodeLinks { get; } = [];

    /// <summary>Its subsystem, or null.</summary>
    public string? Subsystem => Property("SUBSYSTEM");

    /// <summary>A property, or null.</summary>
    public string? Property(string key) => Properties.Find(one => one.Key == key).Value;

    /// <summary>
    /// Whether a property is udev's rather than the kernel's. Only its name can tell; a property of udev that is not listed here passes for the
    /// kernel's.
    /// </summary>
    public static bool IsOfUdev(string key) =>
        key is "DEVLINKS" or "TAGS" or "CURRENT_TAGS" or "USEC_INITIALIZED" or "COLORD_DEVICE" or "COLORD_KIND" or "SOUND_INITIALIZED" or "GPHOTO2_DRIVER"
        || Array.Exists(s_prefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    private static readonly string[] s_prefixes = ["ID_", "SYSTEMD_", "UDEV_", "UDISKS_", "XKB", "LIBINPUT_", "DM_", "NM_", "MD_", "SCSI_", "MTP_", "PULSE_", "POWER_SUPPLY_FROM_", "KEYBOARD_", "MOUSE_", "POINTINGSTICK_", "FIND_MULTIPATHS", "UPOWER_", "BOLT_", "GPHOTO2", "CONSOLEKIT_", "ACL_"];
}
