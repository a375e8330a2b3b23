using Tmds.Linux;
using UeventManager.Netlink;

namespace UeventManager.Tests.Netlink;

/// <summary>The socket works without privileges and without a single event.</summary>
public sealed class UeventSocketTests
{
    [Fact]
    public void Opens_without_privileges_and_says_what_buffer_it_got()
    {
        using var socket = UeventSocket.Open(1024 * 1024);
        if (socket.ReceiveBufferForced)
            Assert.Equal(1024 * 1024, socket.ReceiveBufferBytes);
        else
            Assert.InRange(socket.ReceiveBufferBytes, 1024, 1024 * 1024);
    }

    [Fact]
    public void A_passed_socket_that_is_not_in_group_1_is_refused_and_closed()
    {
        var descriptor = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, LinuxApi.NETLINK_KOBJECT_UEVENT);
        Assert.Contains("group 1", Assert.Throws<SystemCallException>(() => UeventSocket.FromHandle(descriptor)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_datagram_of_another_process_is_refused()
    {
        Assert.SkipWhen(LibC.getuid() != 0, "sending from one netlink socket to another needs CAP_NET_ADMIN");
        using var socket = UeventSocket.Open(1024 * 1024);
        if (!SendTo(socket.Descriptor, "add@/devices/x\0ACTION=add\0"u8))
            Assert.Skip("sending from one netlink socket to another needs CAP_NET_ADMIN");
        for (var deadline = TimeProvider.System.GetTimestamp(); ;)
        {
            var result = socket.Receive();
            for (var i = 0; i < result.Received; i++)
            {
                if (socket[i].Rejection != DatagramRejection.NotKernel)
                    continue;
                Assert.True(socket[i].Data.StartsWith("add@/devices/x"u8));
                return;
            }
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TestTime.Seconds(20), "it never came");
        }
    }

    [Fact]
    public void Receiving_nothing_allocates_nothing_and_sees_the_queue_empty()
    {
        using var socket = UeventSocket.Open(1024 * 1024);
        socket.Receive();
        socket.ReadMemInfo();
        var empty = false;
        Assert.Equal(0, Allocations.Least(Receive));
        Assert.True(empty);
        Assert.Equal(0u, socket.ReadMemInfo().Drops);

        void Receive()
        {
            for (var i = 0; i < 100; i++)
            {
                empty |= socket.Receive().SawEmpty;
                socket.ReadMemInfo();
            }
        }
    }

    [Fact]
    public void Using_a_closed_socket_is_an_error_and_no_wrong_descriptor()
    {
        var socket = UeventSocket.Open(1024 * 1024);
        socket.Dispose();
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.Receive());
    }

    private static unsafe bool SendTo(int receiver, ReadOnlySpan<byte> datagram)
    {
        LinuxApi.sockaddr_nl address;
        socklen_t length = sizeof(LinuxApi.sockaddr_nl);
        Assert.Equal(0, LibC.getsockname(receiver, (sockaddr*)&address, &length));
        address.nl_groups = 0;
        using var sender = new DescriptorHandle(LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, LinuxApi.NETLINK_KOBJECT_UEVENT));
        fixed (byte* data = datagram)
            return LibC.sendto(sender.Descriptor, data, datagram.Length, 0, (sockaddr*)&address, length) == datagram.Length;
    }
}
