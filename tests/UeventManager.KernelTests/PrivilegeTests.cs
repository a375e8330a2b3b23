using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Reading events needs no privilege, and neither does serving them.</summary>
public sealed class PrivilegeTests
{
    [Fact]
    public void The_daemon_of_an_unprivileged_user_announces_real_devices()
    {
        Requires.Tools("setpriv");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Prefix = ["setpriv", .. Sandbox.AsNobody] });
        using var subscription = daemon.Subscribe();
        Assert.Contains("/devices/virtual/net/lo", subscription.Picture.Keys);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.True(subscription.WaitForEvent(one => one.Is("add", "uem-a")).Device.Settled);
        sandbox.Run("ip link del uem-a").Ok();
        subscription.WaitForEvent(one => one.Is("remove", "uem-a"));
    }

    [Fact]
    public void The_daemon_works_in_a_user_namespace_that_does_not_map_root()
    {
        using var sandbox = Sandbox.CreateRootless();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        Assert.Contains("/devices/virtual/net/lo", subscription.Picture.Keys);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        sandbox.Run("ip link del uem-a").Ok();
        subscription.WaitForEvent(one => one.Is("remove", "uem-a"));
    }

    [Fact]
    public void An_unprivileged_client_reads_events_of_the_daemon_of_root()
    {
        Requires.Tools("setpriv", "python3");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var client = sandbox.Start(
            ["setpriv", .. Sandbox.AsNobody, Requires.Tool("python3"), Path.Combine(Repository.Root, "samples/subscribe.py"), daemon.SocketPath]);
        daemon.WaitForSubscribers(1);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        client.WaitForLine(line => line == "add /devices/virtual/net/uem-a True", Deadline.Default, "the event reaches nobody");
    }

    [Fact]
    public void An_unprivileged_client_can_change_nothing()
    {
        Requires.Tools("setpriv", "python3");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        const string Call = """
            import socket, sys
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(sys.argv[1])
            connection.sendall(b'{"method":"org.ueventmanager.Control.Reload"}\0')
            print(connection.recv(4096))
            """;
        var client = sandbox.Start(["setpriv", .. Sandbox.AsNobody, Requires.Tool("python3"), "-c", Call, daemon.SocketPath]);
        var answer = client.WaitForLine(_ => true, Deadline.Default, "an answer");
        Assert.Contains("org.varlink.service.PermissionDenied", answer, StringComparison.Ordinal);
    }
}
