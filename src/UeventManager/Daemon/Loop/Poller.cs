using Tmds.Linux;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Loop;

/// <summary>Waits for all events of the engine's thread. Only that thread may use it.</summary>
internal sealed class Poller : IPoller, IDisposable
{
    private readonly Epoll _epoll = new(256);

    // Indexed by descriptor: the kernel uses the lowest free number.
    private Registration?[] _byDescriptor = new Registration?[128];
    private uint _generation;

    public void Add(int descriptor, PollEvents interest, PollCallback ready)
    {
        var registration = new Registration(++_generation, ready);
        if (descriptor >= _byDescriptor.Length)
            Array.Resize(ref _byDescriptor, Math.Max(descriptor + 1, 2 * _byDescriptor.Length));
        _byDescriptor[descriptor] = registration;
        _epoll.Add(descriptor, Flags(interest), Tag(descriptor, registration.Generation));
    }

    public void Change(int descriptor, PollEvents interest)
    {
        var tag = Tag(descriptor, _byDescriptor[descriptor]!.Generation);
        _epoll.Modify(descriptor, Flags(interest), tag);
    }

    public void Remove(int descriptor)
    {
        if (descriptor >= _byDescriptor.Length || _byDescriptor[descriptor] is null)
            return;
        _byDescriptor[descriptor] = null;
        _epoll.Remove(descriptor);
    }

    /// <summary>Waits for events and calls the callbacks.</summary>
    /// <param name="timeoutUsec">The longest wait in microseconds; 0 not to wait, -1 for no limit.</param>
    public void Wait(long timeoutUsec)
    {
        var ready = _epoll.Wait(timeoutUsec);
        for (var i = 0; i < ready; i++)
        {
            var (flags, tag) = _epoll[i];
            // The generation identifies a descriptor that was closed and reused in this wake-up.
            if (_byDescriptor[(int)(uint)tag] is { } found && found.Generation == (uint)(tag >> 32))
                found.Ready(Events(flags));
        }
    }

    public void Dispose() => _epoll.Dispose();

    private static int Flags(PollEvents interest) =>
        ((interest & PollEvents.Readable) != 0 ? LibC.EPOLLIN : 0) | ((interest & PollEvents.Writable) != 0 ? LibC.EPOLLOUT : 0);

    private static PollEvents Events(int flags) =>
        ((flags & LibC.EPOLLIN) != 0 ? PollEvents.Readable : 0)
        | ((flags & LibC.EPOLLOUT) != 0 ? PollEvents.Writable : 0)
        | ((flags & (LibC.EPOLLHUP | LibC.EPOLLERR)) != 0 ? PollEvents.HangUp : 0);

    private static ulong Tag(int descriptor, uint generation) => ((ulong)generation << 32) | (uint)descriptor;

    private sealed record Registration(uint Generation, PollCallback Ready);
}
