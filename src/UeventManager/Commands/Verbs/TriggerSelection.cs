using System.Collections;
using System.Diagnostics.CodeAnalysis;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Names;
using UeventManager.Sysfs;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// Finds the devices to trigger, without the daemon: attributes are read from sysfs, tags and further properties from udev's database, and only if a
/// filter needs them.
/// </summary>
internal sealed class TriggerSelection(CommonSettings settings, IReadOnlyList<string> names, DeviceFilter? filter)
{
    private readonly UdevDatabase _database = new(settings.UdevDb);

    /// <summary>The filter, or null.</summary>
    public DeviceFilter? Filter => filter;

    /// <summary>Finds the devpaths, parents first, and the names without a device.</summary>
    public IReadOnlyList<string> Find(out IReadOnlyList<string> unknown, CancellationToken cancel)
    {
        using var tree = SysfsRoot.Open(DaemonCommand.Options(settings));
        var finder = new DeviceNames(tree, DaemonCommand.Options(settings));
        var keys = names.Select(name => (Name: name, finder.Resolve(DeviceName.Normalize(name, settings)).Key, Path: finder.DevPathOf(DeviceName.Normalize(name, settings)))).ToList();
        var found = new List<string>();
        var all = new List<UeventDevice>();
        var met = new HashSet<string>(StringComparer.Ordinal);
        SysfsScan.Run(tree, batch =>
        {
            foreach (ScannedDevice device in batch)
            {
                string[] by = [.. keys.Where(key => device.DevPath == key.Path || device.Is(key.Key)).Select(key => key.Name)];
                met.UnionWith(by);
                if (by.Length > 0)
                    found.Add(device.DevPath);
                else if (filter is not null)
                    all.Add(Device(device));
            }
        }, cancel);
        unknown = [.. names.Where(name => !met.Contains(name))];
        var known = all.ToDictionary(static device => device.DevPath, StringComparer.Ordinal);
        return filter is null ? found : [.. all.Where(device => FilterMatch.Wants(filter, device, known.GetValueOrDefault)).Select(static device => device.DevPath)];
    }

    private UeventDevice Device(ScannedDevice device)
    {
        var entry = new Lazy<IReadOnlyDictionary<string, string>>(() => EntryOf(device));
        return new UeventDevice
        {
            DevPath = device.DevPath,
            Subsystem = device.Subsystem,
            SysName = device.SysName,
            DevType = device.Property("DEVTYPE"),
            Settled = true,
            Properties = new LookedUp(key => device.Property(key) ?? entry.Value.GetValueOrDefault(key)),
            // Set directly, because Attributes would drop a dictionary whose count is 0: each value is read only when a filter needs it.
            WireAttributes = new LookedUp(name => AttributeFile.Read($"{settings.Sysfs.TrimEnd('/')}{device.DevPath}/{name}")),
        };
    }

    private Dictionary<string, string> EntryOf(ScannedDevice device)
    {
        var entry = new Dictionary<string, string>(StringComparer.Ordinal);
        string? text = _database.Ask(new DeviceIdentity(
            device.DevPath, device.Subsystem, device.Property("DEVNAME"), device.Property("MAJOR"), device.Property("MINOR"), device.Property("IFINDEX"))).Value;
        foreach (ReadOnlySpan<byte> property in PropertyBlock.Entries(UdevEntry.Properties(text)))
        {
            if (property.IndexOf((byte)'=') is > 0 and var equals)
                entry[KernelText.Decode(property[..equals])] = KernelText.Decode(property[(equals + 1)..]);
        }
        return entry;
    }

    /// <summary>Values that are read at their first use.</summary>
    private sealed class LookedUp(Func<string, string?> find) : IReadOnlyDictionary<string, string>
    {
        public IEnumerable<string> Keys => [];

        public IEnumerable<string> Values => [];

        public int Count => 0;

        public string this[string key] => find(key) ?? throw new KeyNotFoundException(key);

        public bool ContainsKey(string key) => find(key) is not null;

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => (value = find(key)) is not null;

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => Enumerable.Empty<KeyValuePair<string, string>>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
