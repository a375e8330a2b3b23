using System.Text;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>sysfs as a table: which directories exist now, and what each of them shows.</summary>
internal sealed class ModelSysfs
{
    private readonly Dictionary<string, ModelDevice> _devices = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _paths = new(StringComparer.Ordinal);
    private ulong _inode = 100;

    /// <summary>Parents before children.</summary>
    public IEnumerable<ModelDevice> All => _paths.Select(p => _devices[p]);

    public ModelDevice? Find(string path) => _devices.GetValueOrDefault(path);

    public ModelDevice Create(string path, string subsystem)
    {
        var device = new ModelDevice(path, subsystem, ++_inode) { Uevent = $"INODE={_inode}\n" };
        Put(device);
        return device;
    }

    public void Remove(string path)
    {
        foreach (var device in Subtree(path))
        {
            device.Exists = false;
            Take(device);
        }
    }

    public void Move(string path, string to)
    {
        foreach (var device in Subtree(path))
        {
            Take(device);
            device.Path = to + device.Path[path.Length..];
            Put(device);
        }
    }

    public IReadOnlyList<ModelDevice> Subtree(string path) =>
        [.. (_devices.TryGetValue(path, out var top) ? [top] : Enumerable.Empty<ModelDevice>()), .. Below(path).Select(p => _devices[p])];

    /// <summary>What a scan hands over: parents before children.</summary>
    public IReadOnlyList<ScannedDevice> Scan() =>
        [.. All.Select(d => new ScannedDevice(Encoding.UTF8.GetBytes(d.Path), d.Subsystem, d.Instance, Encoding.UTF8.GetBytes(d.Uevent), d.Subsystem == ModelKeys.Bus))];

    /// <summary>True if answering would not return now.</summary>
    public static bool Blocks(ModelDevice device, SysfsQuery query) =>
        device.Exists && query.Kind == QueryKind.Path && (query.Needs & QueryNeeds.Value) != 0 && device.Find(query.Path) is { Blocks: true };

    /// <summary>Answers as the handle of one incarnation would: nothing is below a removed one.</summary>
    public Answer Ask(ModelDevice device, SysfsQuery query)
    {
        if (!device.Exists)
            return Answer.Absent;
        return query.Kind switch
        {
            QueryKind.Path => Path(device, query),
            QueryKind.Names => new Answer { Asked = true, Exists = true, Count = Below(device).Count(Glob.Parse(query.Path).Matches) },
            QueryKind.Links => Links(device, Glob.Parse(query.Path)),
            QueryKind.Fingerprint => Fingerprint(device, query),
            QueryKind.Ancestor => Ancestor(device, query.OfAncestor!),
            QueryKind.UdevEntry => Udev(device),
            _ => device.Find("%node") is null ? Answer.Absent : Answer.Present,
        };
    }

    /// <summary>True where nobody writes entries of udev's.</summary>
    public bool HasNoUdevd { get; set; }

    /// <summary>True once udevd has processed all devices of its start, and stores nothing about those without an entry.</summary>
    public bool KeepsNoEntries { get; set; }

    /// <summary>The entry of a device in udev's database, where somebody keeps one.</summary>
    public Func<ModelDevice, ModelFile?> UdevEntryOf { get; set; } = static device => device.Find("%udev");

    private Answer Udev(ModelDevice device) =>
        UdevEntryOf(device) is { } entry ? new Answer { Asked = true, Exists = true, Value = entry.Value, Udev = new UdevFile(entry.Inode, entry.WrittenUsec) { IsLeft = HasNoUdevd } }
        : HasNoUdevd ? Answer.Present
        : KeepsNoEntries ? new Answer { Asked = true, Exists = true, Udev = UdevFile.None }
        : Answer.Absent;

    private Answer Path(ModelDevice device, SysfsQuery query)
    {
        if (device.Find(query.Path) is not { } file)
            return Subtree($"{device.Path}/{query.Path}").Count > 0 ? Answer.Present : Answer.Absent;
        return new Answer
        {
            Asked = true,
            Exists = !file.Dangling,
            LinkTarget = (query.Needs & QueryNeeds.Link) != 0 ? file.Target : null,
            Value = (query.Needs & QueryNeeds.Value) != 0 && file.Errno == 0 ? file.Value : null,
            Errno = file.Errno,
        };
    }

    private Answer Links(ModelDevice device, Glob glob)
    {
        var links = device.Names.Where(glob.Matches).Select(n => device.Find(n)!).Where(f => f is { Target: not null, Dangling: false });
        var children = Below(device.Path).Where(path => glob.Matches(path[(device.Path.Length + 1)..]));
        return new Answer { Asked = true, Exists = true, Targets = [.. links.Select(f => f.Target!), .. children] };
    }

    private Answer Ancestor(ModelDevice device, AncestorQuery query)
    {
        for (var path = device.Path; path.LastIndexOf('/') is var slash and > 0;)
        {
            path = path[..slash];
            if (!_devices.TryGetValue(path, out var above) || !query.Fits(above.Subsystem, above.Uevent))
                continue;
            var facts = new LookFacts { DevPath = path, SysName = path[(path.LastIndexOf('/') + 1)..], File = above.Uevent };
            facts.Reset(query.Table.Count);
            foreach (var one in query.Table.Queries)
                facts.Put(one.Slot, Ask(above, one));
            return new Answer { Asked = true, Exists = true, LinkTarget = path, Ancestor = facts };
        }
        return Answer.Absent;
    }

    private Answer Fingerprint(ModelDevice device, SysfsQuery query)
    {
        var globs = query.Globs.Select(Glob.Parse).ToList();
        var names = Below(device).Where(n => globs.Any(g => g.Matches(n))).Select(n => $"{n}={device.Find(n)?.Value}");
        return new Answer { Asked = true, Exists = true, Value = string.Join(';', names) };
    }

    private IEnumerable<string> Below(ModelDevice device) =>
        device.Names.Concat(Below(device.Path).Select(p => p[(device.Path.Length + 1)..]));

    private SortedSet<string> Below(string path) => _paths.GetViewBetween(path + "/", path + "/\uffff");

    private void Put(ModelDevice device)
    {
        _devices.Add(device.Path, device);
        _paths.Add(device.Path);
    }

    private void Take(ModelDevice device)
    {
        _devices.Remove(device.Path);
        _paths.Remove(device.Path);
    }
}
