using System.Text;
using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>
/// A NETLINK_KOBJECT_UEVENT socket that sends events to a network namespace, and receives those of other senders. It needs CAP_NET_ADMIN in the user
/// namespace that owns the network namespace. Not thread-safe.
/// </summary>
internal sealed unsafe class BroadcastSocket : IDisposable
{
    /// <summary>The size of struct nlmsghdr before the text of <see cref="Inject"/>, in bytes.</summary>
    public const int InjectionHeadBytes = 16;

    /// <summary>The mask of udevd's group 2, and that of libudev-zero's group 3.</summary>
    public const uint UdevGroups = 2, LibudevZeroGroups = 4;

    private const int MaxDatagram = 16 * 1024;
    private const ushort FirstMessageType = 16; // NLMSG_MIN_TYPE
    private const ushort Request = 1; // NLM_F_REQUEST
    private const ushort ErrorMessage = 2; // NLMSG_ERROR

    private readonly DescriptorHandle _handle;
    private readonly byte[] _received = new byte[MaxDatagram];

    private BroadcastSocket(DescriptorHandle handle) => _handle = handle;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <param name="groups">The mask of groups to receive.</param>
    public static BroadcastSocket Open(uint groups)
    {
        var fd = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, LinuxApi.NETLINK_KOBJECT_UEVENT);
        if (fd < 0)
            throw new SystemCallException("socket", "NETLINK_KOBJECT_UEVENT", LibC.errno);
        var socket = new BroadcastSocket(new DescriptorHandle(fd));
        var address = new LinuxApi.sockaddr_nl { nl_family = (ushort)LibC.AF_NETLINK, nl_groups = groups };
        if (LibC.bind(fd, (sockaddr*)&address, sizeof(LinuxApi.sockaddr_nl)) == 0)
            return socket;
        var errno = LibC.errno;
        socket.Dispose();
        throw new SystemCallException("bind", "NETLINK_KOBJECT_UEVENT", errno);
    }

    /// <summary>
    /// Reserves a name in the calling thread's network namespace with an abstract Unix socket: it is freed with the descriptor, so also after a
    /// crash.
    /// </summary>
    /// <returns>Null if the name is taken.</returns>
    public static DescriptorHandle? Hold(string name)
    {
        var handle = new DescriptorHandle(LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0));
        if (handle.IsInvalid)
            throw new SystemCallException("socket", "AF_UNIX", LibC.errno);
        var address = new sockaddr_un { sun_family = LibC.AF_UNIX };
        var length = Encoding.UTF8.GetBytes(name, new Span<byte>(address.sun_path + 1, 107));
        if (LibC.bind(handle.Descriptor, (sockaddr*)&address, sizeof(ushort) + 1 + length) == 0)
            return handle;
        var errno = LibC.errno;
        handle.Dispose();
        return errno == LibC.EADDRINUSE ? null : throw new SystemCallException("bind", "@" + name, errno);
    }

    /// <summary>Sends to groups without waiting.</summary>
    /// <param name="message">The datagram.</param>
    /// <param name="groups">The mask of groups.</param>
    /// <param name="uid">The sender's uid: root as the namespace's user namespace maps it. A uid other than the own one needs CAP_SETUID.</param>
    /// <returns>0, or the error number. It is no error if no socket receives the message.</returns>
    public int Send(ReadOnlySpan<byte> message, uint groups, uint uid)
    {
        var errno = Transmit(message, groups, uid);
        return errno == LibC.ECONNREFUSED || errno == LibC.ESRCH ? 0 : errno;
    }

    /// <summary>
    /// Makes the kernel send an event in the namespace: the kernel adds its own SEQNUM and sends only to group 1 of that namespace
    /// (uevent_net_rcv_skb()).
    /// </summary>
    /// <param name="message">The text, after <see cref="InjectionHeadBytes"/> free bytes.</param>
    /// <returns>0, or the error number.</returns>
    public int Inject(Span<byte> message)
    {
        fixed (byte* first = message)
        {
            *(LinuxApi.nlmsghdr*)first = new LinuxApi.nlmsghdr { nlmsg_len = (uint)message.Length, nlmsg_type = FirstMessageType, nlmsg_flags = Request };
            if (Transmit(message, 0, UidMap.Own) is var errno and not 0)
                return errno;
        }
        // The kernel handles it within the call, and answers only if it refuses it: struct nlmsgerr.
        ReadOnlySpan<byte> answer = Receive();
        return answer.Length >= InjectionHeadBytes + sizeof(int) && BitConverter.ToUInt16(answer[4..]) == ErrorMessage ? -BitConverter.ToInt32(answer[InjectionHeadBytes..]) : 0;
    }

    /// <summary>The next datagram of another sender, without waiting; empty if there is none.</summary>
    public ReadOnlySpan<byte> Receive()
    {
        fixed (byte* buffer = _received)
        {
            var length = (int)LibC.recv(_handle.Descriptor, buffer, _received.Length, LibC.MSG_DONTWAIT);
            return length > 0 ? _received.AsSpan(0, length) : default;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private int Transmit(ReadOnlySpan<byte> message, uint groups, uint uid)
    {
        var control = stackalloc byte[sizeof(cmsghdr) + 16];
        *(cmsghdr*)control = new cmsghdr { cmsg_len = sizeof(cmsghdr) + sizeof(LinuxApi.ucred), cmsg_level = LibC.SOL_SOCKET, cmsg_type = LinuxApi.SCM_CREDENTIALS };
        *(LinuxApi.ucred*)(control + sizeof(cmsghdr)) = new LinuxApi.ucred { pid = Environment.ProcessId, uid = uid, gid = uid };
        var address = new LinuxApi.sockaddr_nl { nl_family = (ushort)LibC.AF_NETLINK, nl_groups = groups };
        fixed (byte* first = message)
        {
            var vector = new iovec { iov_base = first, iov_len = message.Length };
            var header = new msghdr
            {
                msg_name = &address,
                msg_namelen = sizeof(LinuxApi.sockaddr_nl),
                msg_iov = &vector,
                msg_iovlen = 1,
                msg_control = uid == UidMap.Own ? null : control,
                msg_controllen = uid == UidMap.Own ? 0 : sizeof(cmsghdr) + 16,
            };
            return LibC.sendmsg(_handle.Descriptor, &header, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL) >= 0 ? 0 : LibC.errno;
        }
    }
}
