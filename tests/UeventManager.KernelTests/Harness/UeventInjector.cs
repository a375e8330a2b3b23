using System.Text;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// Sends uevents to the kernel, which appends a SEQNUM and broadcasts them from port 0 to this network namespace
/// (uevent_net_rcv_skb()). Works in a network namespace whose user namespace the caller owns: <c>unshare -n</c> as root,
/// <c>unshare -Urn</c> as anyone. Never in the machine's own.
/// </summary>
public sealed unsafe class UeventInjector : IDisposable
{
    private const ushort MessageType = 16;
    private const ushort NLM_F_REQUEST = 1;
    private readonly DescriptorHandle _socket;

    public UeventInjector()
    {
        _socket = new DescriptorHandle(LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, LibC.NETLINK_KOBJECT_UEVENT));
        if (_socket.IsInvalid)
            throw new SystemCallException("socket", "NETLINK_KOBJECT_UEVENT", LibC.Errno);
    }

    /// <summary>Sends one event.</summary>
    /// <param name="action">add, remove, …</param>
    /// <param name="devPath">With a leading slash.</param>
    /// <param name="subsystem">SUBSYSTEM.</param>
    /// <param name="properties">Further KEY=VALUE texts; no SEQNUM.</param>
    public void Send(string action, string devPath, string subsystem, params ReadOnlySpan<string> properties)
    {
        var text = $"{action}@{devPath}\0ACTION={action}\0DEVPATH={devPath}\0SUBSYSTEM={subsystem}\0";
        foreach (var property in properties)
            text += property + "\0";
        Send(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Sends a datagram as it is.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        var length = sizeof(LibC.nlmsghdr) + datagram.Length;
        Span<byte> message = length <= 4096 ? stackalloc byte[length] : new byte[length];
        var address = new LibC.sockaddr_nl { nl_family = LibC.AF_NETLINK };
        fixed (byte* start = message)
        {
            *(LibC.nlmsghdr*)start = new LibC.nlmsghdr { nlmsg_len = (uint)length, nlmsg_type = MessageType, nlmsg_flags = NLM_F_REQUEST };
            datagram.CopyTo(message[sizeof(LibC.nlmsghdr)..]);
            if (LibC.sendto(_socket.Descriptor, start, (nuint)length, 0, &address, (uint)sizeof(LibC.sockaddr_nl)) != length)
                throw new SystemCallException("sendto", "NETLINK_KOBJECT_UEVENT", LibC.Errno);
        }
    }

    public void Dispose() => _socket.Dispose();
}
