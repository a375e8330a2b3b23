using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

// Answers of looks, and drains. A failed look proves neither existence nor absence.
public sealed partial class UeventEngine
{
    // A failed look is reported only if none has failed for this long, in microseconds.
    private const long BlindReportUsec = 60_000_000;

    private const long Never = long.MinValue / 2;

    private long _blindUsec;

    /// <summary>Devices whose last look failed, with its errno.</summary>
    public IEnumerable<(Device Device, int Errno)> Blind =>
        _tree.All().Select(device => (device, Errno: BlindErrno(device))).Where(one => one.Errno != 0);

    /// <summary>Takes back a look with its answers.</summary>
    /// <param name="look">The look.</param>
    /// <param name="id">The look's id when it was asked; an abandoned look has another id by now.</param>
    /// <param name="nowUsec">The time of the last answer.</param>
    public void Answered(Look look, long id, long nowUsec)
    {
        Tap?.Answered(look, id, nowUsec);
        BeginStep(nowUsec);
        var device = look.Device;
        if (look.Id != id)
            return;
        if (look.Failure is var errno and not 0)
        {
            LookFailed(device, look, errno, nowUsec);
            return;
        }
        var again = look.Probed && look.Instance != look.FirstInstance;
        look.Probed = true;
        look.FirstInstance = look.Instance;
        if (look.Purpose == LookPurpose.Identify)
        {
            _postponed.Succeeded(device);
            Identified(device, look, nowUsec);
            _settlement.IdentifyEnded(look);
        }
        else if (device.Pending is { } pending && pending.InFlight == look)
        {
            pending.SeeAgain();
            // The directory was renamed or re-created between the two halves of the look: the halves belong to different devices.
            if (again)
                _settlement.LookAnew(device, pending, nowUsec);
            else
                _settlement.Advance(device, look, nowUsec);
        }
    }

    /// <summary>An abandoned read has returned: the driver's lock is free, and the device need not wait for its next look.</summary>
    public void ReadReturned(Device device, long nowUsec)
    {
        Tap?.ReadReturned(device, nowUsec);
        BeginStep(nowUsec);
        _settlement.LookSoon(device, nowUsec);
    }

    /// <summary>
    /// Everything that could have been queued in the socket when a look ended has been stepped: the receive that began afterwards found fewer
    /// datagrams than it asked for, or as many datagrams as the queue can hold have arrived since.
    /// </summary>
    /// <param name="endedLooks">The value of <see cref="EndedLooks"/> when the receive began.</param>
    /// <param name="nowUsec">Now.</param>
    public void Drained(long endedLooks, long nowUsec)
    {
        Tap?.Drained(endedLooks, nowUsec);
        BeginStep(nowUsec);
        while (_drains.TryTake(endedLooks, out var entry))
        {
            if (entry.Group is { } group)
                _settlement.GroupDrained(group, entry.Decision, nowUsec);
            else if (entry.Seen is { } seen)
                Confirm(seen, nowUsec);
            else if (entry.Pending is { Device: { InTree: true } device, Add: { IsDecided: true } add } pending && device.Pending == pending && add.Decision == entry.Decision)
                _settlement.Complete(device, pending, add, nowUsec);
        }
        if (_drains.IsEmpty && _settlement.IsEverybodyIdentified)
            _reconciliation.ForgetSwept();
    }

    /// <summary>True if every decision made up to this number of ended looks is drained.</summary>
    public bool IsDrained(long endedLooks) => _drains.IsDrained(endedLooks);

    private int BlindErrno(Device device) => device.Pending is { LookErrno: not 0 and var errno } ? errno : _postponed.ErrnoOf(device);

    private void LookFailed(Device device, Look look, int errno, long nowUsec)
    {
        Counters.LooksFailed++;
        if (nowUsec - _blindUsec > BlindReportUsec)
            _output.Report(Incident.CannotLook, device, [ErrnoName.Of(errno)]);
        _blindUsec = nowUsec;
        if (look.Purpose == LookPurpose.Identify)
        {
            Postpone(device, look, errno, nowUsec);
            _settlement.IdentifyEnded(look);
        }
        else if (device.Pending is { } pending && pending.InFlight == look)
        {
            _settlement.SettleFailed(device, pending, look, errno, nowUsec);
        }
    }

    // Asks again later which instance stands at the path.
    private void Postpone(Device device, Look look, int errno, long nowUsec)
    {
        if (!device.InTree)
        {
            // The device was removed meanwhile. A new scan finds out what stands at its path now.
            if (look is { Reconcile: true, News: not null })
                Doubt(nowUsec);
            Drop(look.News);
            return;
        }
        Counters.Merged += _postponed.Add(look, errno, nowUsec);
        if (look is { Reconcile: false, News: not null })
            VoidUnidentified(device, nowUsec);
    }

    // A further add arrived, perhaps of another instance: the previous add's decision must not be delivered with the new properties.
    private void VoidUnidentified(Device device, long nowUsec)
    {
        if (device.Pending is { IsDecided: true } pending)
            _settlement.VoidAdd(pending, nowUsec);
    }

    private void Retry(long nowUsec)
    {
        for (var i = 0; i < MaxLooksPerStep && _postponed.NextUsec <= nowUsec; i++)
        {
            var postponed = _postponed.TakeDue();
            var (scanned, heard, reconcile) = postponed.Take();
            if (reconcile)
                _settlement.Identify(postponed.Device, scanned, nowUsec, reconcile: true);
            if (heard is not null || !reconcile)
                _settlement.Identify(postponed.Device, heard, nowUsec);
        }
    }

    private void ForgetPostponed(long nowUsec)
    {
        foreach (var device in _postponed.All())
        {
            ForgetPostponed(device, nowUsec);
            _settlement.LeaveReconcile(device);
        }
    }

    // The device is removed, or events were lost: a scan answers the postponed question.
    private void ForgetPostponed(Device device, long nowUsec)
    {
        if (_postponed.Forget(device))
            Doubt(nowUsec);
    }
}
