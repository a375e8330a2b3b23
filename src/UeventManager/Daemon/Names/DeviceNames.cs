using Tmds.Linux;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Names;

/// <summary>Resolves a name: a devpath, <c>/sys/…</c>, <c>/dev/…</c> or <c>subsystem:sysname</c>.</summary>
internal sealed class DeviceNames(SysfsTree tree, DaemonOptions options)
{
    private readonly string _dev = options.Dev.TrimEnd('/') + "/";
    private readonly string _sysfs = Path.GetFullPath(options.Sysfs).TrimEnd('/');

    /// <summary>The present meaning of a name, and whether it is final: a path that does not exist may yet become a link.</summary>
    public (DeviceKey Key, bool IsFinal) Resolve(string name)
    {
        if (!name.StartsWith('/') || name.Length > DevPaths.MaxLength || name.Contains('\0'))
            return (new DeviceKey(name.StartsWith('/') ? DeviceKeyKind.Path : DeviceKeyKind.Name, name), true);
        foreach (var dev in new[] { _dev, "/dev/" })
        {
            if (name.StartsWith(dev, StringComparison.Ordinal))
                return NodeOf(name[dev.Length..]);
        }
        var parts = InSysfs(name)?.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            not null when parts.Contains("..") => PathOf(name),
            ["class", var subsystem, var sysName] => (new DeviceKey(DeviceKeyKind.Name, $"{subsystem}:{sysName}"), true),
            ["bus", var subsystem, "devices", var sysName] => (new DeviceKey(DeviceKeyKind.Name, $"{subsystem}:{sysName}"), true),
            ["block", var sysName] => (new DeviceKey(DeviceKeyKind.Name, $"block:{sysName}"), true),
            ["dev", "block" or "char", var number] => (new DeviceKey(DeviceKeyKind.Number, $"{parts[1]} {number}"), true),
            _ => PathOf(name),
        };
    }

    /// <summary>The known device of that name, also a waiting one; null if there is none.</summary>
    public Device? Find(string name, DeviceTree devices) =>
        (DevPathOf(name) is { } devPath ? new DeviceKey(DeviceKeyKind.Path, devPath).Find(devices) : null) ?? Resolve(name).Key.Find(devices);

    /// <summary>The devpath of a path; null for another form of name.</summary>
    public string? DevPathOf(string name)
    {
        if (name.StartsWith("/devices/", StringComparison.Ordinal) || name.Length > DevPaths.MaxLength)
            return name.TrimEnd('/');
        var path = InSysfs(name);
        // Below class and bus, devices are symlinks to their directories. The tree's own resolver never leaves the tree.
        return path is null || path.Contains('\0') ? path : TreePath.Resolve(tree, "/", path.Trim('/'), followLast: true, out _) ?? path;
    }

    private string? InSysfs(string name)
    {
        return name.StartsWith(_sysfs + "/", StringComparison.Ordinal) ? name[_sysfs.Length..]
            : name.StartsWith("/sys/", StringComparison.Ordinal) ? name[4..]
            : null;
    }

    /// <summary>False for a text of none of these forms: no device can have it.</summary>
    public bool IsName(string name) => name.StartsWith('/')
        ? name.StartsWith("/devices/", StringComparison.Ordinal) || name.StartsWith("/dev/", StringComparison.Ordinal)
            || name.StartsWith(_dev, StringComparison.Ordinal) || InSysfs(name) is not null
        : name.IndexOf(':') is > 0 and var colon && colon < name.Length - 1;

    // A link's target is the name's meaning only until the link changes, as /sys/class/tty/ttyUSB0/device after a reset; and a missing path may
    // become a link. A devpath is the device itself.
    private (DeviceKey Key, bool IsFinal) PathOf(string name)
    {
        var devPath = DevPathOf(name) ?? name;
        var isFinal = InSysfs(name) is { } path
            ? devPath == path.TrimEnd('/') && devPath.StartsWith("/devices/", StringComparison.Ordinal) && TreePath.Exists(tree, devPath)
            : devPath.StartsWith("/devices/", StringComparison.Ordinal);
        return (new DeviceKey(DeviceKeyKind.Path, devPath), isFinal);
    }

    // udev's links below /dev come and go without a uevent. They are followed only within the root.
    private (DeviceKey Key, bool IsFinal) NodeOf(string node)
    {
        using var dev = SysfsTree.TryOpen(_dev);
        var errno = 0;
        if (dev is null || TreePath.Resolve(dev, "/", node, followLast: true, out errno) is not { } path)
            return (new DeviceKey(DeviceKeyKind.Node, node), errno == LibC.ENAMETOOLONG);
        // A link may have another target a moment later.
        return (new DeviceKey(DeviceKeyKind.Node, path[1..]), path[1..] == node && TreePath.Exists(dev, path));
    }
}
