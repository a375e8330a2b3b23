using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>
/// A NETLINK_KOBJECT_UEVENT socket: in group 1 for the kernel's uevents, which kobject_uevent_net_broadcast() sends there, or in group 2 for udevd's
/// broadcasts. Not thread-safe. Binding needs no privilege; a buffer beyond net.core.rmem_max needs CAP_NET_ADMIN in the initial user namespace. An
/// overrun shows as POLLERR: treat that as readable.
/// </summary>
internal sealed unsafe class UeventSocket : IDisposable
{
    /// <summary>The most datagrams of one <see cref="Receive"/>.</summary>
    public const int BatchSize = 64;

    /// <summary>The longest accepted datagram, in bytes.</summary>
    public const int DatagramBytes = 8192;

    /// <summary>The requested receive buffer: room for some 100,000 events.</summary>
    public const int DefaultReceiveBuffer = 128 * 1024 * 1024;

    private readonly DescriptorHandle _handle;
    private readonly ReceiveBuffers _buffers;
    private readonly UeventGroup _group;

    private UeventSocket(DescriptorHandle handle, UeventGroup group)
    {
        (_handle, _group) = (handle, group);
        var root = RootMapping.OfThisProcess();
        RootIsMapped = root is not null;
        _buffers = new ReceiveBuffers(root, group);
    }

    /// <summary>The descriptor, for epoll.</summary>
    public int Descriptor => _handle.Descriptor;

    /// <summary>The granted receive buffer, in bytes of the request (the kernel doubles it for its own use and reports the double).</summary>
    public int ReceiveBufferBytes => GetInt(LibC.SO_RCVBUF) / 2;

    /// <summary>True if more than net.core.rmem_max was granted.</summary>
    public bool ReceiveBufferForced { get; private set; }

    /// <summary>True if global root has a uid in this user namespace; if not, only port 0 and group 1 identify the kernel.</summary>
    public bool RootIsMapped { get; }

    /// <summary>Opens and binds a socket.</summary>
    /// <param name="wantedReceiveBuffer">The requested size, in bytes; less is granted without privileges (<see cref="ReceiveBufferBytes"/>).</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static UeventSocket Open(int wantedReceiveBuffer = DefaultReceiveBuffer) => Open(UeventGroup.Kernel, wantedReceiveBuffer);

    /// <summary>Opens and binds a socket in a group.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static UeventSocket Open(UeventGroup group, int wantedReceiveBuffer)
    {
        var fd = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, LinuxApi.NETLINK_KOBJECT_UEVENT);
        if (fd < 0)
            throw new SystemCallException("socket", "NETLINK_KOBJECT_UEVENT", LibC.errno);
        var socket = new UeventSocket(new DescriptorHandle(fd), group);
        try
        {
            socket.ReceiveBufferForced = socket.TrySetInt(LibC.SO_RCVBUFFORCE, wantedReceiveBuffer);
            if (!socket.ReceiveBufferForced)
                socket.SetInt(LibC.SO_RCVBUF, wantedReceiveBuffer, "SO_RCVBUF");
            socket.SetInt(LibC.SO_PASSCRED, 1, "SO_PASSCRED");
            var address = new LinuxApi.sockaddr_nl { nl_family = (ushort)LibC.AF_NETLINK, nl_groups = group.Mask };
            if (LibC.bind(fd, (sockaddr*)&address, sizeof(LinuxApi.sockaddr_nl)) != 0)
                throw new SystemCallException("bind", $"NETLINK_KOBJECT_UEVENT group {group.Mask}", LibC.errno);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a bound socket, as socket activation passes it.</summary>
    /// <exception cref="SystemCallException">It is not a netlink socket in group 1.</exception>
    public static UeventSocket FromHandle(int descriptor) => FromHandle(descriptor, UeventGroup.Kernel);

    /// <summary>Takes over a bound socket in a group.</summary>
    /// <exception cref="SystemCallException">It is not a netlink socket in that group.</exception>
    public static UeventSocket FromHandle(int descriptor, UeventGroup group)
    {
        var socket = new UeventSocket(new DescriptorHandle(descriptor), group);
        try
        {
            var address = default(LinuxApi.sockaddr_nl);
            socklen_t length = sizeof(LinuxApi.sockaddr_nl);
            if (LibC.getsockname(descriptor, (sockaddr*)&address, &length) != 0)
                throw new SystemCallException("getsockname", $"descriptor {descriptor}", LibC.errno);
            if (address.nl_family != LibC.AF_NETLINK || (address.nl_groups & group.Mask) == 0)
                throw new SystemCallException("getsockname", $"descriptor {descriptor} is not a netlink socket in group {group.Mask}", LibC.EINVAL);
            socket.SetInt(LibC.SO_PASSCRED, 1, "SO_PASSCRED");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives up to <see cref="BatchSize"/> datagrams without waiting. Allocates nothing.</summary>
    /// <exception cref="SystemCallException">The socket is broken.</exception>
    public ReceiveResult Receive() => Complete(Take());

    /// <summary>
    /// Receives datagrams without checking for an overrun, so that they can be passed on first; <see cref="Complete"/> must follow.
    /// </summary>
    /// <exception cref="SystemCallException">The socket is broken.</exception>
    internal ReceiveResult Take()
    {
        var received = _buffers.Receive(Descriptor);
        if (received < 0)
        {
            var errno = LibC.errno;
            return errno == LibC.EAGAIN || errno == LibC.ENOBUFS
                ? new ReceiveResult(_group.Batch, 0, Overrun: errno == LibC.ENOBUFS)
                : throw new SystemCallException("recvmmsg", "NETLINK_KOBJECT_UEVENT", errno);
        }
        return new ReceiveResult(_group.Batch, received, false);
    }

    /// <summary>Checks whether an overrun has cut a batch short.</summary>
    internal ReceiveResult Complete(ReceiveResult taken)
    {
        // An overrun in the middle of a batch ends it early, and do_recvmmsg() keeps the error for the next call: unless SO_ERROR is read, a short
        // batch would look like an emptied queue.
        var mayBeCut = taken is { Overrun: false, Received: > 0 } && taken.Received < _group.Batch;
        return mayBeCut && GetInt(LibC.SO_ERROR) == LibC.ENOBUFS ? taken with { Overrun = true } : taken;
    }

    /// <summary>A datagram of the last <see cref="Receive"/>.</summary>
    public Datagram this[int index] => _buffers[index];

    /// <summary>The queued memory and the number of lost datagrams, with one getsockopt().</summary>
    /// <exception cref="SystemCallException">The socket is broken.</exception>
    public SocketMemory ReadMemInfo()
    {
        var values = stackalloc uint[16];
        socklen_t length = 16 * sizeof(uint);
        if (LibC.getsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_MEMINFO, values, &length) != 0)
            throw new SystemCallException("getsockopt", "SO_MEMINFO", LibC.errno);
        return new SocketMemory(values[0], values[1], values[8]);
    }

    /// <summary>The cookie of the socket's network namespace (Linux 5.14), or null.</summary>
    public ulong? NamespaceCookie => CookieOf(Descriptor);

    /// <summary>The kernel's unique number of this socket (Linux 4.12); 0 if the kernel has none.</summary>
    public ulong Cookie => CookieOf(Descriptor, LibC.SO_COOKIE) ?? 0;

    /// <summary>False if the socket was created in another network namespace than this process's; null if the kernel cannot tell.</summary>
    public bool? IsOfOwnNamespace()
    {
        using var own = new DescriptorHandle(LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, LinuxApi.NETLINK_KOBJECT_UEVENT));
        return own.IsInvalid || CookieOf(own.Descriptor) is not { } here || NamespaceCookie is not { } there ? null : here == there;
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _handle.Dispose();

    private static ulong? CookieOf(int fd, int option = LinuxApi.SO_NETNS_COOKIE)
    {
        ulong cookie;
        socklen_t length = sizeof(ulong);
        return LibC.getsockopt(fd, LibC.SOL_SOCKET, option, &cookie, &length) == 0 ? cookie : null;
    }

    private bool TrySetInt(int option, int value) =>
        LibC.setsockopt(Descriptor, LibC.SOL_SOCKET, option, &value, sizeof(int)) == 0;

    private void SetInt(int option, int value, string name)
    {
        if (!TrySetInt(option, value))
            throw new SystemCallException("setsockopt", name, LibC.errno);
    }

    private int GetInt(int option)
    {
        int value;
        socklen_t length = sizeof(int);
        return LibC.getsockopt(Descriptor, LibC.SOL_SOCKET, option, &value, &length) == 0
            ? value
            : throw new SystemCallException("getsockopt", $"option {option}", LibC.errno);
    }
}
