using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Each device that exists at the start is in the state once, by its rule.</summary>
public sealed class StateTests
{
    [Fact]
    public void List_names_exactly_the_devices_that_udevadm_names()
    {
        var udevadm = Requires.Tool("udevadm");
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add uem-a type veth peer name uem-b && ip link add uem-br type bridge").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        // Looked at anew each time: other devices of the machine may come and go meanwhile.
        Eventually.SameSet(
            () => sandbox.Run($"{udevadm} info --export-db").Ok().Lines.Where(line => line.StartsWith("P: ", StringComparison.Ordinal)).Select(line => line[3..]),
            () => daemon.List().Select(device => device.DevPath),
            Deadline.Default, "List equals `udevadm info --export-db`");
        var devpaths = daemon.List().Select(device => device.DevPath).ToList();
        Assert.Equal(devpaths.Count, devpaths.Distinct().Count());
        Assert.Contains("/devices/virtual/net/uem-a", devpaths);
    }

    [Fact]
    public void A_device_that_was_incomplete_at_the_start_is_announced_when_it_is_complete()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var complete = sysfs.AddDevice("/devices/virtual/cold/complete", "cold");
        complete.Write("ready", "");
        var late = sysfs.AddDevice("/devices/virtual/cold/late", "cold");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = "version: 1\nsubsystem: cold\nrules:\n  - name: ready\n    wait: [{exists: ready}]\n    timeout: 10min\n",
        });
        using var subscription = daemon.Subscribe();
        Assert.Equal(complete.DevPath, Assert.Single(subscription.Picture.Keys));
        var waiting = Assert.Single(daemon.List(new { unsettled = true }), device => device.SysName == "late");
        Assert.False(waiting.Settled);
        Assert.Contains(waiting.Missing, text => text.Contains("ready", StringComparison.Ordinal));
        late.Write("ready", "");
        Assert.True(subscription.WaitForEvent(one => one.Is("add", "late")).Device.Settled);
    }

    [Fact]
    public void Devices_that_arrive_while_the_daemon_starts_are_neither_lost_nor_duplicated()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < 500; i++)
            sysfs.AddDevice($"/devices/virtual/rush/old{i}", "rush");
        using var injector = new UeventInjector(sandbox);
        using var stop = new CancellationTokenSource();
        var storm = new Thread(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested && i < 20000; i++)
                injector.Send("add", sysfs.AddDevice($"/devices/virtual/rush/new{i}", "rush"));
        });
        storm.Start();
        try
        {
            using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
            using var subscription = daemon.Subscribe();
            var known = subscription.Picture.Keys.ToHashSet(StringComparer.Ordinal);
            stop.Cancel();
            storm.Join();
            injector.Send("add", sysfs.AddDevice("/devices/virtual/rush/end", "rush"));
            foreach (var one in subscription.EventsUntil(one => one.Is("add", "end"), Deadline.Seconds(60)))
                Assert.True(one.Action == "add" && known.Add(one.Device.DevPath), $"twice: {one}");
            Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
        }
        finally
        {
            stop.Cancel();
            storm.Join();
        }
    }

    [Fact]
    public void A_call_before_the_daemon_is_ready_is_answered_with_the_whole_state()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < 2000; i++)
            sysfs.AddDevice($"/devices/virtual/early/e{i}", "early");
        using var scratch = new ScratchDirectory("early");
        var socket = scratch.Combine("socket");
        var process = sandbox.Start([Repository.Ueventctl, "daemon", "--sysfs", sysfs.Root, "--socket", socket, "--rules", scratch.Path]);
        Eventually.Holds(() => File.Exists(socket) || process.HasExited, Deadline.Default, "the socket");
        using var probe = Eventually.Get(() => VarlinkProbe.TryConnect(socket), Deadline.Default, "a connection");
        Assert.Equal(2000, probe.Call(VarlinkProbe.Devices + "Status").GetProperty("devices").GetInt64());
        Assert.Equal(2000, probe.CallMore(VarlinkProbe.Devices + "List").Sum(reply => reply.GetProperty("devices").GetArrayLength()));
    }

    [Fact]
    public void A_device_that_never_becomes_complete_is_held_and_says_what_is_missing()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = """
                version: 1
                subsystem: never
                rules:
                  - name: deliver
                    match: {sysname: "d*"}
                    wait: [{exists: ready}]
                    timeout: 100ms
                    onTimeout: deliver
                  - name: hold
                    wait: [{exists: ready}]
                    timeout: 100ms
                """,
        });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        var held = sysfs.AddDevice("/devices/virtual/never/h0", "never");
        injector.Send("add", held);
        injector.Send("add", sysfs.AddDevice("/devices/virtual/never/d0", "never"));
        var delivered = subscription.WaitForEvent(one => one.Is("add", "d0"));
        Assert.False(delivered.Device.Settled);
        Assert.Contains(delivered.Device.Missing, text => text.Contains("ready", StringComparison.Ordinal));
        Assert.True(delivered.SettledUsec - delivered.ArrivedUsec >= 100_000, delivered.ToString());
        Eventually.Holds(() => daemon.Call("Status").GetProperty("held").GetInt64() == 1, Deadline.Default, "h0 is held");
        Assert.DoesNotContain(held.DevPath, subscription.Picture.Keys);
        held.Write("ready", "");
        injector.Send("change", held);
        Assert.True(subscription.WaitForEvent(one => one.Is("add", "h0")).Device.Settled);
    }
}
