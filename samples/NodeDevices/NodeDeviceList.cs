using UeventManager.Client;

namespace NodeDevices;

/// <summary>Node devices by libvirt's names, with the parent that each has in the list.</summary>
/// <param name="tell">Gets a line for each device that is created, updated or deleted.</param>
internal sealed class NodeDeviceList(Action<string> tell)
{
    private readonly Dictionary<string, string> _namesByDevpath = new(StringComparer.Ordinal);

    /// <summary>The subsystems that libvirt has capabilities for.</summary>
    public static DeviceFilter Wanted { get; } = new()
    {
        Subsystems = ["pci", "usb", "net", "block", "scsi", "scsi_host", "scsi_target", "scsi_generic", "drm", "mdev", "ccw", "css", "vdpa", "ap"],
    };

    /// <summary>Brings the list to where the table is.</summary>
    public void Apply(IReadOnlyList<DeviceDifference> differences)
    {
        foreach (DeviceDifference one in differences)
        {
            if (one.Kind == DifferenceKind.Moved && _namesByDevpath.Remove(one.Before!.DevPath, out string? name))
                _namesByDevpath[one.Device.DevPath] = name;
            if (one.Kind == DifferenceKind.Removed)
                Delete(one.Device.DevPath);
            else
                Keep(one.Device);
        }
    }

    /// <summary>libvirt's name: the capability, the name, and what tells it from another of that name; everything else than letters and digits is <c>_</c>.</summary>
    public static string NameOf(UeventDevice device)
    {
        string name = device.Subsystem switch
        {
            "net" => $"net_{device.SysName}_{device.Attributes?.GetValueOrDefault("address") ?? ""}",
            "block" => $"block_{device.SysName}_{device.Properties.GetValueOrDefault("ID_SERIAL") ?? ""}",
            "usb" when device.DevType == "usb_interface" => $"usb_{device.SysName}",
            _ => $"{device.Subsystem}_{device.SysName}",
        };
        return string.Concat(name.TrimEnd('_').Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
    }

    private void Keep(UeventDevice device)
    {
        string name = NameOf(device);
        string? before = _namesByDevpath.GetValueOrDefault(device.DevPath);
        _namesByDevpath[device.DevPath] = name;
        if (before is not null && before != name)
            tell($"deleted {before}");
        tell($"{(before == name ? "updated" : "created")} {name} parent {ParentOf(device)}");
    }

    private void Delete(string devpath)
    {
        if (_namesByDevpath.Remove(devpath, out string? name))
            tell($"deleted {name}");
    }

    // The nearest device above that is in the list; parents come before their children, so it is known.
    private string ParentOf(UeventDevice device)
    {
        for (string path = Above(device.DevPath); path.Length > 0; path = Above(path))
        {
            if (_namesByDevpath.TryGetValue(path, out string? name))
                return name;
        }
        return "computer";
    }

    private static string Above(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}
