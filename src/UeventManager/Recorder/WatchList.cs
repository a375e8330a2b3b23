using UeventManager.Core.Recording;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Netlink;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>
/// The devices of a recording and their looks: frequent after each uevent of a device, then ever rarer, until <see cref="LongestUsec"/>. Looks use at
/// most half of one CPU; beyond that they come later, and the recorded bounds are wider.
/// </summary>
internal sealed class WatchList : IDisposable
{
    /// <summary>How long a device is looked at after its last uevent or change.</summary>
    public const long LongestUsec = 10_000_000;

    /// <summary>The most known devices; further ones are not looked at, which is recorded.</summary>
    public const int MaxDevices = 65_536;

    private const int MaxLooksPerTurn = 16;
    private const int MostTargets = 16;

    private readonly Dictionary<string, WatchedDevice> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _remembered = new(StringComparer.Ordinal);
    private readonly LookSchedule _schedule = new();
    private readonly SysfsTree _tree;
    private readonly RecorderOptions _options;
    private readonly Action<RecordedLine> _write;

    public WatchList(SysfsTree tree, RecorderOptions options, Action<RecordedLine> write, Action wake)
    {
        (_tree, _options, _write) = (tree, options, write);
        Reads = new ValueReads(wake);
    }

    /// <summary>The reads of values.</summary>
    public ValueReads Reads { get; }

    /// <summary>True once the initial tree is recorded.</summary>
    public bool IsTreeKnown { get; set; }

    /// <summary>The number of devices that arrived.</summary>
    public long Arrived { get; private set; }

    /// <summary>The number of known devices.</summary>
    public int Count => _byPath.Count;

    /// <summary>The number of looks.</summary>
    public long Looks { get; private set; }

    /// <summary>The number of names that appeared.</summary>
    public long Appeared { get; private set; }

    /// <summary>When the next look is due.</summary>
    public long NextDueUsec(long now) => _schedule.NextDueUsec(now);

    /// <summary>True while looks have not used more than their share.</summary>
    public bool HasCredit(long now) => _schedule.HasCredit(now);

    public bool IsWatched(string devPath) => _byPath.ContainsKey(devPath);

    public bool IsBelowWatched(string devPath)
    {
        for (var path = DevPaths.Above(devPath); path is not null; path = DevPaths.Above(path))
        {
            if (_byPath.ContainsKey(path))
                return true;
        }
        return false;
    }

    /// <summary>Takes a uevent.</summary>
    public void Heard(string devPath, UeventAction action, string? oldPath, bool isDevice, long now)
    {
        if (action == UeventAction.Move && oldPath is { Length: > 0 })
            Move(oldPath, devPath);
        if (!isDevice)
        {
            Hasten(Nearest(devPath), now);
            return;
        }
        if (action == UeventAction.Remove)
        {
            if (_byPath.Remove(devPath, out var removed))
                Drop(removed);
        }
        else if (_byPath.TryGetValue(devPath, out var known))
        {
            // The remove of the earlier device was lost or is still to come; the instance tells the devices apart.
            if (action == UeventAction.Add && known.Instance.IsKnown && !IsSame(known))
            {
                _byPath.Remove(devPath);
                Drop(known);
                Arrive(devPath, now);
            }
            else
            {
                Hasten(known, now);
            }
        }
        else
        {
            Arrive(devPath, now);
        }
        Hasten(Nearest(DevPaths.Above(devPath)), now);
    }

    /// <summary>Adds a device that existed at the start, is an ancestor of one that arrived, or is linked to one.</summary>
    public void Found(string devPath, string? uevent, bool isWanted)
    {
        if (_byPath.ContainsKey(devPath) || _byPath.Count >= MaxDevices)
            return;
        _remembered.Remove(devPath);
        if (isWanted)
            FindAbove(devPath);
        var device = new WatchedDevice(_tree, devPath, _options.Header.Depth);
        if (device.FirstLook(Monotonic.NowUsec, uevent, atStart: true) is not { } line)
        {
            device.Rest();
            return;
        }
        Looks++;
        _byPath.Add(devPath, device);
        _write(line);
        if (uevent is null)
            Reads.Begin(device, "uevent");
        if (_options.Header.HasValues)
            Reads.BeginLater(device);
        device.Rest();
    }

    /// <summary>Remembers a device that is recorded only if it becomes an ancestor of a selected one.</summary>
    public void Remember(string devPath, string uevent)
    {
        if (_remembered.Count < MaxDevices)
            _remembered[devPath] = uevent;
    }

    /// <summary>Takes values that were read.</summary>
    public void TakeReads()
    {
        Reads.Take(_write, Returned);
        Reads.BeginWhatWaits(device => _byPath.GetValueOrDefault(device.DevPath) == device);
    }

    /// <summary>Makes the looks that are due; the first look at a new device does not wait for them.</summary>
    public void LookAtDue()
    {
        for (var looks = 0; looks < MaxLooksPerTurn && _schedule.TryTake(Monotonic.NowUsec, out var device); looks++)
        {
            if (_byPath.GetValueOrDefault(device.DevPath) == device)
                Look(device, Monotonic.NowUsec);
        }
    }

    /// <summary>Looks at every watched device once more, at the end.</summary>
    public void LookAtAll()
    {
        while (_schedule.TryTake(long.MaxValue, out var device))
        {
            if (_byPath.GetValueOrDefault(device.DevPath) == device)
                _ = device.Look(Note);
        }
        Reads.Take(_write, static _ => { });
    }

    public void Dispose()
    {
        Reads.Dispose();
        foreach (var device in _byPath.Values)
            device.Rest();
    }

    private void Arrive(string devPath, long now)
    {
        if (_byPath.Count >= MaxDevices)
        {
            _write(new LostLine(now, "device", 1, devPath));
            return;
        }
        Arrived++;
        var began = ThreadTime.UsedUsec;
        var device = new WatchedDevice(_tree, devPath, _options.Header.Depth);
        if (device.FirstLook(now, null, atStart: false) is not { } line)
        {
            device.Rest();
            _write(new GoneLine(Monotonic.NowUsec, now, devPath));
            return;
        }
        Looks++;
        _byPath.Add(devPath, device);
        FindAbove(devPath);
        _write(line);
        _schedule.Spend(ThreadTime.UsedUsec - began);
        Hasten(device, now);
        Reads.BeginAll(device, _options.Header.HasValues);
        WatchTargets(line.Names, devPath, now);
    }

    // The target of a new device's link may get a link back (physfn, virtfn*) without a uevent of its own.
    private void WatchTargets(IReadOnlyList<RecordedName> names, string devPath, long now)
    {
        foreach (var target in names.Where(name => name.Kind == RecordedKind.Link && name.Target is { } to && to.StartsWith("/devices/", StringComparison.Ordinal) && to != devPath).Take(MostTargets))
        {
            // A device that is not known and did not exist at the start is new, and its own uevent follows.
            if (_remembered.TryGetValue(target.Target!, out var uevent))
                Found(target.Target!, uevent, isWanted: false);
            Hasten(_byPath.GetValueOrDefault(target.Target!), now);
        }
    }

    private void FindAbove(string devPath)
    {
        for (var path = DevPaths.Above(devPath); path is not null; path = DevPaths.Above(path))
        {
            if (!_byPath.ContainsKey(path) && (_remembered.TryGetValue(path, out var uevent) || IsTreeKnown))
                Found(path, uevent, isWanted: false);
        }
    }

    private void Look(WatchedDevice device, long now)
    {
        Looks++;
        var began = ThreadTime.UsedUsec;
        if (!device.Look(Note))
        {
            _byPath.Remove(device.DevPath);
            Drop(device);
            _write(new GoneLine(Monotonic.NowUsec, device.LookedUsec, device.DevPath));
            return;
        }
        Reads.BeginAll(device, _options.Header.HasValues);
        _schedule.Spend(ThreadTime.UsedUsec - began);
        if (now - device.SinceUsec > LongestUsec)
            device.Rest();
        else
            _schedule.Again(device, now);
    }

    private void Note(NameLine line)
    {
        if (line.Appeared)
            Appeared++;
        _write(line);
        if (line is { Appeared: true, Name: { Kind: RecordedKind.Link, Target: not null } name })
            WatchTargets([name], line.DevPath, line.AtUsec);
    }

    // An attribute whose read hung can be read again.
    private void Returned(WatchedDevice device)
    {
        if (_byPath.GetValueOrDefault(device.DevPath) == device)
            Hasten(device, Monotonic.NowUsec);
    }

    private void Hasten(WatchedDevice? device, long now)
    {
        if (device is not null)
            _schedule.Again(device, device.SinceUsec = now);
    }

    private void Move(string from, string to)
    {
        var below = from + "/";
        foreach (var (path, device) in _byPath.Where(one => one.Key == from || one.Key.StartsWith(below, StringComparison.Ordinal)).ToList())
        {
            _byPath.Remove(path);
            device.MoveTo(to + path[from.Length..]);
            if (_byPath.Remove(device.DevPath, out var overwritten))
                Drop(overwritten);
            _byPath[device.DevPath] = device;
        }
    }

    private bool IsSame(WatchedDevice device)
    {
        using var now = DeviceDirectory.TryOpen(_tree, device.DevPath, out _);
        return now is not null && now.Instance == device.Instance;
    }

    private void Drop(WatchedDevice device)
    {
        Reads.Forget(device);
        device.Rest();
    }

    private WatchedDevice? Nearest(string? path)
    {
        for (; path is not null; path = DevPaths.Above(path))
        {
            if (_byPath.TryGetValue(path, out var device))
                return device;
        }
        return null;
    }
}
