using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Looks;

/// <summary>Identifying looks that failed. They are repeated at growing intervals.</summary>
/// <param name="events">Takes ended events back.</param>
internal sealed class PostponedLooks(EventPool events)
{
    private readonly Dictionary<Device, PostponedLook> _postponed = [];
    private readonly DueHeap<PostponedLook> _retries = new();

    /// <summary>The time of the next attempt; <see cref="long.MaxValue"/> if there is none.</summary>
    public long NextUsec => _retries.NextUsec;

    /// <summary>The errno of a device's last failed look; 0 if it did not fail.</summary>
    public int ErrnoOf(Device device) => _postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && postponed.Due.IsSet ? postponed.Errno : 0;

    /// <summary>Postpones a failed look. Only the newest event of each kind is kept, so memory is bounded.</summary>
    /// <returns>The number of older events that it replaced.</returns>
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

    /// <summary>Takes the next look to repeat.</summary>
    public PostponedLook TakeDue()
    {
        var postponed = _retries.Peek().Owner;
        _retries.Clear(postponed.Due);
        return postponed;
    }

    /// <summary>A further add of a device whose instance could not be identified yet.</summary>
    public PendingEvent? AddOf(Device device) =>
        _postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && postponed.Heard?.Seqnum == device.AddSeqnum ? postponed.Heard : null;

    /// <summary>Notes that a look at a device succeeded.</summary>
    public void Succeeded(Device device)
    {
        if (_postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && !postponed.Due.IsSet)
            _postponed.Remove(device);
    }

    /// <summary>The postponed devices.</summary>
    public IReadOnlyList<Device> All() => [.. _postponed.Keys];

    /// <summary>Forgets a device, because it is removed or events were lost.</summary>
    /// <returns>True if a scan must answer the postponed question instead.</returns>
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

/// <summary>The open questions about one device until a look succeeds.</summary>
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

    /// <summary>Takes the events for the next attempt; it may be postponed again.</summary>
    public (PendingEvent? Scanned, PendingEvent? Heard, bool Reconcile) Take()
    {
        var taken = (Scanned, Heard, Reconcile);
        (Scanned, Heard, Reconcile) = (null, null, false);
        // The device may have been renamed meanwhile.
        if (taken.Scanned is { } scanned)
            scanned.Path = Device.Node.Path;
        if (taken.Heard is { } heard)
            heard.Path = Device.Node.Path;
        return taken;
    }
}
