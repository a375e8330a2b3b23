using System.Runtime.CompilerServices;
using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// epoll(7), level-triggered, for one thread.
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    private readonly epoll_event[] _items;
    private readonly DescriptorHandle _handle;
    private readonly int _capacity;

    /// <summary>Creates an empty set.</summary>
    /// <param name="capacity">The most descriptors that one <see cref="Wait"/> reports; others wait for the next call.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public Epoll(int capacity = 64)
    {
        _capacity = capacity;
        _items = GC.AllocateArray<epoll_event>(capacity, pinned: true);
        _handle = new DescriptorHandle(LibC.epoll_create1(LibC.O_CLOEXEC));
        if (_handle.IsInvalid)
            throw new SystemCallException("epoll_create1", null, LibC.errno);
    }

    /// <summary>False if epoll_pwait2() has been refused; tests set it.</summary>
    internal bool HasPreciseWait { get; set; } = true;

    private epoll_event* Items => (epoll_event*)Unsafe.AsPointer(ref _items[0]);

    /// <summary>Makes the calling thread's waits end when they are due, instead of up to 50 µs later (<c>timer_slack_ns</c>).</summary>
    public static void BePrecise() => _ = LinuxApi.prctl(LinuxApi.PR_SET_TIMERSLACK, 1, 0, 0, 0);

    /// <summary>Watches a descriptor.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="events">EPOLLIN and the like; EPOLLERR and EPOLLHUP are always reported.</param>
    /// <param name="token">Returned with each report.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Add(int descriptor, int events, ulong token) => Control(LibC.EPOLL_CTL_ADD, descriptor, events, token);

    /// <summary>Changes the watched events.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Modify(int descriptor, int events, ulong token) => Control(LibC.EPOLL_CTL_MOD, descriptor, events, token);

    /// <summary>Stops watching; call it before the descriptor is closed.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Remove(int descriptor) => Control(LibC.EPOLL_CTL_DEL, descriptor, 0, 0);

    /// <summary>Waits, and returns the number of ready descriptors; 0 at the timeout or after a signal.</summary>
    /// <param name="timeoutUsec">The timeout in microseconds, 0 not to wait, -1 for no timeout.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public int Wait(long timeoutUsec)
    {
        var count = timeoutUsec > 0 ? WaitPrecisely(timeoutUsec) : LibC.epoll_wait(_handle.Descriptor, Items, _capacity, timeoutUsec == 0 ? 0 : -1);
        if (count < 0 && LibC.errno != LibC.EINTR)
            throw new SystemCallException("epoll_wait", null, LibC.errno);
        return Math.Max(count, 0);
    }

    // epoll_wait() has a resolution of milliseconds, and looks come five times as often. epoll_pwait2() exists from Linux 5.11 on, and a seccomp
    // filter may not know it; then the set itself is polled, with one more call.
    private int WaitPrecisely(long timeoutUsec)
    {
        var time = new timespec { tv_sec = timeoutUsec / 1_000_000, tv_nsec = (long_t)(timeoutUsec % 1_000_000 * 1000) };
        if (HasPreciseWait)
        {
            var count = LinuxApi.epoll_pwait2(_handle.Descriptor, Items, _capacity, &time);
            if (count >= 0 || (LibC.errno != LibC.ENOSYS && LibC.errno != LibC.EPERM))
                return count;
            HasPreciseWait = false;
        }
        var set = new pollfd { fd = _handle.Descriptor, events = LibC.POLLIN };
        return LinuxApi.ppoll(&set, 1, &time) < 0 ? -1 : LibC.epoll_wait(_handle.Descriptor, Items, _capacity, 0);
    }

    /// <summary>A report of the last <see cref="Wait"/>: the events and the descriptor's token.</summary>
    public (int Events, ulong Token) this[int index] => (_items[index].events, _items[index].data.u64);

    /// <summary>Closes the set.</summary>
    public void Dispose() => _handle.Dispose();

    private void Control(int operation, int descriptor, int events, ulong token)
    {
        var item = new epoll_event { events = events, data = new epoll_data_t { u64 = token } };
        if (LibC.epoll_ctl(_handle.Descriptor, operation, descriptor, &item) != 0)
            throw new SystemCallException("epoll_ctl", $"descriptor {descriptor}", LibC.errno);
    }
}
