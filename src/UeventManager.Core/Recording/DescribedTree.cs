using System.Text;

namespace UeventManager.Core.Recording;

/// <summary>
/// Lays described devices out as sysfs does: <c>devices/…</c>, <c>class</c>, <c>bus</c>. No link leaves the tree and no entry lies behind a link, so
/// every file is written inside the directory that the user named.
/// </summary>
public sealed class DescribedTree
{
    private const int MaxPath = 3072;
    private const int MaxName = 255;
    private const int MostProblems = 20;

    // For devices without a driver, the description does not say that their subsystem is a bus.
    private static readonly string[] s_buses =
    [
        "acpi", "amba", "auxiliary", "bcma", "ccw", "cec", "clockevents", "clocksource", "container", "cpu", "css", "edac", "event_source", "gpio", "greybus", "hid", "i2c", "i3c", "ishtp",
        "machinecheck", "mdev", "mdio_bus", "media", "mei", "memory", "memory_tiering", "mmc", "ndctl", "node", "nvmem", "pci", "pci_express", "platform", "pnp", "pps", "rapidio", "rpmsg", "scsi", "sdio",
        "sdw", "serial", "serial-base", "serio", "slimbus", "soundwire", "spi", "spmi", "ssb", "thunderbolt", "typec", "ulpi", "umockdev", "usb", "usb-serial", "vdpa", "virtio", "vmbus", "wmi", "workqueue", "xen", "zorro",
    ];

    // By path without its first slash: null and null for a directory, else a file's content or a link's target.
    private readonly SortedDictionary<string, (byte[]? Content, string? Target)> _entries = new(StringComparer.Ordinal) { [""] = default };
    private readonly HashSet<string> _buses = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>Builds the tree.</summary>
    public DescribedTree(IReadOnlyList<DescribedDevice> devices)
    {
        foreach (var subsystem in devices.GroupBy(device => device.Subsystem ?? "").Where(group => IsName(group.Key) && group.Any(device => IsOfBus(device, group.Key))))
            _buses.Add(subsystem.Key);
        foreach (var top in (string[])["devices", "class", "bus"])
            Directory(top);
        foreach (var device in devices.OrderBy(device => device.DevPath, StringComparer.Ordinal))
            Add(device);
        // sysfs has no dangling links, so a target that is not described becomes an empty directory.
        foreach (var (path, (_, target)) in _entries.Where(entry => entry.Value.Target is not null).ToList())
        {
            var place = Resolve(path, target!)!;
            if (!_entries.ContainsKey(place) && HasRoom(place))
                Directory(place);
        }
    }

    /// <summary>The entries, parents before children. Directories have neither content nor target.</summary>
    public IEnumerable<(string Path, byte[]? Content, string? Target)> Entries => _entries.Where(entry => entry.Key.Length > 0).Select(entry => (entry.Key, entry.Value.Content, entry.Value.Target));

    /// <summary>The entries that were left out, with the reasons; only the first ones.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The number of entries that were left out.</summary>
    public int ProblemCount { get; private set; }

    /// <summary>Whether a path can be a devpath.</summary>
    public static bool IsDevPath(string path) => path.StartsWith("/devices/", StringComparison.Ordinal) && IsRelative(path[1..]);

    private void Add(DescribedDevice device)
    {
        var at = device.DevPath[1..];
        if (!HasRoom(at) || !Directory(at))
        {
            Say($"{device.DevPath}: a link or a file is in its place");
            return;
        }
        File($"{at}/uevent", Encoding.UTF8.GetBytes(string.Concat(device.Properties.Where(static one => one.Key != "SUBSYSTEM" && !DescribedDevice.IsOfUdev(one.Key)).Select(Line))), device);
        if (device.Subsystem is not { } subsystem || !IsName(subsystem))
            Say($"{device.DevPath}: it has no SUBSYSTEM, so it is not a device");
        else
            AddToSubsystem(at, subsystem, device);
        foreach (var (name, target) in device.Links)
        {
            if (name != "subsystem")
                Link($"{at}/{name}", name, target, device);
        }
        foreach (var (name, value) in device.Attributes)
        {
            if (name is not ("uevent" or "subsystem"))
                File($"{at}/{name}", value, device, name);
        }
    }

    // udevadm prints the whole path of a node, the kernel only the part below /dev.
    private static string Line((string Key, string Value) property) =>
        property is { Key: "DEVNAME", Value: ['/', 'd', 'e', 'v', '/', .. var node] } ? $"DEVNAME={node}\n" : $"{property.Key}={property.Value}\n";

    private void AddToSubsystem(string at, string subsystem, DescribedDevice device)
    {
        var home = _buses.Contains(subsystem) ? $"bus/{subsystem}" : $"class/{subsystem}";
        var index = _buses.Contains(subsystem) ? home + "/devices" : home;
        Directory(home);
        Directory(index);
        Link($"{at}/subsystem", "subsystem", Up(at) + home, device);
        var name = at[(at.LastIndexOf('/') + 1)..];
        if (!_entries.ContainsKey($"{index}/{name}"))
            Link($"{index}/{name}", name, string.Concat(Enumerable.Repeat("../", index.Count(c => c == '/') + 1)) + at, device);
    }

    // The relative path from a directory to the root.
    private static string Up(string directory) => string.Concat(Enumerable.Repeat("../", directory.Count(c => c == '/') + 1));

    private void File(string path, byte[] content, DescribedDevice device, string name = "uevent") => Place(path, name, (content, null), device);

    private void Link(string path, string name, string target, DescribedDevice device)
    {
        // Some programs write link targets as absolute paths below /sys.
        if (target.StartsWith("/sys/", StringComparison.Ordinal))
            target = Up(path[..path.LastIndexOf('/')]) + target[5..];
        if (target.Length == 0 || target.Length > MaxPath || target[0] == '/' || target.Contains('\0', StringComparison.Ordinal) || Resolve(path, target) is null)
            Say($"{device.DevPath}: the link {name} leads out of the tree");
        else
            Place(path, name, (null, target), device);
    }

    private void Place(string path, string name, (byte[]?, string?) entry, DescribedDevice device)
    {
        if (!IsRelative(name) || path.Length > MaxPath)
            Say($"{device.DevPath}: '{name}' cannot be the name of an entry");
        else if (_entries.ContainsKey(path) || !HasRoom(path))
            Say($"{device.DevPath}: {name}: it is given twice, or lies below something that is not a directory");
        else if (Directory(path[..path.LastIndexOf('/')]))
            _entries[path] = entry;
    }

    private bool Directory(string path)
    {
        if (_entries.TryGetValue(path, out var there))
            return there == default;
        if (path.LastIndexOf('/') is > 0 and var slash)
            Directory(path[..slash]);
        _entries[path] = default;
        return true;
    }

    // Whether every ancestor of a path is a directory, or does not exist yet.
    private bool HasRoom(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (_entries.TryGetValue(path[..slash], out var above) && above != default)
                return false;
        }
        return true;
    }

    // Resolves a link by its text alone; null if it leaves the tree.
    private static string? Resolve(string path, string target)
    {
        var names = new List<string>(path.Split('/').SkipLast(1));
        foreach (var name in target.Split('/'))
        {
            if (name is "" or ".")
                continue;
            if (name != "..")
                names.Add(name);
            else if (names.Count > 0)
                names.RemoveAt(names.Count - 1);
            else
                return null;
        }
        return string.Join('/', names) is var place && names.TrueForAll(IsName) && place.Length <= MaxPath ? place : null;
    }

    private static bool IsOfBus(DescribedDevice device, string subsystem)
    {
        if (device.Links.Exists(link => link.Name == "driver" && link.Target.Contains($"/bus/{subsystem}/drivers/", StringComparison.Ordinal)) || device.Property("DRIVER") is not null)
            return true;
        // The kernel puts a directory with the class's name between a device of a class and its parent.
        return Array.IndexOf(s_buses, subsystem) >= 0 && !device.DevPath.Contains($"/{subsystem}/", StringComparison.Ordinal);
    }

    private static bool IsRelative(string path) => path.Length <= MaxPath && Array.TrueForAll(path.Split('/'), IsName);

    private static bool IsName(string name) => name is not ("" or "." or "..") && Encoding.UTF8.GetByteCount(name) <= MaxName && !name.Contains('/', StringComparison.Ordinal) && !name.Contains('\0', StringComparison.Ordinal);

    private void Say(string problem)
    {
        ProblemCount++;
        if (_problems.Count < MostProblems)
            _problems.Add(problem);
    }
}
