namespace UeventManager.Core.Recording;

/// <summary>A device as a umockdev description has it.</summary>
/// <param name="devPath">Its devpath.</param>
public sealed class DescribedDevice(string devPath)
{
    /// <summary>Its devpath.</summary>
    public string DevPath => devPath;

    /// <summary>Its properties, udev's among them: the description does not tell them apart.</summary>
    public List<(string Key, string Value)> Properties { get; } = [];

    /// <summary>Its attributes, by names relative to the device.</summary>
    public List<(string Name, byte[] Value)> Attributes { get; } = [];

    /// <summary>Its symbolic links, by names relative to the device, and what stands in them.</summary>
    public List<(string Name, string Target)> Links { get; } = [];

    /// <summary>Links of udev to its node, without <c>/dev/</c>.</summary>
    public List<string> NodeLinks { get; } = [];

    /// <summary>Its subsystem, or null.</summary>
    public string? Subsystem => Property("SUBSYSTEM");

    /// <summary>A property, or null.</summary>
    public string? Property(string key) => Properties.Find(one => one.Key == key).Value;

    /// <summary>
    /// Whether udev has made a property, and not the kernel: by its name, which is all that there is to tell it by. What neither this list has nor the
    /// kernel makes passes for the kernel's.
    /// </summary>
    public static bool IsOfUdev(string key) =>
        key is "DEVLINKS" or "TAGS" or "CURRENT_TAGS" or "USEC_INITIALIZED" or "COLORD_DEVICE" or "COLORD_KIND" or "SOUND_INITIALIZED" or "GPHOTO2_DRIVER"
        || Array.Exists(s_prefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    private static readonly string[] s_prefixes = ["ID_", "SYSTEMD_", "UDEV_", "UDISKS_", "XKB", "LIBINPUT_", "DM_", "NM_", "MD_", "SCSI_", "MTP_", "PULSE_", "POWER_SUPPLY_FROM_", "KEYBOARD_", "MOUSE_", "POINTINGSTICK_", "FIND_MULTIPATHS", "UPOWER_", "BOLT_", "GPHOTO2", "CONSOLEKIT_", "ACL_"];
}
