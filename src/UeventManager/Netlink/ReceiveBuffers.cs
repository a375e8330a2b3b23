using System.Runtime.CompilerServices;
using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>The memory of one recvmmsg(): pinned once and reused; only the parts that datagrams fill are touched. Checks the senders.</summary>
internal sealed unsafe class ReceiveBuffers
{
    private readonly UeventGroup _group;

    // CMSG_SPACE(sizeof(struct ucred)) is 32; the rest is for one more header, if a handed-over socket passes other messages too.
    private const int ControlBytes = 64;

    private readonly byte[] _data;
    private readonly byte[] _control;
    private readonly LinuxApi.sockaddr_nl[] _names;
    private readonly iovec[] _vectors;
    private readonly mmsghdr[] _messages;
    private readonly uint? _rootUid;
    private int _received;

    internal ReceiveBuffers(uint? rootUid, UeventGroup group)
    {
        (_rootUid, _group) = (rootUid, group);
        _data = GC.AllocateUninitializedArray<byte>(group.Batch * group.DatagramBytes, pinned: true);
        _control = GC.AllocateArray<byte>(group.Batch * ControlBytes, pinned: true);
        _names = GC.AllocateArray<LinuxApi.sockaddr_nl>(group.Batch, pinned: true);
        _vectors = GC.AllocateArray<iovec>(group.Batch, pinned: true);
        _messages = GC.AllocateArray<mmsghdr>(group.Batch, pinned: true);
        for (var i = 0; i < group.Batch; i++)
        {
            _vectors[i] = new iovec { iov_base = AddressOf(ref _data[i * group.DatagramBytes]), iov_len = group.DatagramBytes };
            _messages[i] = Fresh(i);
        }
    }

    /// <summary>recvmmsg(); returns its result, never EINTR.</summary>
    internal int Receive(int fd)
    {
        // The kernel overwrites both lengths of each message that it fills (____sys_recvmsg()).
        for (var i = 0; i < _received; i++)
            _messages[i] = Fresh(i);
        int result;
        do
        {
            result = LinuxApi.recvmmsg(fd, (mmsghdr*)AddressOf(ref _messages[0]), (uint)_group.Batch, LibC.MSG_DONTWAIT, null);
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
            var length = Math.Min((int)_messages[index].msg_len, _group.DatagramBytes);
            return new Datagram(_data.AsSpan(index * _group.DatagramBytes, length), Judge(index));
        }
    }

    private DatagramRejection Judge(int index)
    {
        var header = _messages[index].msg_hdr;
        ref readonly var sender = ref _names[index];
        if (header.msg_namelen < sizeof(LinuxApi.sockaddr_nl) || sender.nl_family != LibC.AF_NETLINK || (sender.nl_pid == 0) != _group.IsKernel)
            return _group.IsKernel ? DatagramRejection.NotKernel : DatagramRejection.Kernel;
        if (sender.nl_groups != _group.Mask)
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
