using UeventManager.Core.Dispatch;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// The running <c>Subscribe</c> calls. Each sends its next reply when its socket has taken the last one, so that a slow client costs only its place
/// in the state or in the ring. News is sent to one subscriber of each user, then to the next of each, for a bounded time between two receives: a
/// thousand subscribers of one user delay their own events and no other user's.
/// </summary>
internal sealed class Subscriptions(Publisher publisher)
{
    // The time of one Flush; the next one continues after the kernel's socket has been read again.
    private const long FlushUsec = 500;
    private readonly List<Subscription> _all = [];
    private readonly List<OfUser> _users = [];
    private readonly SharedFrames _frame = new();
    private int _userAt;
    private bool _again;
    private long _news;

    /// <summary>The running subscriptions.</summary>
    public IReadOnlyList<Subscription> All => _all;

    /// <summary>
    /// The most that the filters of one user's subscriptions may cost per event, in the steps of <see cref="DeviceFilter.Steps"/>: some 200
    /// microseconds. Twice as much as one user's most connections with simple filters.
    /// </summary>
    public const int MaxFilterSteps = 2048;

    /// <summary>False if one more filter of this user would cost too much.</summary>
    public bool HasRoom(uint uid, DeviceFilter? filter) =>
        filter is null || filter.Steps + (_users.Find(user => user.Uid == uid)?.All.Sum(one => one.Stream.Filter?.Steps ?? 0) ?? 0) <= MaxFilterSteps;

    /// <summary>Begins a subscription.</summary>
    public void Add(VarlinkCall call, Func<Publisher, SubscriberStream> begin)
    {
        var subscription = new Subscription(call, begin(publisher), Monotonic.NowUsec);
        subscription.Send = () => Send(subscription);
        (subscription.Stream.IsNearlyRead, subscription.Stream.Failed) = (() => call.IsNearlyRead, call.Fail);
        _all.Add(subscription);
        UserOf(call.Peer.Uid).All.Add(subscription);
        call.Closed = () => Remove(subscription);
        call.Drained = subscription.Send;
        Send(subscription);
    }

    /// <summary>True if a subscriber has not had its turn, or its socket accepts more: continue at once.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Sends news to all subscribers, as far as there is time.</summary>
    /// <param name="usec">The time, in microseconds.</param>
    public void Flush(long usec = FlushUsec)
    {
        if (publisher.News == _news && !IsBusy)
            return;
        if (publisher.News != _news || _again)
            _users.ForEach(user => user.Left = user.All.Count);
        _news = publisher.News;
        publisher.ForgetWritten();
        _again = false;
        var end = Monotonic.NowUsec + usec;
        // The first round serves every user, even if it takes longer because there are many.
        for (var round = 0; SendRound(end, mayStop: round > 0); round++)
        {
        }
        IsBusy = _again || _users.Exists(user => user.Left > 0);
    }

    // Serves one subscriber of each user. False if nothing is left, or no time.
    private bool SendRound(long end, bool mayStop)
    {
        var any = false;
        for (var i = 0; i < _users.Count; i++)
        {
            _userAt = (_userAt + 1) % _users.Count;
            if (_users[_userAt].Next() is not { } subscription)
                continue;
            subscription.Call.Attempt(subscription.Send);
            any = true;
            if (mayStop && Monotonic.NowUsec >= end)
                return false;
        }
        return any && Monotonic.NowUsec < end;
    }

    private void Send(Subscription subscription)
    {
        var (call, stream) = (subscription.Call, subscription.Stream);
        var end = Monotonic.NowUsec + VarlinkTurns.StepUsec;
        while (stream.HasSomething && !call.IsFinished && !call.HasPendingOutput)
        {
            if (stream.HasWork)
            {
                // The state and a replay are long, so they are sent in the connection's own turns.
                BeginWork(subscription);
                return;
            }
            if (!publisher.TryReuse(stream) && !Next(stream))
                return;
            stream.Took(_frame.Span.Length);
            call.SendFrames(_frame);
            if (Monotonic.NowUsec >= end)
            {
                // The client reads as fast as it is sent to.
                GoOn(stream.HasSomething && !call.HasPendingOutput);
                return;
            }
        }
    }

    private void BeginWork(Subscription subscription)
    {
        if (subscription.IsWorking)
            return;
        subscription.IsWorking = true;
        subscription.Call.Work(() => Work(subscription));
    }

    private bool Work(Subscription subscription)
    {
        var (call, stream) = (subscription.Call, subscription.Stream);
        if (stream.HasWork && Next(stream))
        {
            stream.Took(_frame.Span.Length);
            call.SendFrames(_frame);
        }
        if (stream.HasWork)
            return false;
        subscription.IsWorking = false;
        Send(subscription);
        return true;
    }

    private void GoOn(bool goesOn) => (_again, IsBusy) = (_again || goesOn, IsBusy || goesOn);

    private OfUser UserOf(uint uid)
    {
        if (_users.Find(user => user.Uid == uid) is not { } user)
            _users.Add(user = new OfUser(uid));
        return user;
    }

    private bool Next(SubscriberStream stream)
    {
        if (!stream.TryTakeFrame(out var whole))
            return publisher.Write(stream, _frame.Begin());
        publisher.ForgetWritten();
        _frame.Set(whole);
        return true;
    }

    private void Remove(Subscription subscription)
    {
        _all.Remove(subscription);
        var user = UserOf(subscription.Call.Peer.Uid);
        user.All.Remove(subscription);
        if (user.All.Count == 0)
            _users.Remove(user);
        publisher.Unsubscribe(subscription.Stream);
    }

    // The subscribers of one user, and how many of them have not got the news yet.
    private sealed class OfUser(uint uid)
    {
        private int _at;

        public uint Uid { get; } = uid;

        public List<Subscription> All { get; } = [];

        public int Left { get; set; }

        public Subscription? Next()
        {
            if (Left == 0 || All.Count == 0)
                return null;
            Left--;
            _at = (_at + 1) % All.Count;
            return All[_at];
        }
    }
}

/// <summary>One running <c>Subscribe</c> call.</summary>
/// <param name="Call">The call.</param>
/// <param name="Stream">The replies that it still has to get.</param>
/// <param name="SinceUsec">The time of its beginning.</param>
internal sealed record Subscription(VarlinkCall Call, SubscriberStream Stream, long SinceUsec)
{
    /// <summary>Sends the next replies.</summary>
    public Action Send { get; set; } = () => { };

    /// <summary>True while its state or replay is sent in its connection's turns.</summary>
    public bool IsWorking { get; set; }
}
