namespace UeventManager;

/// <summary>A timerfd(2) on CLOCK_MONOTONIC: a wake-up with a finer grain than epoll_wait()'s milliseconds.</summary>
public sealed unsafe class TimerFd : IDisposable
{
    private readonly DescriptorHandle _handle = new(LibC.timerfd_create(LibC.CLOCK_MONOTONIC, LibC.O_CLOEXEC | LibC.O_NONBLOCK));

    /// <summary>Makes one that is not set.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public TimerFd()
    {
        if (_handle.IsInvalid)
            throw new SystemCallException("timerfd_create", null, LibC.Errno);
    }

    /// <summary>The descriptor, for epoll.</summary>
    public int Descriptor => _handle.Descriptor;

    /// <summary>Sets the next wake-up; setting also takes back one that has come.</summary>
    /// <param name="usec">CLOCK_MONOTONIC microseconds (one in the past comes at once), or null for none.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Set(long? usec)
    {
        var value = default(LibC.itimerspec);
        if (usec is { } at)
        {
            // 0 would disarm.
            at = Math.Max(at, 1);
            value.it_value = new LibC.timespec { tv_sec = at / 1_000_000, tv_nsec = at % 1_000_000 * 1000 };
        }
        if (LibC.timerfd_settime(_handle.Descriptor, LibC.TFD_TIMER_ABSTIME, &value, null) != 0)
            throw new SystemCallException("timerfd_settime", null, LibC.Errno);
    }

    /// <summary>Takes a wake-up that has come.</summary>
    public void Clear()
    {
        ulong count;
        _ = LibC.read(_handle.Descriptor, &count, sizeof(ulong));
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => _handle.Dispose();
}
