namespace UeventManager.Core.Dispatch;

/// <content>How far the subscriber is behind, and whether it is worth waiting for.</content>
public sealed partial class SubscriberStream
{
    /// <summary>The number of queued events from which it is far behind.</summary>
    public const int FarEvents = MaxEvents / 4;

    /// <summary>The number of queued bytes from which it is far behind.</summary>
    public const int FarBytes = MaxBytes / 4;

    private const long BytesPerUsec = Pace.LeastBytesPerSecond / 1_000_000;
    private long _creditUsec = Pace.SubscriberUsec;
    private long _inVainUsec;

    internal bool IsFarBehind =>
        !_muted && !_overflowed && _replay is null && (QueuedEvents - Math.Max(0, _replayEnd - _next) > FarEvents || QueuedBytes > FarBytes);

    /// <summary>
    /// Called with an exception from offering an event to this subscriber alone: the subscriber must then be closed, and no other is affected.
    /// Without it, the exception counts as an error of the engine.
    /// </summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Returns whether the client has read nearly everything sent to it; null if that is unknown: then it counts as read.</summary>
    public Func<bool>? IsNearlyRead { get; set; }

    /// <summary>True if the client was sent everything and has read nearly all of it: events left in the kernel's queue do not hurry it.</summary>
    internal bool HasAll => !HasSomething && !_muted && (IsNearlyRead?.Invoke() ?? true);

    /// <summary>Notes that the client has taken the last piece and gets the next one.</summary>
    /// <param name="bytes">The length of the next piece.</param>
    public void Took(int bytes) => (_creditUsec, _inVainUsec) = (Math.Min(Pace.SubscriberUsec, _creditUsec + (bytes / BytesPerUsec)), 0);

    internal bool IsWorthWaiting() => _creditUsec > 0 && _inVainUsec < Pace.InVainUsec && IsFarBehind;

    internal void WasWaitedFor(long usec)
    {
        _creditUsec -= usec;
        _inVainUsec += usec;
    }
}
