using System.Runtime.CompilerServices;
using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>
/// Memory of one recvmmsg(): pinned once, used for ever, touched only as far as datagrams come. Judges the sender.
/// </summary>
internal sealed unsafe class ReceiveBuffers
{
    private const int Batch = UeventSocket.BatchSize;

    // CMSG_SPACE(sizeof(struct ucred)) is 32; one more header's room, should a handed-over socket pass other messages too.
    private const int ControlBytes = 64;

    private readonly byte[] _data = GC.AllocateUninitializedArray<byte>(Batch * UeventSocket.DatagramBytes, pinned: true);
    private readonly byte[] _control = GC.AllocateArray<byte>(Batch * ControlBytes, pinned: true);
    private readonly LinuxApi.sockaddr_nl[] _names = GC.AllocateArray<LinuxApi.sockaddr_nl>(Batch, pinned: true);
    private readonly iovec[] _vectors = GC.AllocateArray<iovec>(Batch, pinned: true);
    private readonly mmsghdr[] _messages = GC.AllocateArray<mmsghdr>(Batch, pinned: true);
    private readonly uint? _rootUid;
    private int _received;

    internal ReceiveBuffers(uint? rootUid)
    {
        _rootUid = rootUid;
        for (var i = 0; i < Batch; i++)
        {
            _vectors[i] = new iovec { iov_base = AddressOf(ref _data[i * UeventSocket.DatagramBytes]), iov_len = UeventSocket.DatagramBytes };
            _messages[i] = Fresh(i);
        }
    }

    /// <summary>recvmmsg(); its result, never EINTR.</summary>
    internal int Receive(int fd)
    {
        // The kernel overwrites both lengths of each message that it fills (____sys_recvmsg()).
        for (var i = 0; i < _received; i++)
            _messages[i] = Fresh(i);
        int result;
        do
        {
            result = LinuxApi.recvmmsg(fd, (mmsghdr*)AddressOf(ref _messages[0]), Batch, LibC.MSG_DONTWAIT, null);
        }
        while (result < 0 && LibC.errno == LibC.EINTR);
        _received = Math.Max(result, 0);
        return result;
    }

    internal Datagram this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_received, nameof(index));
            var length = Math.Min((int)_messages[index].msg_len, UeventSocket.DatagramBytes);
            return new Datagram(_data.AsSpan(index * UeventSocket.DatagramBytes, length), Judge(index));
        }
    }

    private DatagramRejection Judge(int index)
    {
        var header = _messages[index].msg_hdr;
        ref readonly var sender = ref _names[index];
        if (header.msg_namelen < sizeof(LinuxApi.sockaddr_nl) || sender.nl_family != LibC.AF_NETLINK || sender.nl_pid != 0)
            return DatagramRejection.NotKernel;
        if (sender.nl_groups != 1)
            return DatagramRejection.WrongGroup;
        var uid = UidOf(_control.AsSpan(index * ControlBytes, (int)header.msg_controllen));
        if (uid is null)
            return DatagramRejection.NoCredentials;
        if (_rootUid is { } root && uid != root)
            return DatagramRejection.WrongUid;
        return (header.msg_flags & LibC.MSG_TRUNC) != 0 ? DatagramRejection.Truncated : DatagramRejection.None;
    }

    private static uint? UidOf(ReadOnlySpan<byte> control)
    {
        while (control.Length >= sizeof(cmsghdr))
        {
            var head = Unsafe.ReadUnaligned<cmsghdr>(in control[0]);
            if (head.cmsg_len < sizeof(cmsghdr) || head.cmsg_len > control.Length)
                return null;
            if (head.cmsg_level == LibC.SOL_SOCKET && head.cmsg_type == LibC.SCM_CREDENTIALS && head.cmsg_len >= sizeof(cmsghdr) + sizeof(ucred))
                return Unsafe.ReadUnaligned<ucred>(in control[sizeof(cmsghdr)]).uid;
            var next = ((int)head.cmsg_len + 7) & ~7;
            control = next >= control.Length ? default : control[next..];
        }
        return null;
    }

    private mmsghdr Fresh(int index) => new()
    {
        msg_hdr = new msghdr
        {
            msg_name = AddressOf(ref _names[index]),
            msg_namelen = sizeof(LinuxApi.sockaddr_nl),
            msg_iov = (iovec*)AddressOf(ref _vectors[index]),
            msg_iovlen = 1,
            msg_control = AddressOf(ref _control[index * ControlBytes]),
            msg_controllen = ControlBytes,
        },
    };

    // Only for elements of the pinned arrays above.
    private static void* AddressOf<T>(ref T element) => Unsafe.AsPointer(ref element);
}
