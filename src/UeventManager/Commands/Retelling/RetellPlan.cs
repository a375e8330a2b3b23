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

    // By when udevd has worked on what it was made to tell again. It may have ended over it instead.
    private const long LongestOpeningUsec = 10_000_000;

    // Where udevd is only slow, more events make it slower: each further time waits twice as long, up to 32 times.
    private const int MostDoublings = 5;

    private readonly Dictionary<string, RetellDevice> _devices = new(StringComparer.Ordinal);
    private readonly RecentEvents<Announcement> _announced = new(MostEvents);
    private readonly RecentEvents<UdevBroadcast> _told = new(MostEvents);
    private readonly Dictionary<string, UdevBroadcast> _shut = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shutEntries = new(StringComparer.Ordinal);
    private readonly Queue<Retelling> _wanted = new();

    // Whose gates are to open, and some that have opened since.
    private readonly HashSet<RetellDevice> _opening = [];

    // Announced before udevd has told of them, in order, and when.
    private readonly Queue<(long Seqnum, long Usec)> _unheard = new();

    /// <summary>Called with the number of each event that the daemon has announced, and whether the device is complete.</summary>
    public Action<long, bool>? Announced { get; set; }

    /// <summary>True if more gates are shut than are remembered: udev's database has them. The reader of the database sets it to false.</summary>
    public bool HasForgotten { get; set; }

    /// <summary>What udevd must tell again, in order.</summary>
    public bool TryTake(out Retelling retelling) => _wanted.TryDequeue(out retelling!);

    /// <summary>Whether the daemon has announced an event; null if it has not, or long ago.</summary>
    public bool? IsSettled(long seqnum) => _announced.TryGet(seqnum, out Announcement? one) ? one.IsSettled : null;

    /// <summary>Takes the daemon's picture for the whole truth.</summary>
    /// <param name="state">The picture.</param>
    /// <param name="newest">A SEQNUM that the kernel had given by then: no event in the picture has a greater one.</param>
    public void Take(StateChange state, long newest)
    {
        _devices.Clear();
        foreach (UeventDevice device in state.Devices)
            Know(device).LastSeqnum = newest;
    }

    /// <summary>Takes an event that the daemon announces.</summary>
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
            // The daemon's own: udevd has told of the device as it was before.
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

    /// <summary>Takes what udevd told.</summary>
    public void Take(UdevBroadcast told)
    {
        RetellDevice? device = _devices.GetValueOrDefault(told.DevPath);
        if (told.IsRetold)
        {
            // The gate is open from this event on, whatever was told of those before it.
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
            // Its event was merged into another that has been announced, or the daemon knew the device before.
            Want(device, RetellReason.Shut);
        else
            Remember(told);
    }

    /// <summary>Takes what udev's database says: the devices whose gates are shut. Those that wait are opened once they are announced.</summary>
    /// <param name="entries">The names of their entries.</param>
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
            // That it is opened may not have been heard.
            device.IsOpening = false;
            Want(device, RetellReason.Shut);
        }
    }

    /// <summary>When udevd will have taken too long, CLOCK_MONOTONIC, to open a gate or to tell of what is announced; null while there is no such thing.</summary>
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
    /// Wants those opened (again) of which udevd has not told for too long, and whose gates are shut: it ended before it was done with them, or between its
    /// database and its broadcast.
    /// </summary>
    /// <param name="entries">The names of the shut gates' entries in udev's database.</param>
    /// <param name="nowUsec">CLOCK_MONOTONIC.</param>
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

    // Of other actions nobody waits for completeness; and what no rule is for was complete when the kernel told of it.
    private static bool IsLate(UeventEvent one) => one.Action is "add" or "change" or "move" && one.Device.Rule is not null;

    private void Expect(long seqnum, long usec)
    {
        _unheard.Enqueue((seqnum, usec));
        // No more announcements are remembered.
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

    // One retelling serves all that was to be told; a gate does not wait for the turn of what was early.
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

    // The kernel tells of the device that moves, not of those below it.
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
