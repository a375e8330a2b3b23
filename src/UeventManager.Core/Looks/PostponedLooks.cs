using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Looks;

/// <summary>Devices that could not be looked at when their instance was asked for. They are looked at again, at growing intervals.</summary>
/// <param name="events">Where events go that are over.</param>
internal sealed class PostponedLooks(EventPool events)
{
    private readonly Dictionary<Device, PostponedLook> _postponed = [];
    private readonly DueHeap<PostponedLook> _retries = new();

    /// <summary>When the next one is to be tried; <see cref="long.MaxValue"/> if none is.</summary>
    public long NextUsec => _retries.NextUsec;

    /// <summary>Why a device could not be looked at when it was last tried; 0 if it was.</summary>
    public int ErrnoOf(Device device) => _postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && postponed.Due.IsSet ? postponed.Errno : 0;

    /// <summary>A look could not be made. What it was made for is kept: of each kind the newest, so that it is bounded.</summary>
    /// <returns>How many older ones it has taken the place of.</returns>
    public int Add(Look look, int errno, long nowUsec)
    {
        if (!_postponed.TryGetValue(look.Device, out var postponed))
            _postponed.Add(look.Device, postponed = new PostponedLook(look.Device, nowUsec));
        postponed.Errno = errno;
        postponed.Reconcile |= look.Reconcile;
        var older = look.Reconcile ? postponed.Scanned : postponed.Heard;
        if (look.News is { } news)
        {
            if (look.Reconcile)
                postponed.Scanned = news;
            else
                postponed.Heard = news;
        }
        if (!postponed.Due.IsSet)
            _retries.Set(postponed.Due, LookTimes.Retry(postponed.SinceUsec, nowUsec));
        if (look.News is null || older is null)
            return 0;
        events.Return(older);
        return 1;
    }

    /// <summary>Takes the next one that is to be tried again.</summary>
    public PostponedLook TakeDue()
    {
        var postponed = _retries.Peek().Owner;
        _retries.Clear(postponed.Due);
        return postponed;
    }

    /// <summary>A further add of a device of which nobody could see yet which instance it is for.</summary>
    public PendingEvent? AddOf(Device device) =>
        _postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && postponed.Heard?.Seqnum == device.AddSeqnum ? postponed.Heard : null;

    /// <summary>A device could be looked at.</summary>
    public void Succeeded(Device device)
    {
        if (_postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && !postponed.Due.IsSet)
            _postponed.Remove(device);
    }

    /// <summary>The devices that are postponed.</summary>
    public IReadOnlyList<Device> All() => [.. _postponed.Keys];

    /// <summary>A device goes, or events were lost.</summary>
    /// <returns>True if a scan has to find out what was to be found out of it.</returns>
    public bool Forget(Device device)
    {
        if (_postponed.Count == 0 || !_postponed.Remove(device, out var postponed))
            return false;
        _retries.Clear(postponed.Due);
        var wasScanned = postponed.Scanned is not null;
        if (postponed.Scanned is { } scanned)
            events.Return(scanned);
        if (postponed.Heard is { } heard)
            events.Return(heard);
        return wasScanned;
    }
}

/// <summary>What is to be found out about one device as soon as it can be looked at.</summary>
internal sealed class PostponedLook
{
    public PostponedLook(Device device, long sinceUsec)
    {
        (Device, SinceUsec) = (device, sinceUsec);
        Due = new DueEntry<PostponedLook>(this);
    }

    public Device Device { get; }

    public long SinceUsec { get; }

    public DueEntry<PostponedLook> Due { get; }

    public int Errno { get; internal set; }

    public bool Reconcile { get; internal set; }

    public PendingEvent? Scanned { get; internal set; }

    public PendingEvent? Heard { get; internal set; }

    /// <summary>Takes what it is made for; it may be postponed again.</summary>
    public (PendingEvent? Scanned, PendingEvent? Heard, bool Reconcile) Take()
    {
        var taken = (Scanned, Heard, Reconcile);
        (Scanned, Heard, Reconcile) = (null, null, false);
        // It may have been renamed meanwhile.
        if (taken.Scanned is { } scanned)
            scanned.Path = Device.Node.Path;
        if (taken.Heard is { } heard)
            heard.Path = Device.Node.Path;
        return taken;
    }
}
