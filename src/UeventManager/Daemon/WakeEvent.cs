using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>An eventfd by which other threads wake the engine's.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    private readonly int _descriptor;

    public WakeEvent(Poller poller)
    {
        _descriptor = LibC.eventfd(0, LibC.O_CLOEXEC | LibC.O_NONBLOCK);
        if (_descriptor < 0)
            throw new SystemCallException("eventfd", "", LibC.Errno);
        poller.Add(_descriptor, PollEvents.Readable, _ => Clear());
    }

    /// <summary>Wakes the engine's thread. Any thread may call it.</summary>
    public void Set()
    {
        ulong one = 1;
        _ = LibC.write(_descriptor, &one, sizeof(ulong));
    }

    public void Dispose() => _ = LibC.close(_descriptor);

    private void Clear()
    {
        ulong count;
        _ = LibC.read(_descriptor, &count, sizeof(ulong));
    }
}
