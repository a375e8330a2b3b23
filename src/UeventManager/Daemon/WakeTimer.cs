using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>A timerfd that wakes the engine's thread when the engine's next deadline is due: to the microsecond, unlike epoll's timeout.</summary>
internal sealed unsafe class WakeTimer : IDisposable
{
    private readonly int _descriptor;
    private long _armedUsec = long.MaxValue;

    public WakeTimer(Poller poller)
    {
        _descriptor = LibC.timerfd_create(LibC.CLOCK_MONOTONIC, LibC.O_CLOEXEC | LibC.O_NONBLOCK);
        if (_descriptor < 0)
            throw new SystemCallException("timerfd_create", "", LibC.Errno);
        poller.Add(_descriptor, PollEvents.Readable, _ => Fired());
    }

    /// <summary>Sets when to wake, CLOCK_MONOTONIC microseconds; <see cref="long.MaxValue"/> for never.</summary>
    public void Set(long dueUsec)
    {
        if (dueUsec == _armedUsec)
            return;
        _armedUsec = dueUsec;
        var value = default(LibC.itimerspec);
        if (dueUsec != long.MaxValue)
        {
            // A time of zero would disarm it; one that has passed fires at once.
            dueUsec = Math.Max(1, dueUsec);
            value.it_value.tv_sec = (nint)(dueUsec / 1_000_000);
            value.it_value.tv_nsec = (nint)(dueUsec % 1_000_000 * 1000);
        }
        if (LibC.timerfd_settime(_descriptor, LibC.TFD_TIMER_ABSTIME, &value, null) != 0)
            throw new SystemCallException("timerfd_settime", "", LibC.Errno);
    }

    public void Dispose() => _ = LibC.close(_descriptor);

    private void Fired()
    {
        ulong count;
        _ = LibC.read(_descriptor, &count, sizeof(ulong));
        _armedUsec = long.MaxValue;
    }
}
