using UeventManager.Client;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// Decides of which devices udevd has to tell again: it compares what the daemon announces with what udevd told of the same event. It does nothing
/// itself, and knows no clock. One thread at a time.
/// </summary>
internal sealed class RetellPlan
{
    /// <summary>Events of either side that are remembered until the other side has told of them.</summary>
    public const int MostEvents = 16_384;

    private readonly Dictionary<string, RetellDevice> _devices = new(StringComparer.Ordinal);
    private readonly RecentEvents<Announcement> _announced = new(MostEvents);
    private readonly RecentEvents<UdevBroadcast> _open = new(MostEvents);
    private readonly RecentEvents<UdevBroadcast> _shut = new(MostEvents);
    private readonly Queue<Retelling> _wanted = new();

    /// <summary>What is to be told again, in order; taken by whoever does it.</summary>
    public bool TryTake(out Retelling retelling) => _wanted.TryDequeue(out retelling!);

    /// <summary>Called with the number of each event that the daemon has announced, and whether the device is complete.</summary>
    public Action<long, bool>? Announced { get; set; }

    /// <summary>Devices that the daemon has announced.</summary>
    public IEnumerable<RetellDevice> Devices => _devices.Values;

    /// <summary>The device that the daemon has announced at a path, or null.</summary>
    public RetellDevice? Find(string devpath) => _devices.GetValueOrDefault(devpath);

    /// <summary>Broadcasts of shut gates whose event the daemon has not announced, and may never: it may have been merged into another.</summary>
    public IEnumerable<UdevBroadcast> Unmatched => _shut.All;

    /// <summary>True once the daemon has told of a device with such a broadcast; to be set to false by whoever asks for it.</summary>
    public bool MayBeMatched { get; set; }

    /// <summary>Whether the daemon has announced an event; null if it has not, or long ago.</summary>
    public bool? IsSettled(long seqnum) => _announced.TryGet(seqnum, out Announcement? one) ? one.IsSettled : null;

    /// <summary>Takes the daemon's picture for the whole truth.</summary>
    public void Take(StateChange state)
    {
        _devices.Clear();
        foreach (UeventDevice device in state.Devices)
            Know(device);
    }

    /// <summary>Takes an event that the daemon announces.</summary>
    public void Take(UeventEvent one)
    {
        if (one.Device.Kobject == true)
            return;
        if (one.Action == "remove")
        {
            if (_devices.Remove(one.Device.Devpath, out RetellDevice? gone))
                gone.IsGone = true;
            return;
        }
        if (one.OldDevpath is { } old && old != one.Device.Devpath)
            Rebase(old, one.Device.Devpath);
        RetellDevice device = Know(one.Device);
        MayBeMatched |= _shut.All.Any(told => told.Devpath == one.Device.Devpath);
        if (one.Seqnum is { } seqnum and > 0)
        {
            var announcement = new Announcement(device, one.Device.Settled, IsLate(one) ? one.SettledUsec : 0);
            _announced.Add(seqnum, announcement);
            Announced?.Invoke(seqnum, one.Device.Settled);
            if (_open.Remove(seqnum, out UdevBroadcast? told) || _shut.Remove(seqnum, out told))
                Compare(announcement, told);
        }
        else if (IsLate(one) && one.Device.Settled)
        {
            // The daemon's own: udevd has told of the device as it was before.
            _wanted.Enqueue(new Retelling(device, RetellReason.Early));
        }
    }

    /// <summary>Takes what udevd told.</summary>
    public void Take(UdevBroadcast told)
    {
        if (told.IsRetold)
            return;
        if (_announced.TryGet(told.Seqnum, out Announcement? announcement))
            Compare(announcement, told);
        else
            (told.IsShut ? _shut : _open).Add(told.Seqnum, told);
    }

    /// <summary>A gate that is known to be shut though its device is announced: opens it.</summary>
    public void Open(RetellDevice device) => _wanted.Enqueue(new Retelling(device, RetellReason.Shut));

    /// <summary>What an unmatched broadcast said is done with.</summary>
    public void Forget(UdevBroadcast told) => _shut.Remove(told.Seqnum, out _);

    // Of other actions nobody waits for completeness; and what no rule is for was complete when the kernel told of it.
    private static bool IsLate(UeventEvent one) => one.Action is "add" or "change" or "move" && one.Device.Rule is not null;

    private void Compare(Announcement announcement, UdevBroadcast told)
    {
        if (announcement.Device.IsGone || announcement.IsRetold)
            return;
        if (told.IsShut)
            _wanted.Enqueue(new Retelling(announcement.Device, RetellReason.Shut));
        else if (announcement.IsSettled && told.HeardUsec < announcement.LookedUsec)
            _wanted.Enqueue(new Retelling(announcement.Device, RetellReason.Early));
        else
            return;
        announcement.IsRetold = true;
    }

    private RetellDevice Know(UeventDevice device)
    {
        if (!_devices.TryGetValue(device.Devpath, out RetellDevice? known))
            _devices[device.Devpath] = known = new RetellDevice(device.Devpath, device.Subsystem);
        known.Properties = device.Properties;
        return known;
    }

    // The kernel tells of the device that moves, not of those below it.
    private void Rebase(string old, string now)
    {
        foreach (string path in _devices.Keys.Where(path => path == old || DevicePlace.IsBelow(path, old)).ToArray())
        {
            _devices.Remove(path, out RetellDevice? known);
            known!.Devpath = now + path[old.Length..];
            _devices[known.Devpath] = known;
        }
    }

    private sealed class Announcement(RetellDevice device, bool isSettled, long lookedUsec)
    {
        public RetellDevice Device => device;

        public bool IsSettled => isSettled;

        public long LookedUsec => lookedUsec;

        public bool IsRetold { get; set; }
    }
}
