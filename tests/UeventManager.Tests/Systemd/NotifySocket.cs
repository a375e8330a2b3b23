using System.Net.Sockets;
using System.Text;
using Tmds.Linux;

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
            var vector = new iovec { iov_base = text, iov_len = data.Length };
            var message = new msghdr { msg_iov = &vector, msg_iovlen = 1, msg_control = rights, msg_controllen = control.Length };
            var received = (int)LibC.recvmsg((int)_socket.Handle, &message, 0);
            Assert.True(received > 0, "the message is empty");
            var descriptors = Array.Empty<int>();
            if (message.msg_controllen > 0)
            {
                var header = (cmsghdr*)rights;
                Assert.Equal((LibC.SOL_SOCKET, LibC.SCM_RIGHTS), (header->cmsg_level, header->cmsg_type));
                descriptors = new Span<int>(rights + sizeof(cmsghdr), ((int)header->cmsg_len - sizeof(cmsghdr)) / sizeof(int)).ToArray();
            }
            return (Encoding.UTF8.GetString(data, 0, received), descriptors);
        }
    }

    public void Dispose() => _socket.Dispose();
}
