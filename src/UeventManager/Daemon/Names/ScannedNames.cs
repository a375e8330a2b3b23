using UeventManager.Core.Dispatch;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Names;

/// <summary>Names of devices that a scan found.</summary>
internal static class ScannedNames
{
    /// <summary>Whether a name belongs to this device.</summary>
    public static bool Is(this ScannedDevice device, DeviceKey key) => key.Kind switch
    {
        DeviceKeyKind.Path => device.DevPath == key.Text,
        DeviceKeyKind.Name => key.Text == $"{device.Subsystem}:{device.SysName}",
        DeviceKeyKind.Node => device.Property("DEVNAME") == key.Text,
        _ => key.Text == $"{(device.Subsystem == "block" ? "block" : "char")} {device.Property("MAJOR")}:{device.Property("MINOR")}",
    };
}
