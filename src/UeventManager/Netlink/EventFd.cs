using Tmds.Linux;

namespace UeventManager;

/// <summary>An eventfd(2), with which any thread wakes the polling thread.</summary>
internal sealed unsafe class EventFd : IDisposable
{
    private readonly DescriptorHandle _handle = new(LibC.eventfd(0, LibC.O_CLOEXEC | LibC.O_NONBLOCK));

    /// <summary>Creates an eventfd.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public EventFd()
    {
        if (_handle.IsInvalid)
            throw new SystemCallException("eventfd", null, LibC.errno);
    }

    /// <summary>The descriptor, for epoll.</summary>
    public int Descriptor => _handle.Descriptor;

    /// <summary>Makes it readable. May be called from any thread; does nothing after <see cref="Dispose"/>.</summary>
    public void Signal()
    {
        var taken = false;
        try
        {
            _handle.DangerousAddRef(ref taken);
            var one = 1UL;
            _ = LibC.write(_handle.Descriptor, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // A reader that was stuck when the loop ended reports to a closed eventfd.
        }
        finally
        {
            if (taken)
                _handle.DangerousRelease();
        }
    }

    /// <summary>Clears the signals; data posted before a later signal is seen after that signal.</summary>
    public void Clear()
    {
        ulong count;
        _ = LibC.read(_handle.Descriptor, &count, sizeof(ulong));
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => _handle.Dispose();
}
