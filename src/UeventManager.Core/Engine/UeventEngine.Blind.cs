using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

// A look that could not be made says nothing: neither that something is there nor that it is not. It is made again, at growing intervals.
public sealed partial class UeventEngine
{
    // So long after the last look that failed, another one is news.
    private const long ToldBlindUsec = 60_000_000;

    private long _blindUsec = long.MinValue / 2;

    /// <summary>Devices that could not be looked at when they were last tried.</summary>
    public IEnumerable<(Device Device, int Errno)> Blind =>
        _tree.All().Select(device => (device, Errno: BlindErrno(device))).Where(one => one.Errno != 0);

    private int BlindErrno(Device device) => device.Pending is { LookErrno: not 0 and var errno } ? errno : _postponed.ErrnoOf(device);

    private void LookFailed(Device device, Look look, int errno, long nowUsec)
    {
        Counters.LooksFailed++;
        if (nowUsec - _blindUsec > ToldBlindUsec)
            Report(Incident.CannotLook, device, [ErrnoName.Of(errno)]);
        _blindUsec = nowUsec;
        if (look.Purpose == LookPurpose.Identify)
        {
            _identifying--;
            Postpone(device, look, errno, nowUsec);
            _looks.Return(look);
        }
        else if (device.Pending is { } pending && pending.InFlight == look)
        {
            SettleFailed(device, pending, look, errno, nowUsec);
        }
    }

    // Its time counts on, also if nobody could ever look: a device that waits holds others.
    private void SettleFailed(Device device, Pending pending, Look look, int errno, long nowUsec)
    {
        pending.FailLook(errno, nowUsec);
        if ((!pending.Deadline.IsSet || pending.Rule is null) && device.State != DeviceState.Held && pending.FollowUp is null)
            LimitBlindness(device, pending, look.Rule);
        SpendLook(look, nowUsec);
        ScheduleLook(device, pending, nowUsec);
    }

    private void LimitBlindness(Device device, Pending pending, BoundRule? rule)
    {
        if (rule is not null)
        {
            SetDeadlines(device, pending, rule);
            return;
        }
        SetDeadline(pending, pending.SetDeadlines(Rule.DefaultTimeoutUsec, onlyWithout: true));
    }

    // Who is there is asked again later.
    private void Postpone(Device device, Look look, int errno, long nowUsec)
    {
        if (!device.InTree)
        {
            // It went meanwhile. What a scan saw at its place another scan sees better.
            if (look is { Reconcile: true, News: not null })
                RescanSoon(nowUsec);
            Drop(look.News);
            return;
        }
        Counters.Merged += _postponed.Add(look, errno, nowUsec);
        if (look is { Reconcile: false, News: not null })
            VoidUnidentified(device, nowUsec);
    }

    // A further add came, perhaps another instance's: what is decided of the one before must not go out with it.
    private void VoidUnidentified(Device device, long nowUsec)
    {
        if (device.Pending is { IsDecided: true } pending)
            VoidAdd(pending, nowUsec);
    }

    private void Retry(long nowUsec)
    {
        for (var i = 0; i < MaxLooksPerStep && _postponed.NextUsec <= nowUsec; i++)
        {
            var postponed = _postponed.TakeDue();
            var (scanned, heard, reconcile) = postponed.Take();
            if (reconcile)
                Identify(postponed.Device, scanned, nowUsec, reconcile: true);
            if (heard is not null || !reconcile)
                Identify(postponed.Device, heard, nowUsec);
        }
    }

    private void ForgetPostponed(long nowUsec)
    {
        foreach (var device in _postponed.All())
        {
            ForgetPostponed(device, nowUsec);
            LeaveReconcile(device);
        }
    }

    // It goes, or events were lost: whatever was to be found out, a scan does.
    private void ForgetPostponed(Device device, long nowUsec)
    {
        if (_postponed.Forget(device))
            RescanSoon(nowUsec);
    }
}
