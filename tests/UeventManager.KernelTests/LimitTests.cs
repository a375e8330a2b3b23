using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>At each limit a client gets an error or is disconnected, and the daemon continues without an exception.</summary>
public sealed class LimitTests
{
    private const string Method = "org.ueventmanager.Devices.Get";

    [Fact]
    public void A_daemon_without_free_descriptors_serves_its_connections_and_accepts_others_once_some_close()
    {
        Requires.Tools("prlimit");
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Prefix = ["prlimit", "--nofile=100:100", "--"] });
        using var injector = new UeventInjector(sandbox);
        using var subscription = daemon.Subscribe();
        var crowd = Enumerable.Range(0, 300).Select(_ => Connect(daemon.SocketPath)).ToList();
        injector.Send("add", sysfs.AddDevice("/devices/virtual/limit/l0", "limit"));
        subscription.WaitForEvent(one => one.Is("add", "l0"));
        Eventually.Holds(() => crowd.Exists(socket => socket.Poll(0, SelectMode.SelectRead)), Deadline.Default, "a connection refused");
        crowd.ForEach(socket => socket.Dispose());
        Eventually.Holds(() => IsServed(daemon), Deadline.Default, "a connection that is served");
        Assert.True(daemon.Counters()["connectionsRefused"] > 0);
        Assert.DoesNotContain("xception", daemon.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_is_looked_at_even_without_a_free_descriptor()
    {
        Requires.Tools("prlimit");
        const string Rules = """
            version: 1
            subsystem: limit
            rules:
              - name: ready
                on: [change]
                wait:
                  - exists: ready
            """;
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 100).Select(i => sysfs.AddDevice($"/devices/virtual/limit/l{i}", "limit")).ToList();
        devices.ForEach(device => device.Write("ready", ""));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules, Prefix = ["prlimit", "--nofile=100:100", "--"] });
        using var injector = new UeventInjector(sandbox);
        using var subscription = daemon.Subscribe();
        // So many directories stay open as may.
        Change(devices);
        var crowd = Enumerable.Range(0, 300).Select(_ => Connect(daemon.SocketPath)).ToList();
        Eventually.Holds(() => crowd.Any(socket => socket.Poll(0, SelectMode.SelectRead)), Deadline.Default, "a connection refused");
        Change(devices);
        crowd.ForEach(socket => socket.Dispose());

        void Change(List<FakeDevice> all)
        {
            foreach (var device in all)
            {
                injector.Send("change", device);
                subscription.WaitForEvent(one => one.IsAt("change", device.DevPath));
            }
        }
    }

    [Theory]
    [InlineData("too long", "InvalidParameter")]
    [InlineData("too deep", null)]
    [InlineData("too much of a filter", "InvalidParameter")]
    public void A_request_beyond_a_limit_is_answered_or_its_connection_closed(string what, string? error)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var request = what switch
        {
            "too long" => $$$"""{"method":"{{{Method}}}","parameters":{"device":"{{{new string('x', 2 << 20)}}}"}}""",
            "too deep" => $$"""{"method":"{{Method}}","parameters":{"device":""" + new string('[', 2_000) + new string(']', 2_000) + "}}",
            _ => """{"method":"org.ueventmanager.Devices.List","parameters":{"filter":{"sysnames":["x""" + new string('x', 10_000) + "\"]}}}",
        };
        using var socket = Connect(daemon.SocketPath);
        var sender = new Thread(() => TrySend(socket, Encoding.UTF8.GetBytes(request + "\0")));
        sender.Start();
        var answer = new byte[4096];
        socket.ReceiveTimeout = Deadline.Default.RemainingMsec;
        var count = Receive(socket, answer);
        if (error is null)
            Assert.Equal(0, count);
        else
            Assert.Contains(error, Encoding.UTF8.GetString(answer, 0, count), StringComparison.Ordinal);
        sender.Join();
        Assert.True(IsServed(daemon));
        Assert.DoesNotContain("xception", daemon.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_sockets_mode_and_group_are_as_wanted(bool byOption)
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, byOption
            ? new DaemonOptions { Arguments = ["--socket-mode", "0660", "--socket-group", "4321"] }
            : new DaemonOptions { Environment = new Dictionary<string, string> { ["UEVENT_MANAGER_SOCKET_MODE"] = "0660", ["UEVENT_MANAGER_SOCKET_GROUP"] = "4321" } });
        Assert.Equal("660 4321", sandbox.Run($"stat -c '%a %g' {daemon.SocketPath}").Ok().Lines.First());
    }

    [Fact]
    public void An_unknown_group_is_refused_with_the_fix()
    {
        using var sandbox = Sandbox.Create();
        var refused = sandbox.Run($"{Repository.Ueventctl} daemon --socket /tmp/uem-none --socket-group no-such-group-here");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("getent group", refused.Error, StringComparison.Ordinal);
    }

    private static bool IsServed(DaemonProcess daemon)
    {
        try
        {
            daemon.Call("Status");
            return true;
        }
        catch (Exception e) when (e is SocketException or Xunit.Sdk.XunitException or IOException)
        {
            return false;
        }
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static void TrySend(Socket socket, byte[] bytes)
    {
        try
        {
            socket.Send(bytes);
        }
        catch (SocketException)
        {
            // It was refused in the middle.
        }
    }

    private static int Receive(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
