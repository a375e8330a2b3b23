using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>A device that a scan found.</summary>
/// <param name="Path">Its path below the root, with a leading slash: the kernel's bytes, which need not be UTF-8 (dev_valid_name()).</param>
/// <param name="Subsystem">Last component of its <c>subsystem</c> link.</param>
/// <param name="Instance">The device's instance.</param>
/// <param name="Uevent">Content of its <c>uevent</c> file: lines of KEY=VALUE. Empty if it could not be read.</param>
internal sealed record ScannedDevice(byte[] Path, string Subsystem, DeviceInstance Instance, byte[] Uevent)
{
    /// <summary>The path as text.</summary>
    public string DevPath { get; } = KernelText.Decode(Path);

    /// <summary>Last component of the devpath.</summary>
    public string SysName => DevPath[(DevPath.LastIndexOf('/') + 1)..];

    /// <summary>The value of a key in the <c>uevent</c> file, or null.</summary>
    public string? Property(string key)
    {
        foreach (var line in System.Text.Encoding.UTF8.GetString(Uevent).Split('\n'))
        {
            if (line.Length > key.Length && line[key.Length] == '=' && line.StartsWith(key, StringComparison.Ordinal))
                return line[(key.Length + 1)..];
        }
        return null;
    }
}
