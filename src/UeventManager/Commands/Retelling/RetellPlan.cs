using UeventManager.Client;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// Decides which devices udevd must announce again, by comparing the daemon's announcements with udevd's broadcasts of the same events. It has no
/// side effects and no clock. One thread at a time uses it.
/// </summary>
internal sealed class RetellPlan
{
    /// <summary>The most events of either side that are remembered until the other side reports them.</summary>
    public const int MostEvents = 16_384;

    // udevd should have processed a triggered event by then; otherwise it may have been killed while doing so.
    private const long LongestOpeningUsec = 10_000_000;

    // If udevd is only slow, more events would make it slower: each retry waits twice as long, up to 32 times.
    private const int MostDoublings = 5;

    private readonly Dictionary<string, RetellDevice> _devices = new(StringComparer.Ordinal);
    private readonly RecentEvents<Announcement> _announced = new(MostEvents);
    private readonly RecentEvents<UdevBroadcast> _told = new(MostEvents);
    private readonly Dictionary<string, UdevBroadcast> _shut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shutEntries = new(StringComparer.Ordinal);
    private readonly Queue<Retelling> _wanted = new();

    // Devices whose gates are to open, and some whose gates have opened since.
    private readonly HashSet<RetellDevice> _opening = [];

    // The events announced before udevd has reported them, in order, with their times.
    private readonly Queue<(long Seqnum, long Usec)> _unheard = new();

    /// <summary>Called with the SEQNUM of each announced event, and whether the device is settled.</summary>
    public Action<long, bool>? Announced { get; set; }

    /// <summary>
    /// True if more gates are shut than are remembered, so that udev's database must be read. The reader of the database resets it.
    /// </summary>
    public bool HasForgotten { get; set; }

    /// <summary>Takes the next device that udevd must announce again, in order.</summary>
    public bool TryTake(out Retelling retelling) => _wanted.TryDequeue(out retelling!);

    /// <summary>Whether an event was announced settled; null if it was not announced, or is no longer remembered.</summary>
    public bool? IsSettled(long seqnum) => _announced.TryGet(seqnum, out Announcement? one) ? one.IsSettled : null;

    /// <summary>Replaces all known devices by the daemon's state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="newest">A SEQNUM that the kernel had assigned by then: no event in the state has a greater one.</param>
    public void Take(StateChange state, long newest)
    {
        _devices.Clear();
        foreach (UeventDevice device in state.Devices)
            Know(device).LastSeqnum = newest;
    }

    /// <summary>Takes an event that the daemon has announced.</summary>
    public void Take(UeventEvent one)
    {
        if (one.Device.IsKobject)
            return;
        if (one.Action == "remove")
        {
            if (_devices.Remove(one.Device.DevPath, out RetellDevice? gone))
                gone.IsGone = true;
            return;
        }
        if (one.OldDevPath is { } old && old != one.Device.DevPath)
            Rebase(old, one.Device.DevPath);
        RetellDevice device = Know(one.Device);
        bool isLate = IsLate(one) && one.Device.Settled;
        if (one.Seqnum is { } seqnum and > 0)
        {
            device.LastSeqnum = Math.Max(device.LastSeqnum, seqnum);
            var announcement = new Announcement(device, one.Device.Settled, isLate ? one.SettledUsec : 0);
            _announced.Add(seqnum, announcement);
            Announced?.Invoke(seqnum, one.Device.Settled);
            if (_told.Remove(seqnum, out UdevBroadcast? told))
                Compare(announcement, told);
            else
                Expect(seqnum, one.SettledUsec);
        }
        else if (isLate)
        {
            // The daemon's own event; udevd has announced the device as it was before.
            Want(device, RetellReason.Early);
        }
        if (_shut.TryGetValue(one.Device.DevPath, out UdevBroadcast? shut) && shut.Seqnum <= device.LastSeqnum)
        {
            _shut.Remove(one.Device.DevPath);
            Want(device, RetellReason.Shut);
        }
        if (_shutEntries.Count > 0 && _shutEntries.Remove(device.DatabaseId))
            Want(device, RetellReason.Shut);
    }

    /// <summary>Takes a broadcast of udevd's.</summary>
    public void Take(UdevBroadcast told)
    {
        RetellDevice? device = _devices.GetValueOrDefault(told.DevPath);
        if (told.IsRetold)
        {
            // The gate is open from this event on, whatever earlier broadcasts said.
            _shut.Remove(told.DevPath);
            if (device is not null)
                (device.IsOpening, device.Retries) = (false, 0);
            return;
        }
        if (device is { IsOpening: true, IsWanted: false } && told.HeardUsec - device.RetoldUsec > LongestOpeningUsec)
            device.IsOpening = false;
        if (_announced.TryGet(told.Seqnum, out Announcement? announcement))
            Compare(announcement, told);
        else if (told.IsShut && device is not null && told.Seqnum <= device.LastSeqnum)
            // Its event was merged into one that is already announced, or the daemon knew the device before.
            Want(device, RetellReason.Shut);
        else
            Remember(told);
    }

    /// <summary>Takes the shut gates in udev's database. The gates of waiting devices are opened once the devices are announced.</summary>
    /// <param name="entries">The names of their database entries.</param>
    public void TakeShut(IReadOnlySet<string> entries)
    {
        _shutEntries.Clear();
        _shutEntries.UnionWith(entries);
        if (entries.Count == 0)
            return;
        foreach (RetellDevice device in _devices.Values)
        {
            if (!_shutEntries.Remove(device.DatabaseId))
                continue;
            // The broadcast about its opening may have been lost.
            device.IsOpening = false;
            Want(device, RetellReason.Shut);
        }
    }

    /// <summary>
    /// When udevd will be overdue with opening a gate or broadcasting an announced event, in CLOCK_MONOTONIC microseconds; null if nothing is open.
    /// </summary>
    public long? FirstOverdueUsec()
    {
        while (_unheard.TryPeek(out var heard) && !IsUnheard(heard.Seqnum))
            _ = _unheard.Dequeue();
        _opening.RemoveWhere(static device => !device.IsOpening || device.IsGone);
        long? opening = _opening.Where(static device => !device.IsWanted).Min(static device => (long?)OverdueUsec(device));
        long? unheard = _unheard.TryPeek(out var first) ? first.Usec + LongestOpeningUsec : null;
        return unheard is null || opening < unheard ? opening : unheard;
    }

    /// <summary>
    /// Opens gates again that are still shut although udevd is overdue: udevd was killed before it had processed the event, or between writing its
    /// database and its broadcast.
    /// </summary>
    /// <param name="entries">The names of the database entries with a shut gate.</param>
    /// <param name="nowUsec">The time, CLOCK_MONOTONIC.</param>
    public void TakeOverdue(IReadOnlySet<string> entries, long nowUsec)
    {
        RetellDevice[] overdue = [.. _opening.Where(device => device is { IsOpening: true, IsWanted: false } && OverdueUsec(device) <= nowUsec)];
        foreach (RetellDevice device in overdue)
        {
            device.IsOpening = false;
            if (!entries.Contains(device.DatabaseId))
                continue;
            device.Retries = Math.Min(device.Retries + 1, MostDoublings);
            Want(device, RetellReason.Shut);
        }
        while (_unheard.TryPeek(out var one) && one.Usec + LongestOpeningUsec <= nowUsec)
        {
            _ = _unheard.Dequeue();
            if (IsUnheard(one.Seqnum) && _announced.TryGet(one.Seqnum, out Announcement? announcement) && entries.Contains(announcement.Device.DatabaseId))
                Want(announcement.Device, RetellReason.Shut);
        }
    }

    private bool IsUnheard(long seqnum) => _announced.TryGet(seqnum, out Announcement? one) && !one.IsCompared && !one.Device.IsGone;

    private static long OverdueUsec(RetellDevice device) => device.RetoldUsec + (LongestOpeningUsec << device.Retries);

    // Rules wait at no other actions, and a device without a rule was complete at the kernel's uevent.
    private static bool IsLate(UeventEvent one) => one.Action is "add" or "change" or "move" && one.Device.Rule is not null;

    private void Expect(long seqnum, long usec)
    {
        _unheard.Enqueue((seqnum, usec));
        // Not more than the announcements that are remembered.
        if (_unheard.Count > MostEvents)
            _ = _unheard.Dequeue();
    }

    private void Remember(UdevBroadcast told)
    {
        _told.Add(told.Seqnum, told);
        if (!told.IsShut)
            return;
        if (_shut.Count >= MostEvents)
        {
            _shut.Clear();
            HasForgotten = true;
        }
        _shut[told.DevPath] = told;
    }

    private void Compare(Announcement announcement, UdevBroadcast told)
    {
        if (announcement.IsCompared)
            return;
        announcement.IsCompared = true;
        if (_shut.GetValueOrDefault(told.DevPath)?.Seqnum == told.Seqnum)
            _shut.Remove(told.DevPath);
        if (told.IsShut)
            Want(announcement.Device, RetellReason.Shut);
        else if (told.HeardUsec < announcement.LookedUsec)
            Want(announcement.Device, RetellReason.Early);
    }

    // One retelling serves both reasons. A gate does not queue behind devices that were early.
    private void Want(RetellDevice device, RetellReason reason)
    {
        if (device.IsGone || (reason == RetellReason.Shut ? device.IsOpening : device.IsWanted))
            return;
        device.IsWanted = true;
        if (reason == RetellReason.Shut)
        {
            device.IsOpening = true;
            _opening.Add(device);
        }
        _wanted.Enqueue(new Retelling(device, reason));
    }

    private RetellDevice Know(UeventDevice device)
    {
        if (!_devices.TryGetValue(device.DevPath, out RetellDevice? known))
            _devices[device.DevPath] = known = new RetellDevice(device.DevPath, device.Subsystem);
        known.Renumber(device.Properties);
        return known;
    }

    // The kernel reports only the device that moves, not its descendants.
    private void Rebase(string old, string now)
    {
        foreach (string path in _devices.Keys.Where(path => path == old || DevicePlace.IsBelow(path, old)).ToArray())
        {
            _devices.Remove(path, out RetellDevice? known);
            known!.DevPath = now + path[old.Length..];
            _devices[known.DevPath] = known;
        }
    }

    private sealed class Announcement(RetellDevice device, bool isSettled, long lookedUsec)
    {
        public RetellDevice Device => device;

        public bool IsSettled => isSettled;

        public long LookedUsec => lookedUsec;

        public bool IsCompared { get; set; }
    }
}
