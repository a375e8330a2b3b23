using System.Net.Sockets;
using System.Text;

namespace UeventManager.Tests.Systemd;

/// <summary>The service manager's end of sd_notify(3): a real datagram socket that takes descriptors.</summary>
internal sealed unsafe class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="address">As in <c>$NOTIFY_SOCKET</c>: a path, or @ and an abstract name.</param>
    public NotifySocket(string address)
    {
        Address = address;
        _socket.Bind(new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address));
    }

    public string Address { get; }

    /// <summary>The next message, with the descriptors that came with it. The caller closes them.</summary>
    public (string Text, int[] Descriptors) Receive()
    {
        Assert.True(_socket.Poll(30_000_000, SelectMode.SelectRead), "nothing was sent");
        var data = new byte[4096];
        var control = new byte[256];
        fixed (byte* text = data, rights = control)
        {
            var vector = new LibC.iovec { iov_base = (nint)text, iov_len = (nuint)data.Length };
            var message = new LibC.mmsghdr
            {
                msg_hdr = new LibC.msghdr { msg_iov = (nint)(&vector), msg_iovlen = 1, msg_control = (nint)rights, msg_controllen = (nuint)control.Length },
            };
            Assert.Equal(1, LibC.recvmmsg((int)_socket.Handle, &message, 1, 0, null));
            var descriptors = Array.Empty<int>();
            if (message.msg_hdr.msg_controllen > 0)
            {
                var header = (LibC.cmsghdr*)rights;
                Assert.Equal((LibC.SOL_SOCKET, LibC.SCM_RIGHTS), (header->cmsg_level, header->cmsg_type));
                descriptors = new Span<int>(rights + sizeof(LibC.cmsghdr), ((int)header->cmsg_len - sizeof(LibC.cmsghdr)) / sizeof(int)).ToArray();
            }
            return (Encoding.UTF8.GetString(data, 0, (int)message.msg_len), descriptors);
        }
    }

    public void Dispose() => _socket.Dispose();
}
