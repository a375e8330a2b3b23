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
    private readonly DueHeap _retries = new();
    private long _blindUsec = long.MinValue / 2;

    /// <summary>Devices that could not be looked at when they were last tried.</summary>
    public IEnumerable<(Device Device, int Errno)> Blind =>
        _tree.All().Select(device => (device, Errno: BlindErrno(device))).Where(one => one.Errno != 0);

    private int BlindErrno(Device device) => device.Wait is { LookErrno: not 0 and var errno } ? errno
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
        else if (device.Wait is { } wait && wait.InFlight == look)
        {
            SettleFailed(device, wait, look, errno, nowUsec);
        }
    }

    // Its time counts on, also if nobody could ever look: a device that waits holds others.
    private void SettleFailed(Device device, Wait wait, Look look, int errno, long nowUsec)
    {
        if (wait.LookErrno == 0)
            wait.BlindSinceUsec = nowUsec;
        wait.LookErrno = errno;
        var looked = wait.LookedUsec;
        if ((!wait.Deadline.IsSet || wait.Rule is null) && device.State != DeviceState.Held && wait.FollowUp is null)
            LimitBlindness(device, wait, look.Rule);
        EndLook(wait, look, nowUsec);
        wait.LookedUsec = looked;
        ScheduleLook(device, wait, nowUsec);
    }

    private void LimitBlindness(Device device, Wait wait, BoundRule? rule)
    {
        if (rule is not null)
        {
            SetDeadlines(device, wait, rule);
            return;
        }
        foreach (var pending in wait.Queue)
        {
            if (!pending.Complete && !pending.TimedOut && pending.DeadlineUsec == long.MaxValue)
                pending.DeadlineUsec = pending.ArrivedUsec + Rule.DefaultTimeoutUsec;
        }
        SetDeadline(wait, wait.Queue.Where(pending => !pending.Complete && !pending.TimedOut).Select(pending => pending.DeadlineUsec).DefaultIfEmpty(long.MaxValue).Min());
    }

    private static void LookSucceeded(Wait wait) => (wait.LookErrno, wait.BlindSinceUsec) = (0, 0);

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
        if (device is not { State: DeviceState.Waiting or DeviceState.Held, Wait: { Decided: true } wait })
            return;
        Counters.Voided++;
        VoidDecision(wait);
        wait.Queue[0].Complete = false;
        LookAnew(device, wait, nowUsec);
    }

    private PendingEvent? Newer(PendingEvent? older, PendingEvent? news)
    {
        if (news is null || older is null)
            return news ?? older;
        Counters.Merged++;
        Recycle(older);
        return news;
    }

    private void Retry(long nowUsec)
    {
        for (var i = 0; i < MaxLooksPerStep && _retries.NextUsec <= nowUsec; i++)
        {
            var device = (Device)_retries.Peek().Owner;
            var postponed = _postponed[device];
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
    private sealed class PostponedLook(Device device, long sinceUsec)
    {
        public long SinceUsec => sinceUsec;

        public DueEntry Due { get; } = new(device);

        public int Errno { get; set; }

        public bool Reconcile { get; set; }

        public PendingEvent? Scanned { get; set; }

        public PendingEvent? Heard { get; set; }
    }
}
