using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Engine;

// A look that could not be made says nothing: neither that something is there nor that it is not. It is made again, at growing intervals.
public sealed partial class UeventEngine
{
    // So long after the last look that failed, another one is news.
    private const long ToldBlindUsec = 60_000_000;

    private readonly Dictionary<Device, PostponedLook> _postponed = [];
    private readonly DueHeap<PostponedLook> _retries = new();
    private long _blindUsec = long.MinValue / 2;

    /// <summary>Devices that could not be looked at when they were last tried.</summary>
    public IEnumerable<(Device Device, int Errno)> Blind =>
        _tree.All().Select(device => (device, Errno: BlindErrno(device))).Where(one => one.Errno != 0);

    private int BlindErrno(Device device) => device.Pending is { LookErrno: not 0 and var errno } ? errno
        : _postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && postponed.Due.IsSet ? postponed.Errno : 0;

    private void LookFailed(Device device, Look look, int errno, long nowUsec)
    {
        Counters.LooksFailed++;
        if (nowUsec - _blindUsec > ToldBlindUsec)
            Report(Incident.CannotLook, device, [ErrnoName.Of(errno)]);
        _blindUsec = nowUsec;
        if (look.Purpose == LookPurpose.Identify)
        {
            Postpone(device, look, errno, nowUsec);
            ReturnLook(look);
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

    // Who is there is asked again later. What it was asked for is kept: of each kind the newest, so that it is bounded.
    private void Postpone(Device device, Look look, int errno, long nowUsec)
    {
        var news = look.Payload as PendingEvent;
        if (!device.InTree)
        {
            // It went meanwhile. What a scan saw at its place another scan sees better.
            if (look.Reconcile && news is not null)
                RescanSoon(nowUsec);
            Drop(news);
            return;
        }
        if (!_postponed.TryGetValue(device, out var postponed))
            _postponed.Add(device, postponed = new PostponedLook(device, nowUsec));
        postponed.Errno = errno;
        if (look.Reconcile)
        {
            postponed.Reconcile = true;
            postponed.Scanned = Newer(postponed.Scanned, news);
        }
        else
        {
            postponed.Heard = Newer(postponed.Heard, news);
            if (news is not null)
                VoidUnidentified(device, nowUsec);
        }
        if (!postponed.Due.IsSet)
            _retries.Set(postponed.Due, LookTimes.Retry(postponed.SinceUsec, nowUsec));
    }

    // A further add came, perhaps another instance's: what is decided of the one before must not go out with it.
    private void VoidUnidentified(Device device, long nowUsec)
    {
        if (device.Pending is { IsDecided: true } pending)
            VoidAdd(pending, nowUsec);
    }

    private PendingEvent? Newer(PendingEvent? older, PendingEvent? news)
    {
        if (news is null || older is null)
            return news ?? older;
        Counters.Merged++;
        _events.Return(older);
        return news;
    }

    private void Retry(long nowUsec)
    {
        for (var i = 0; i < MaxLooksPerStep && _retries.NextUsec <= nowUsec; i++)
        {
            var postponed = _retries.Peek().Owner;
            var device = postponed.Device;
            _retries.Clear(postponed.Due);
            var (scanned, heard, reconcile) = (postponed.Scanned, postponed.Heard, postponed.Reconcile);
            (postponed.Scanned, postponed.Heard, postponed.Reconcile) = (null, null, false);
            // It may have been renamed meanwhile.
            if (scanned is not null)
                scanned.Path = device.Node.Path;
            if (heard is not null)
                heard.Path = device.Node.Path;
            if (reconcile)
                Identify(device, scanned, nowUsec, reconcile: true);
            if (heard is not null || !reconcile)
                Identify(device, heard, nowUsec);
        }
    }

    // A further add of which nobody could see yet which instance it is for.
    private PendingEvent? PostponedAdd(Device device) =>
        _postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && postponed.Heard?.Seqnum == device.AddSeqnum ? postponed.Heard : null;

    private void IdentifySucceeded(Device device)
    {
        if (_postponed.Count > 0 && _postponed.TryGetValue(device, out var postponed) && !postponed.Due.IsSet)
            _postponed.Remove(device);
    }

    private void ForgetPostponed(long nowUsec)
    {
        foreach (var device in _postponed.Keys.ToList())
        {
            ForgetPostponed(device, nowUsec);
            LeaveReconcile(device);
        }
    }

    // It goes, or events were lost: whatever was to be found out, a scan does.
    private void ForgetPostponed(Device device, long nowUsec)
    {
        if (_postponed.Count == 0 || !_postponed.Remove(device, out var postponed))
            return;
        _retries.Clear(postponed.Due);
        if (postponed.Scanned is not null)
            RescanSoon(nowUsec);
        Drop(postponed.Scanned);
        Drop(postponed.Heard);
    }

    /// <summary>What is to be found out about one device as soon as it can be looked at.</summary>
    private sealed class PostponedLook
    {
        public PostponedLook(Device device, long sinceUsec)
        {
            (Device, SinceUsec) = (device, sinceUsec);
            Due = new DueEntry<PostponedLook>(this);
        }

        public Device Device { get; }

        public long SinceUsec { get; }

        public DueEntry<PostponedLook> Due { get; }

        public int Errno { get; set; }

        public bool Reconcile { get; set; }

        public PendingEvent? Scanned { get; set; }

        public PendingEvent? Heard { get; set; }
    }
}
