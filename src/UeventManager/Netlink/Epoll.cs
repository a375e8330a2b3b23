using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace UeventManager;

/// <summary>
/// epoll(7), level-triggered, for one thread. Hides that struct epoll_event is packed on x86-64 only
/// (uapi/linux/eventpoll.h).
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private readonly byte[] _items;
    private readonly DescriptorHandle _handle;
    private readonly int _capacity;

    /// <summary>Makes an empty set.</summary>
    /// <param name="capacity">Most descriptors that one <see cref="Wait"/> reports; the others wait for the next.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public Epoll(int capacity = 64)
    {
        _capacity = capacity;
        _items = GC.AllocateArray<byte>(capacity * sizeof(LibC.epoll_event_other), pinned: true);
        _handle = new DescriptorHandle(LibC.epoll_create1(LibC.O_CLOEXEC));
        if (_handle.IsInvalid)
            throw new SystemCallException("epoll_create1", null, LibC.Errno);
    }

    /// <summary>False where epoll_pwait2() has been refused; tests set it.</summary>
    internal bool HasPreciseWait { get; set; } = true;

    private byte* Items => (byte*)Unsafe.AsPointer(ref _items[0]);

    /// <summary>Lets the calling thread's waits end when they are due, and not up to 50 µs later as is allowed to others (<c>timer_slack_ns</c>).</summary>
    public static void BePrecise() => _ = LibC.prctl(LibC.PR_SET_TIMERSLACK, 1, 0, 0, 0);

    /// <summary>Watches a descriptor.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="events">EPOLLIN and the like; EPOLLERR and EPOLLHUP are always reported.</param>
    /// <param name="token">Comes back with each report.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Add(int descriptor, uint events, ulong token) => Control(LibC.EPOLL_CTL_ADD, descriptor, events, token);

    /// <summary>Changes what is watched.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Modify(int descriptor, uint events, ulong token) => Control(LibC.EPOLL_CTL_MOD, descriptor, events, token);

    /// <summary>Stops watching; must come before the descriptor is closed.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Remove(int descriptor) => Control(LibC.EPOLL_CTL_DEL, descriptor, 0, 0);

    /// <summary>Waits; returns how many are ready, 0 at the timeout or when a signal came.</summary>
    /// <param name="timeoutUsec">Microseconds, 0 to only look, -1 for no timeout.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public int Wait(long timeoutUsec)
    {
        var count = timeoutUsec > 0 ? WaitPrecisely(timeoutUsec) : LibC.epoll_wait(_handle.Descriptor, Items, _capacity, timeoutUsec == 0 ? 0 : -1);
        if (count < 0 && LibC.Errno != LibC.EINTR)
            throw new SystemCallException("epoll_wait", null, LibC.Errno);
        return Math.Max(count, 0);
    }

    // epoll_wait() counts in milliseconds, and looks come five times as often. epoll_pwait2() is there from Linux 5.11 on, and a filter of system calls
    // may not know it; then the set itself is polled, which is one call more.
    private int WaitPrecisely(long timeoutUsec)
    {
        var time = new LibC.timespec { tv_sec = timeoutUsec / 1_000_000, tv_nsec = timeoutUsec % 1_000_000 * 1000 };
        if (HasPreciseWait)
        {
            var count = LibC.epoll_pwait2(_handle.Descriptor, Items, _capacity, &time);
            if (count >= 0 || LibC.Errno is not (LibC.ENOSYS or LibC.EPERM))
                return count;
            HasPreciseWait = false;
        }
        var set = new LibC.pollfd { fd = _handle.Descriptor, events = LibC.POLLIN };
        return LibC.ppoll(&set, 1, &time, null) < 0 ? -1 : LibC.epoll_wait(_handle.Descriptor, Items, _capacity, 0);
    }

    /// <summary>A report of the last <see cref="Wait"/>: what happened, and the token of the descriptor.</summary>
    public (uint Events, ulong Token) this[int index] => s_packed
        ? (((LibC.epoll_event_x64*)Items)[index].events, ((LibC.epoll_event_x64*)Items)[index].data)
        : (((LibC.epoll_event_other*)Items)[index].events, ((LibC.epoll_event_other*)Items)[index].data);

    /// <summary>Closes the set.</summary>
    public void Dispose() => _handle.Dispose();

    private void Control(int operation, int descriptor, uint events, ulong token)
    {
        var packed = new LibC.epoll_event_x64 { events = events, data = token };
        var other = new LibC.epoll_event_other { events = events, data = token };
        if (LibC.epoll_ctl(_handle.Descriptor, operation, descriptor, s_packed ? &packed : (void*)&other) != 0)
            throw new SystemCallException("epoll_ctl", $"descriptor {descriptor}", LibC.Errno);
    }
}
