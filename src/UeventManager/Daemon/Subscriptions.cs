using UeventManager.Core.Dispatch;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>
/// The running <c>Subscribe</c> calls. Each pulls its next reply when its socket has taken the last one, so that a slow
/// client keeps nothing but its place in the state, or in the ring.
/// </summary>
internal sealed class Subscriptions(Publisher publisher)
{
    private readonly List<Subscription> _all = [];
    private readonly SharedFrames _frame = new();
    private long _news;
    private long _sharedFrom = -1;
    private long _sharedTo;
    private long _sharedBytes;

    /// <summary>Those that run now.</summary>
    public IReadOnlyList<Subscription> All => _all;

    /// <summary>Begins a subscription.</summary>
    public void Add(VarlinkCall call, DeviceFilter? filter, bool stateless, bool unsettled, string? cursor)
    {
        var subscription = new Subscription(call, publisher.Subscribe(filter, stateless, unsettled, cursor), Monotonic.NowUsec);
        subscription.Send = () => Send(subscription);
        subscription.Stream.IsNearlyRead = () => call.IsNearlyRead;
        _all.Add(subscription);
        call.Closed = () => Remove(subscription);
        call.Drained = subscription.Send;
        Send(subscription);
    }

    /// <summary>Sends everybody what there is.</summary>
    public void Flush()
    {
        if (publisher.News == _news)
            return;
        _news = publisher.News;
        _sharedFrom = -1;
        foreach (var subscription in _all)
            subscription.Call.Attempt(subscription.Send);
    }

    private void Send(Subscription subscription)
    {
        var (call, stream) = (subscription.Call, subscription.Stream);
        while (stream.HasSomething && !call.IsFinished && !call.HasPendingOutput)
        {
            if (stream.HasWork)
            {
                // The state and a replay are long: they are made in the connection's own turns.
                BeginWork(subscription);
                return;
            }
            if (stream.SharedPosition >= 0)
                Share(stream);
            else if (!Own(stream))
                return;
            stream.Took(_frame.Span.Length);
            call.SendFrames(_frame);
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
        if (stream.HasWork && Own(stream))
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

    // Subscribers without a filter that stand at the same place get the same bytes, made once.
    private void Share(SubscriberStream stream)
    {
        if (stream.SharedPosition == _sharedFrom && _sharedTo == publisher.Ring.Next)
        {
            stream.Advance(_sharedTo, _sharedBytes);
            return;
        }
        var (from, before) = (stream.SharedPosition, stream.QueuedBytes);
        stream.NextFrame(_frame.Begin());
        (_sharedFrom, _sharedTo, _sharedBytes) = (from, stream.SharedPosition, before - stream.QueuedBytes);
    }

    private bool Own(SubscriberStream stream)
    {
        _sharedFrom = -1;
        if (!stream.TryTakeFrame(out var whole))
            return stream.NextFrame(_frame.Begin());
        _frame.Set(whole);
        return true;
    }

    private void Remove(Subscription subscription)
    {
        _all.Remove(subscription);
        publisher.Unsubscribe(subscription.Stream);
    }
}

/// <summary>One running <c>Subscribe</c> call.</summary>
/// <param name="Call">The call.</param>
/// <param name="Stream">What it still has to get.</param>
/// <param name="SinceUsec">When it began.</param>
internal sealed record Subscription(VarlinkCall Call, SubscriberStream Stream, long SinceUsec)
{
    /// <summary>Sends it what there is.</summary>
    public Action Send { get; set; } = () => { };

    /// <summary>True while its state or a replay is made.</summary>
    public bool IsWorking { get; set; }
}
