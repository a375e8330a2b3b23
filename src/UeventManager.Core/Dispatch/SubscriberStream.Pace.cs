namespace UeventManager.Core.Dispatch;

/// <content>How far behind it is, and whether it is worth waiting for.</content>
public sealed partial class SubscriberStream
{
    /// <summary>From so many events on it is far behind.</summary>
    public const int FarEvents = MaxEvents / 4;

    /// <summary>From so many bytes on it is far behind.</summary>
    public const int FarBytes = MaxBytes / 4;

    private const long BytesPerUsec = Pace.LeastBytesPerSecond / 1_000_000;
    private long _creditUsec = Pace.SubscriberUsec;
    private long _inVainUsec;

    internal bool IsFarBehind =>
        !_muted && !_overflowed && _replay is null && (QueuedEvents - Math.Max(0, _replayEnd - _next) > FarEvents || QueuedBytes > FarBytes);

    /// <summary>
    /// Told what is thrown while an event is offered to this subscriber alone: it must be closed, nobody else is concerned. Without it that is
    /// an error of the engine's.
    /// </summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Says whether its client has read nearly all that was sent to it; null where that is not known: then it has.</summary>
    public Func<bool>? IsNearlyRead { get; set; }

    /// <summary>Its client has been given all there is and has read nearly all of that: whatever is left with the kernel now, it gets later.</summary>
    internal bool HasAll => !HasSomething && !_muted && (IsNearlyRead?.Invoke() ?? true);

    /// <summary>Takes note that its client has taken what was sent to it before, and gets the next piece.</summary>
    /// <param name="bytes">Length of that piece.</param>
    public void Took(int bytes) => (_creditUsec, _inVainUsec) = (Math.Min(Pace.SubscriberUsec, _creditUsec + (bytes / BytesPerUsec)), 0);

    internal bool IsWorthWaiting() => _creditUsec > 0 && _inVainUsec < Pace.InVainUsec && IsFarBehind;

    internal void WasWaitedFor(long usec)
    {
        _creditUsec -= usec;
        _inVainUsec += usec;
    }
}
