using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Names;

/// <summary>Finds a known device by any form of its name.</summary>
internal sealed class DeviceFinder(DeviceTree devices, SysfsTree tree, DaemonOptions options) : DeviceNames(tree, options)
{
    /// <summary>The device, also one that waits; null if it is not known.</summary>
    public Device? Find(string name) =>
        (DevPathOf(name) is { } devPath ? new DeviceKey(DeviceKeyKind.Path, devPath).Find(devices) : null) ?? Resolve(name).Key.Find(devices);
}
