using System.Net.Sockets;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>One epoll instance: everything that the engine's thread waits for. Used by that thread alone.</summary>
internal sealed unsafe class Poller : IPoller, IDisposable
{
    private const int BatchSize = 256;
    private readonly int _epoll;
    private readonly Dictionary<int, Registration> _byDescriptor = [];
    private readonly byte[] _events = new byte[BatchSize * 16];
    private long _generation;

    public Poller()
    {
        _epoll = LibC.epoll_create1(LibC.O_CLOEXEC);
        if (_epoll < 0)
            throw new SystemCallException("epoll_create1", "", LibC.Errno);
    }

    public void Add(Socket socket, PollEvents interest, PollCallback ready) => Add((int)socket.Handle, interest, ready);

    public void Change(Socket socket, PollEvents interest)
    {
        var descriptor = (int)socket.Handle;
        Control(LibC.EPOLL_CTL_MOD, descriptor, interest, _byDescriptor[descriptor].Generation);
    }

    public void Remove(Socket socket) => Remove((int)socket.Handle);

    /// <summary>Watches a descriptor that is no socket of .NET's.</summary>
    public void Add(int descriptor, PollEvents interest, PollCallback ready)
    {
        var registration = new Registration(++_generation, ready);
        _byDescriptor.Add(descriptor, registration);
        Control(LibC.EPOLL_CTL_ADD, descriptor, interest, registration.Generation);
    }

    public void Remove(int descriptor)
    {
        if (_byDescriptor.Remove(descriptor))
            Control(LibC.EPOLL_CTL_DEL, descriptor, PollEvents.None, 0);
    }

    /// <summary>Waits until something is ready and tells whose it is.</summary>
    /// <param name="block">False to only look.</param>
    public void Wait(bool block)
    {
        fixed (byte* events = _events)
        {
            var ready = LibC.epoll_wait(_epoll, events, BatchSize, block ? -1 : 0);
            if (ready < 0)
            {
                if (LibC.Errno == LibC.EINTR)
                    return;
                throw new SystemCallException("epoll_wait", "", LibC.Errno);
            }
            for (var i = 0; i < ready; i++)
            {
                var (flags, data) = EpollEvent.Read(events, i);
                // The generation in the upper half tells a descriptor that was closed and used again in this wake-up.
                if (_byDescriptor.TryGetValue((int)(uint)data, out var found) && (uint)found.Generation == (uint)(data >> 32))
                    found.Ready(Events(flags));
            }
        }
    }

    public void Dispose() => _ = LibC.close(_epoll);

    private void Control(int operation, int descriptor, PollEvents interest, long generation)
    {
        var flags = ((interest & PollEvents.Readable) != 0 ? LibC.EPOLLIN : 0) | ((interest & PollEvents.Writable) != 0 ? LibC.EPOLLOUT : 0);
        var item = stackalloc byte[16];
        EpollEvent.Write(item, flags, ((ulong)(uint)generation << 32) | (uint)descriptor);
        if (LibC.epoll_ctl(_epoll, operation, descriptor, item) != 0)
            throw new SystemCallException("epoll_ctl", $"descriptor {descriptor}", LibC.Errno);
    }

    private static PollEvents Events(uint flags) =>
        ((flags & LibC.EPOLLIN) != 0 ? PollEvents.Readable : 0)
        | ((flags & LibC.EPOLLOUT) != 0 ? PollEvents.Writable : 0)
        | ((flags & (LibC.EPOLLHUP | LibC.EPOLLERR)) != 0 ? PollEvents.HangUp : 0);

    private sealed record Registration(long Generation, PollCallback Ready);
}
