using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>One instance of a device and everything that was recorded about it.</summary>
public sealed class RecordedDevice
{
    /// <summary>The most names that are remembered below one device, over its whole life.</summary>
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

    /// <summary>The last component of its <c>subsystem</c> link.</summary>
    public string Subsystem { get; }

    /// <summary>Whether its subsystem is a bus.</summary>
    public bool IsBus { get; }

    /// <summary>Its instance.</summary>
    public DeviceInstance Instance { get; }

    /// <summary>True if it existed when the recording began.</summary>
    public bool AtStart { get; }

    /// <summary>The time of its first recorded uevent; <see cref="long.MinValue"/> if it existed before.</summary>
    public long FromUsec { get; }

    /// <summary>The end of the first look at it.</summary>
    public long FirstLookUsec { get; }

    /// <summary>When it was found gone or its <c>remove</c> was received; <see cref="long.MaxValue"/> if it still exists.</summary>
    public long UntilUsec { get; internal set; } = long.MaxValue;

    /// <summary>Its latest devpath.</summary>
    public string DevPath => _paths[^1].Path;

    /// <summary>Its first devpath.</summary>
    public string FirstDevPath => _paths[0].Path;

    /// <summary>All names that existed below it at any time.</summary>
    public IReadOnlyDictionary<string, List<RecordedStay>> Names => _names;

    /// <summary>The attributes whose values were read.</summary>
    public IEnumerable<string> ValueNames => _values.Keys;

    /// <summary>Reads that took long: the attribute, and when the read began and ended.</summary>
    public List<(string Name, long FromUsec, long UntilUsec)> Blocked { get; } = [];

    /// <summary>Its uevents: when they were received, and their actions.</summary>
    public List<(long AtUsec, Uevents.UeventAction Action)> Uevents { get; } = [];

    /// <summary>The properties of its datagrams, the newest last.</summary>
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

    /// <summary>The entry with a name at a time, or null.</summary>
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

    /// <summary>The names directly below a directory.</summary>
    /// <param name="name">The directory, relative to the device; empty for the device itself.</param>
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

    /// <summary>The last value that was read up to a time, else the first that was read after it; null if none was read.</summary>
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

    /// <summary>Its <c>uevent</c> file at a time: as it was read, or as a later datagram had it, because dev_uevent() makes both.</summary>
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

    internal void End(long usec) => UntilUsec = Math.Min(UntilUsec, usec);
}
