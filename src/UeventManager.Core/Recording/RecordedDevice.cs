using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>One instance of a device and everything that was seen of it.</summary>
public sealed class RecordedDevice
{
    /// <summary>Most names below one device that are remembered, over its whole life.</summary>
    public const int MaxNames = 65_536;

    private readonly Dictionary<string, List<RecordedStay>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RecordedValue>> _values = new(StringComparer.Ordinal);
    private readonly List<(long FromUsec, string Path)> _paths = [];

    internal RecordedDevice(DeviceLine line, long fromUsec, ulong number)
    {
        (Subsystem, IsBus, AtStart, FromUsec, FirstLookUsec) = (line.Subsystem, line.IsBus, line.AtStart, fromUsec, line.AtUsec);
        Instance = line.Instance.IsKnown ? line.Instance : new DeviceInstance(number, 1);
        _paths.Add((long.MinValue, line.DevPath));
        foreach (var name in line.Names)
            Appear(name, long.MinValue, long.MinValue);
        if (line.Uevent is { } file)
            Read("uevent", new RecordedValue(line.AtUsec, file, 0, 0));
    }

    /// <summary>Last component of its <c>subsystem</c> link.</summary>
    public string Subsystem { get; }

    /// <summary>Whether that is a bus.</summary>
    public bool IsBus { get; }

    /// <summary>Which instance it is.</summary>
    public DeviceInstance Instance { get; }

    /// <summary>True if it was there when the recording began.</summary>
    public bool AtStart { get; }

    /// <summary>When its first uevent of the recording came; <see cref="long.MinValue"/> if it was there before.</summary>
    public long FromUsec { get; }

    /// <summary>When the first look at it had ended.</summary>
    public long FirstLookUsec { get; }

    /// <summary>When it was gone, or its <c>remove</c> came; <see cref="long.MaxValue"/> if it stays.</summary>
    public long UntilUsec { get; internal set; } = long.MaxValue;

    /// <summary>Its devpath when it was seen last.</summary>
    public string DevPath => _paths[^1].Path;

    /// <summary>The devpath it had at first.</summary>
    public string FirstDevPath => _paths[0].Path;

    /// <summary>All names that stood below it at any time.</summary>
    public IReadOnlyDictionary<string, List<RecordedStay>> Names => _names;

    /// <summary>The attributes whose values were read.</summary>
    public IEnumerable<string> ValueNames => _values.Keys;

    /// <summary>Reads that took long: when they began and ended, and of what.</summary>
    public List<(string Name, long FromUsec, long UntilUsec)> Blocked { get; } = [];

    /// <summary>Its add, change and other uevents: when, and with which action.</summary>
    public List<(long AtUsec, Uevents.UeventAction Action)> Uevents { get; } = [];

    /// <summary>Properties that its datagrams had, the newest last.</summary>
    internal List<(long AtUsec, string File)> Files { get; } = [];

    /// <summary>Its devpath at a time.</summary>
    public string PathAt(long usec)
    {
        for (var i = _paths.Count - 1; i > 0; i--)
        {
            if (_paths[i].FromUsec <= usec)
                return _paths[i].Path;
        }
        return _paths[0].Path;
    }

    /// <summary>What stands at a name at a time, or null.</summary>
    public RecordedStay? At(string name, long usec)
    {
        if (_names.TryGetValue(name, out var stays))
        {
            for (var i = stays.Count - 1; i >= 0; i--)
            {
                if (stays[i].IsAt(usec))
                    return stays[i];
            }
        }
        return null;
    }

    /// <summary>The names directly below one, or below the device itself.</summary>
    /// <param name="name">The one above; empty for the device.</param>
    /// <param name="usec">The time.</param>
    public IEnumerable<string> ChildrenAt(string name, long usec)
    {
        var start = name.Length == 0 ? 0 : name.Length + 1;
        foreach (var (path, stays) in _names)
        {
            if (path.Length > start && (start == 0 || (path[start - 1] == '/' && path.StartsWith(name, StringComparison.Ordinal))) && path.IndexOf('/', start) < 0
                && stays.Exists(stay => stay.IsAt(usec)))
                yield return path[start..];
        }
    }

    /// <summary>The value as it was read last before a time, else as it was read first after it; null if it never was.</summary>
    public RecordedValue? ValueAt(string name, long usec)
    {
        if (!_values.TryGetValue(name, out var values))
            return null;
        for (var i = values.Count - 1; i > 0; i--)
        {
            if (values[i].AtUsec <= usec)
                return values[i];
        }
        return values[0];
    }

    /// <summary>Its <c>uevent</c> file at a time: as it was read, or as a later datagram says (dev_uevent() makes both).</summary>
    public string? FileAt(long usec)
    {
        var read = ValueAt("uevent", usec);
        for (var i = Files.Count - 1; i >= 0; i--)
        {
            if (Files[i].AtUsec <= usec && (read is not { Value: not null } value || value.AtUsec > usec || Files[i].AtUsec > value.AtUsec))
                return Files[i].File;
        }
        return read?.Value;
    }

    internal void Appear(RecordedName name, long afterUsec, long fromUsec)
    {
        if (!_names.TryGetValue(name.Path, out var stays))
        {
            if (_names.Count >= MaxNames)
                return;
            _names.Add(name.Path, stays = []);
        }
        if (stays is [.., { UntilUsec: long.MaxValue } standing])
        {
            if (standing.Kind == name.Kind && standing.Target == name.Target)
                return;
            (standing.LastUsec, standing.UntilUsec) = (afterUsec, fromUsec);
        }
        stays.Add(new RecordedStay(name.Kind, name.Target, afterUsec, fromUsec));
    }

    internal void Disappear(string name, long afterUsec, long atUsec)
    {
        if (_names.TryGetValue(name, out var stays) && stays is [.., { UntilUsec: long.MaxValue } standing])
            (standing.LastUsec, standing.UntilUsec) = (afterUsec, atUsec);
    }

    internal void Read(string name, RecordedValue value)
    {
        if (!_values.TryGetValue(name, out var values))
        {
            if (_values.Count >= MaxNames)
                return;
            _values.Add(name, values = []);
        }
        values.Add(value);
    }

    internal void MoveTo(string path, long atUsec) => _paths.Add((atUsec, path));

    // What is kept open is closed: its directory is gone.
    internal void End(long usec) => UntilUsec = Math.Min(UntilUsec, usec);
}
