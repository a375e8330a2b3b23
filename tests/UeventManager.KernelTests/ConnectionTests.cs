using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Any behaviour of a client costs only that client, and nothing after it has disconnected.</summary>
public sealed class ConnectionTests
{
    private const string Service = "org.varlink.service.";

    [Fact]
    public void A_client_that_sends_one_byte_at_a_time_is_answered_and_delays_nobody()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe(new { filter = new { sysnames = new[] { "uem-*" } } });
        using var slow = daemon.Connect();
        var call = Encoding.UTF8.GetBytes($$"""{"method":"{{Service}}GetInfo"}""" + "\0");
        for (var i = 0; i < call.Length - 1; i++)
        {
            slow.SendRaw(call.AsSpan(i, 1));
            // Between two of its bytes others come and go: the daemon has seen the first byte and does not wait for the next.
            daemon.Call("Get", new { device = "net:lo" });
            if (i % 20 != 0)
                continue;
            sandbox.Run($"ip link add uem-{i} type veth peer name peer && ip link del uem-{i}").Ok();
            subscription.WaitForEvent(one => one.Is("remove", $"uem-{i}"));
        }
        slow.SendRaw(call.AsSpan(call.Length - 1));
        Assert.Equal("uevent-manager", slow.Read("GetInfo", Deadline.Default).Parameters.GetProperty("product").GetString());
    }

    [Fact]
    public void A_client_that_disconnects_in_the_middle_of_a_reply_leaves_nothing_behind()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < 2000; i++)
            sysfs.AddDevice($"/devices/virtual/big/b{i}", "big", "BIG=" + new string('x', 1500));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var subscription = daemon.Subscribe();
        var before = ProcessResources.Of(daemon.Pid).Descriptors;
        for (var i = 0; i < 50; i++)
        {
            foreach (var method in new[] { "List", "Subscribe" })
                HangUpWithin(daemon.SocketPath, method, bytes: 1 + (i * 997));
        }
        Eventually.Holds(() => ProcessResources.Of(daemon.Pid).Descriptors <= before, Deadline.Default, $"{before} descriptors again");
        Assert.Equal(1, daemon.Call("Status").GetProperty("subscribers").GetArrayLength());
        injector.Send("add", sysfs.AddDevice("/devices/virtual/big/after", "big"));
        subscription.WaitForEvent(one => one.Is("add", "after"));
    }

    [Fact]
    public void After_ten_thousand_connections_the_daemon_holds_no_more_than_before()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        Connect(daemon.SocketPath, 1000);
        // At first it grows: code is compiled, and the heap finds its size. What leaks grows for ever: a hundred bytes a connection are 1 MiB.
        var grown = long.MaxValue;
        for (var round = 0; round < 8 && grown > 1024; round++)
        {
            var before = Settled(daemon);
            Connect(daemon.SocketPath, 10_000);
            var after = Settled(daemon);
            Assert.Equal(before.Descriptors, after.Descriptors);
            // The runtime ends threads that were idle for a while.
            Assert.InRange(after.Threads, 1, before.Threads);
            grown = after.AnonymousKib - before.AnonymousKib;
        }
        Assert.InRange(grown, long.MinValue, 1024);
    }

    /// <summary>The daemon's resources with one connection, once those of the others that went are given back.</summary>
    private static ProcessResources Settled(DaemonProcess daemon)
    {
        // Connections are accepted in order, and within two calls whoever has hung up has been noticed.
        using var last = daemon.Connect();
        for (var i = 0; i < 3; i++)
            last.Call(Service + "GetInfo");
        return ProcessResources.Of(daemon.Pid);
    }

    // One in three calls, one in three says half a call, one says nothing.
    private static void Connect(string path, int times)
    {
        var call = Encoding.UTF8.GetBytes($$"""{"method":"{{Service}}GetInfo"}""" + "\0");
        var reply = new byte[4096];
        for (var i = 0; i < times; i++)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            if (i % 3 == 0)
            {
                socket.Send(call);
                Assert.True(socket.Receive(reply) > 0);
            }
            else if (i % 3 == 1)
            {
                socket.Send(call.AsSpan(0, 10));
            }
        }
    }

    private static void HangUpWithin(string path, string method, int bytes)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send(Encoding.UTF8.GetBytes($$"""{"method":"{{VarlinkProbe.Devices}}{{method}}","more":true}""" + "\0"));
        var some = new byte[bytes];
        Assert.True(socket.Receive(some) > 0);
    }
}
