using System.Buffers;
using UeventManager.Core.Dispatch;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>
/// The running <c>Subscribe</c> calls. Each pulls its next reply when its socket has taken the last one, so that a slow
/// client keeps nothing but its place in the ring.
/// </summary>
internal sealed class Subscriptions(Publisher publisher)
{
    private readonly List<Subscription> _all = [];
    private readonly ArrayBufferWriter<byte> _frame = new(128 * 1024);
    private long _sharedFrom = -1;
    private long _sharedTo;
    private long _sharedBytes;

    /// <summary>Those that run now.</summary>
    public IReadOnlyList<Subscription> All => _all;

    /// <summary>Begins a subscription.</summary>
    public void Add(VarlinkCall call, DeviceFilter? filter, bool stateless, bool unsettled, string? cursor)
    {
        var subscription = new Subscription(call, publisher.Subscribe(filter, stateless, unsettled, cursor), Monotonic.NowUsec);
        _all.Add(subscription);
        call.Closed = () => Remove(subscription);
        call.Drained = () => Send(subscription);
        Send(subscription);
    }

    /// <summary>True if somebody is on its way from its cursor to now and its socket takes more: then it goes on at once.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Sends everybody what there is.</summary>
    public void Flush()
    {
        _sharedFrom = -1;
        IsBusy = false;
        foreach (var subscription in _all)
            Send(subscription);
    }

    private void Send(Subscription subscription)
    {
        var (call, stream) = (subscription.Call, subscription.Stream);
        while (stream.HasSomething && !call.IsFinished && !call.HasPendingOutput)
        {
            if (stream.SharedPosition >= 0)
                Share(stream);
            else if (!Own(stream))
            {
                IsBusy |= stream.IsReplaying;
                return;
            }
            call.SendFrames(_frame.WrittenSpan);
        }
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
        _frame.ResetWrittenCount();
        stream.NextFrame(_frame);
        (_sharedFrom, _sharedTo, _sharedBytes) = (from, stream.SharedPosition, before - stream.QueuedBytes);
    }

    private bool Own(SubscriberStream stream)
    {
        _sharedFrom = -1;
        _frame.ResetWrittenCount();
        return stream.NextFrame(_frame);
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
internal sealed record Subscription(VarlinkCall Call, SubscriberStream Stream, long SinceUsec);
