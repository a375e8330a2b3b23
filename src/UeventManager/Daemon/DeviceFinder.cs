using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;
using UeventManager.Sysfs;

namespace UeventManager.Daemon;

/// <summary>Finds a device by any form of its name: devpath, <c>/sys/…</c>, <c>/dev/…</c>, <c>subsystem:sysname</c>.</summary>
internal sealed class DeviceFinder(DeviceTree devices, SysfsTree tree, DaemonOptions options)
{
    /// <summary>The device, also one that waits; null if it is not known.</summary>
    public Device? Find(string name)
    {
        if (DevPathOf(name) is { } devPath)
            return DevPaths.IsValid(Encoding.UTF8.GetBytes(devPath)) ? devices.Find(Encoding.UTF8.GetBytes(devPath)) : null;
        var dev = options.Dev.TrimEnd('/') + "/";
        if (name.StartsWith(dev, StringComparison.Ordinal))
            return devices.All().FirstOrDefault(d => PropertiesOf(d).Text("DEVNAME") is { } node && (node == name[dev.Length..] || node == name));
        var colon = name.IndexOf(':');
        if (colon <= 0)
            return null;
        var (subsystem, sysName) = (name[..colon], name[(colon + 1)..]);
        return devices.All().FirstOrDefault(d => d.Subsystem == subsystem && d.SysName == sysName);
    }

    /// <summary>The devpath that a path means; null if it is another form.</summary>
    public string? DevPathOf(string name)
    {
        if (name.StartsWith("/devices/", StringComparison.Ordinal) || name.Length > DevPaths.MaxLength)
            return name.TrimEnd('/');
        var root = Path.GetFullPath(options.Sysfs).TrimEnd('/');
        var path = name.StartsWith(root + "/", StringComparison.Ordinal) ? name[root.Length..]
            : name.StartsWith("/sys/", StringComparison.Ordinal) ? name[4..]
            : null;
        // Below class and bus, devices are symlinks to where they are. The tree's own resolver never leaves the tree.
        return path is null || path.Contains('\0') ? path : TreePath.Resolve(tree, "/", path.Trim('/'), followLast: true, out _) ?? path;
    }

    private static PropertyBuffer PropertiesOf(Device device) =>
        device.State != DeviceState.Announced && device.Wait is { Events.Count: > 0 } wait ? wait.Events[0].Properties : device.Properties;
}
