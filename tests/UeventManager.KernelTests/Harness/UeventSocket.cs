using System.Runtime.InteropServices;

namespace UeventManager.KernelTests.Harness;

/// <summary>A NETLINK_KOBJECT_UEVENT socket of the sandbox in which it was made.</summary>
internal sealed class UeventSocket : IDisposable
{
    private readonly int _fd;

    private UeventSocket(int fd) => _fd = fd;

    /// <param name="sandbox">Where the socket belongs for ever.</param>
    /// <param name="groups">0: hears only answers; 1: the kernel's multicast group.</param>
    internal static UeventSocket Open(Sandbox sandbox, uint groups) => sandbox.OpenSocketInside(() =>
    {
        var fd = Syscalls.Check(
            Syscalls.Socket(Syscalls.AF_NETLINK, Syscalls.SOCK_RAW | Syscalls.SOCK_CLOEXEC, Syscalls.NETLINK_KOBJECT_UEVENT), "socket");
        var address = new Syscalls.SockaddrNl { Family = Syscalls.AF_NETLINK, Groups = groups };
        Syscalls.Check(Syscalls.Bind(fd, address, Marshal.SizeOf<Syscalls.SockaddrNl>()), "bind");
        return new UeventSocket(fd);
    });

    internal void Send(ReadOnlySpan<byte> data, uint port, uint groups)
    {
        var address = new Syscalls.SockaddrNl { Family = Syscalls.AF_NETLINK, Pid = port, Groups = groups };
        var sent = Syscalls.SendTo(_fd, data, data.Length, 0, address, Marshal.SizeOf<Syscalls.SockaddrNl>());
        Syscalls.Check((int)sent, "sendto");
    }

    /// <summary>The same; a receiver whose queue is full loses it, and that is not an error.</summary>
    internal void TrySend(ReadOnlySpan<byte> data, uint port, uint groups)
    {
        var address = new Syscalls.SockaddrNl { Family = Syscalls.AF_NETLINK, Pid = port, Groups = groups };
        if (Syscalls.SendTo(_fd, data, data.Length, 0, address, Marshal.SizeOf<Syscalls.SockaddrNl>()) < 0 && Marshal.GetLastPInvokeError() is var error and not Syscalls.ENOBUFS)
            throw new IOException($"sendto: errno {error}");
    }

    internal bool WaitReadable(Deadline deadline) => Syscalls.WaitReadable(_fd, deadline);

    /// <summary>The next datagram without waiting, or -1 when there is none.</summary>
    internal int TryReceive(Span<byte> buffer, out uint senderPort)
    {
        var address = default(Syscalls.SockaddrNl);
        var length = Marshal.SizeOf<Syscalls.SockaddrNl>();
        var count = Syscalls.ReceiveFrom(_fd, buffer, buffer.Length, Syscalls.MSG_DONTWAIT, ref address, ref length);
        senderPort = address.Pid;
        var error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        return error switch
        {
            0 => (int)count,
            Syscalls.EAGAIN => -1,
            _ => throw new IOException($"recvfrom: errno {error}"),
        };
    }

    public void Dispose() => _ = Syscalls.Close(_fd);
}
