using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>The content of a recording: which device existed where at which time, and which datagrams the kernel sent.</summary>
public sealed class RecordedWorld
{
    /// <summary>The most devices that are remembered; further ones are counted in <see cref="LeftOut"/>.</summary>
    public const int MaxDevices = 262_144;

    /// <summary>The longest recording, in microseconds: 31 days.</summary>
    public const long LongestUsec = 31L * 86_400 * 1_000_000;

    private readonly Dictionary<string, List<RecordedDevice>> _byPath = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, RecordedDevice> _present = new(StringComparer.Ordinal);

    // Uevents of devices before the first look at them.
    private readonly Dictionary<string, List<(long AtUsec, UeventAction Action, string File)>> _early = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _gone = new(StringComparer.Ordinal);
    private readonly List<RecordedDevice> _devices = [];
    private readonly List<UeventLine> _uevents = [];
    private readonly List<LostLine> _losses = [];
    private readonly Dictionary<string, bool> _subsystems = new(StringComparer.Ordinal);
    private long _clock;

    /// <summary>Makes an empty world.</summary>
    public RecordedWorld(RecordingHeader header)
    {
        Header = header;
        StartUsec = EndUsec = _clock = header.AtUsec;
    }

    /// <summary>The recording's header.</summary>
    public RecordingHeader Header { get; }

    /// <summary>All instances of devices, in the order in which they became known.</summary>
    public IReadOnlyList<RecordedDevice> Devices => _devices;

    /// <summary>The kernel's datagrams, in the order of their arrival.</summary>
    public IReadOnlyList<UeventLine> Uevents => _uevents;

    /// <summary>The losses that the recording reports.</summary>
    public IReadOnlyList<LostLine> Losses => _losses;

    /// <summary>When the recording begins, in CLOCK_MONOTONIC microseconds.</summary>
    public long StartUsec { get; private set; }

    /// <summary>The latest time in the recording.</summary>
    public long EndUsec { get; private set; }

    /// <summary>True if the recording has an end line, so that it was not cut off.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The number of devices left out beyond <see cref="MaxDevices"/>.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Whether a line's time can belong to this recording. A time far behind its beginning would make the engine wait for years.</summary>
    public bool CanBe(RecordedLine line) => line.AtUsec - Header.AtUsec <= LongestUsec;

    /// <summary>Adds a line. Time never goes back: an earlier time counts as the latest one so far.</summary>
    public void Add(RecordedLine line)
    {
        _clock = Math.Max(_clock, line.AtUsec);
        if (line is not UeventLine)
            EndUsec = Math.Max(EndUsec, line.AtUsec);
        switch (line)
        {
            case UeventLine uevent:
                AddUevent(uevent with { AtUsec = _uevents.Count > 0 ? Math.Max(uevent.AtUsec, _uevents[^1].AtUsec) : uevent.AtUsec });
                break;
            case DeviceLine device:
                AddDevice(device);
                break;
            case NameLine name when _present.TryGetValue(name.DevPath, out var device):
                if (name.Appeared)
                    device.Appear(name.Name, name.AfterUsec, name.AtUsec);
                else
                    device.Disappear(name.Name.Path, name.AfterUsec, name.AtUsec);
                break;
            case ValueLine value when _present.TryGetValue(value.DevPath, out var device):
                device.Read(value.Name, new RecordedValue(value.AtUsec, value.Value, value.Errno, value.TookUsec));
                if (value.TookUsec >= LongReadUsec)
                    device.Blocked.Add((value.Name, value.AtUsec - value.TookUsec, value.AtUsec));
                break;
            case BlockedLine blocked when _present.TryGetValue(blocked.DevPath, out var device):
                device.Blocked.Add((blocked.Name, blocked.SinceUsec, long.MaxValue));
                break;
            case GoneLine gone:
                _gone[gone.DevPath] = gone.AtUsec;
                if (_present.Remove(gone.DevPath, out var departed))
                    departed.End(gone.AtUsec);
                break;
            case LostLine lost:
                _losses.Add(lost);
                break;
            case EndLine:
                IsWhole = true;
                break;
        }
    }

    /// <summary>A read of at least this length counts as blocked.</summary>
    public const long LongReadUsec = 10_000;

    /// <summary>The device at a devpath at a time, or null.</summary>
    public RecordedDevice? Find(string devPath, long usec)
    {
        if (!_byPath.TryGetValue(devPath, out var devices))
            return null;
        for (var i = devices.Count - 1; i >= 0; i--)
        {
            if (devices[i].FromUsec <= usec && usec < devices[i].UntilUsec && devices[i].PathAt(usec) == devPath)
                return devices[i];
        }
        return null;
    }

    /// <summary>
    /// The device at a devpath at a time, else the next one there: a link to a device may be seen before the device's uevent is received.
    /// </summary>
    public RecordedDevice? FindOrNext(string devPath, long usec) =>
        Find(devPath, usec) ?? (_byPath.TryGetValue(devPath, out var devices) ? devices.Find(device => device.FromUsec > usec) : null);

    /// <summary>True if a device existed at a devpath at any time.</summary>
    public bool HasStoodAt(string devPath) => _byPath.ContainsKey(devPath);

    /// <summary>True if a look found a devpath empty, so that it is known that no device was there.</summary>
    public bool WasFoundGone(string devPath) => _gone.ContainsKey(devPath);

    /// <summary>Whether a subsystem is known to have devices, and whether it is a bus.</summary>
    public bool IsSubsystem(string name, out bool isBus) => _subsystems.TryGetValue(name, out isBus);

    private void AddUevent(UeventLine line)
    {
        _uevents.Add(line);
        EndUsec = Math.Max(EndUsec, line.AtUsec);
        if (UeventParser.TryParse(line.Datagram, out var uevent) != UeventRejection.None)
            return;
        var path = KernelText.Decode(uevent.DevPath);
        if (line.IsDevice && !uevent.Subsystem.IsEmpty)
            _subsystems.TryAdd(KernelText.Decode(uevent.Subsystem), line.IsBus);
        if (uevent.Action == UeventAction.Move && !uevent.DevPathOld.IsEmpty)
            Move(KernelText.Decode(uevent.DevPathOld), path, line.AtUsec);
        if (_present.TryGetValue(path, out var device))
        {
            device.Uevents.Add((line.AtUsec, uevent.Action));
            if (uevent.Action != UeventAction.Remove)
                device.Files.Add((line.AtUsec, FileOf(uevent.Properties)));
        }
        else if (uevent.Action != UeventAction.Remove)
        {
            if (!_early.TryGetValue(path, out var early))
                _early.Add(path, early = []);
            early.Add((line.AtUsec, uevent.Action, FileOf(uevent.Properties)));
        }
        if (uevent.Action == UeventAction.Remove)
        {
            _early.Remove(path);
            if (_present.Remove(path, out var removed))
                removed.End(line.AtUsec);
        }
    }

    private void AddDevice(DeviceLine line)
    {
        if (line.Subsystem.Length > 0)
            _subsystems[line.Subsystem] = line.IsBus;
        if (_devices.Count >= MaxDevices)
        {
            LeftOut++;
            return;
        }
        _early.Remove(line.DevPath, out var early);
        var from = line.AtStart ? long.MinValue : Math.Min(line.SinceUsec, early is null ? long.MaxValue : early[0].AtUsec);
        var device = new RecordedDevice(line, from, (ulong)_devices.Count + 1);
        if (_present.Remove(line.DevPath, out var before))
            before.End(Math.Max(line.SinceUsec, before.FromUsec));
        foreach (var (atUsec, action, file) in early ?? [])
        {
            device.Uevents.Add((atUsec, action));
            device.Files.Add((atUsec, file));
        }
        _present.Add(line.DevPath, device);
        _devices.Add(device);
        Place(device, line.DevPath);
    }

    private void Move(string from, string to, long atUsec)
    {
        if (from == to)
            return;
        var below = from + "/";
        var moved = _present.Where(one => one.Key == from || one.Key.StartsWith(below, StringComparison.Ordinal)).ToList();
        foreach (var (path, device) in moved)
        {
            _present.Remove(path);
            var place = to + path[from.Length..];
            if (_present.Remove(place, out var overwritten))
                overwritten.End(atUsec);
            device.MoveTo(place, atUsec);
            _present[place] = device;
            Place(device, place);
        }
    }

    private void Place(RecordedDevice device, string path)
    {
        if (!_byPath.TryGetValue(path, out var devices))
            _byPath.Add(path, devices = []);
        devices.Add(device);
    }

    // One line KEY=VALUE for each property of the device itself, as uevent_show() prints them.
    private static string FileOf(ReadOnlySpan<byte> properties)
    {
        var text = new StringBuilder();
        foreach (var entry in PropertyBlock.Entries(properties))
        {
            var equals = entry.IndexOf((byte)'=');
            if (equals <= 0 || PropertyKeys.Of(entry[..equals]).IsOfEvent())
                continue;
            text.Append(text.Length == 0 ? "" : "\n").Append(KernelText.Decode(entry));
        }
        return text.ToString();
    }
}
