using System.Text.Json;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>A wait is answered once the device is settled, and lists what is missing at its timeout.</summary>
public sealed class WaitTests
{
    private const string Rules = """
        version: 1
        subsystem: pci
        rules:
          - name: ready
            wait: [{exists: ready}]
            timeout: 10min
        """;

    [Fact]
    public void A_wait_given_before_the_device_exists_ends_when_it_does()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var waiting = Ueventctl(sandbox, daemon, "wait", "net:uem-a", "/sys/class/net/uem-b", "/devices/virtual/net/uem-a", "--timeout", "10min");
        Eventually.Holds(() => Connections(daemon) >= 3, Deadline.Default, "three calls wait");
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.Equal(0, waiting.WaitForExit(Deadline.Default));
        Assert.Equal(
            ["/devices/virtual/net/uem-a", "/devices/virtual/net/uem-a", "/devices/virtual/net/uem-b"],
            waiting.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_wait_that_times_out_exits_with_3_and_says_of_each_device_what_is_missing()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("pci");
        sysfs.AddDevice("/devices/pci0000:00/vf0", "pci");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        var waiting = Ueventctl(sandbox, daemon, "wait", "pci:vf0", "net:nowhere", "--timeout", $"{TestTime.Seconds(0.2).TotalMilliseconds}ms");
        Assert.Equal(3, waiting.WaitForExit(Deadline.Default));
        Assert.Contains("/devices/pci0000:00/vf0: exists: ready", waiting.Error, StringComparison.Ordinal);
        Assert.Contains("net:nowhere: no such device", waiting.Error, StringComparison.Ordinal);
        Assert.Single(waiting.Error.Trim().Split('\n'));
        Assert.Equal("", waiting.Output);
    }

    [Fact]
    public void A_filter_with_a_count_waits_for_the_last_function()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("pci");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var injector = new UeventInjector(sandbox);
        var waiting = Ueventctl(sandbox, daemon, "wait", "--filter", "subsystem=pci,sysname=vf*", "--count", "8", "--json", "--timeout", "10min");
        var functions = Enumerable.Range(0, 8).Select(i => sysfs.AddDevice($"/devices/pci0000:00/vf{i}", "pci")).ToList();
        foreach (var function in functions)
        {
            injector.Send("add", function);
            if (function != functions[^1])
                function.Write("ready", "1");
        }
        Eventually.Holds(() => daemon.Call("Status").GetProperty("devices").GetInt32() == 7, Deadline.Default, "seven are announced");
        using var probe = daemon.Connect();
        var early = probe.CallForError(
            VarlinkProbe.Devices + "Wait", new { filter = new { subsystems = new[] { "pci" } }, count = 8, timeoutUsec = 0 });
        Assert.Equal(VarlinkProbe.Devices + "Timeout", early.Error);
        Assert.Equal(
            ["7 of 8 settled", "/devices/pci0000:00/vf7: exists: ready"],
            early.Parameters.GetProperty("missing").EnumerateArray().Select(text => text.GetString()!));
        Assert.False(waiting.HasExited);
        functions[^1].Write("ready", "1");
        Assert.Equal(0, waiting.WaitForExit(Deadline.Default));
        Assert.Equal(8, waiting.Lines.Count);
    }

    [Fact]
    public void Until_removed_ends_when_the_device_is_gone()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        using var probe = daemon.Connect();
        probe.Call(VarlinkProbe.Devices + "Wait", new { device = "net:uem-a" });
        var early = probe.CallForError(VarlinkProbe.Devices + "Wait", new { device = "net:uem-a", until = "removed", timeoutUsec = 1000 });
        Assert.Equal("/devices/virtual/net/uem-a: still there", early.Parameters.GetProperty("missing")[0].GetString());
        probe.Send(VarlinkProbe.Devices + "Wait", new { device = "net:uem-a", until = "removed" }, more: false);
        sandbox.Run("ip link del uem-a").Ok();
        Assert.Empty(probe.Read("Wait", Deadline.Default).Parameters.GetProperty("devices").EnumerateArray());
        Assert.Equal(0, Ueventctl(sandbox, daemon, "wait", "net:uem-a", "--until", "removed").WaitForExit(Deadline.Default));
    }

    [Fact]
    public void Settle_returns_though_the_storm_goes_on_and_covers_what_was_sent_before()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var storm = sandbox.Start(["sh", "-c", "while :; do echo change > /sys/class/net/lo/uevent; done"]);
        using var probe = daemon.Connect();
        for (var i = 0; i < 5; i++)
        {
            sandbox.Run($"ip link add uem-{i} type veth peer name uem-peer{i}").Ok();
            probe.Call(VarlinkProbe.Devices + "Settle", new { timeoutUsec = (long)Deadline.Default.Remaining.TotalMicroseconds });
            probe.Call(VarlinkProbe.Devices + "Get", new { device = $"net:uem-{i}" });
        }
        Assert.False(storm.HasExited);
        var before = daemon.Counters()["received"];
        Eventually.Holds(() => daemon.Counters()["received"] > before, Deadline.Default, "the storm goes on");
        Assert.Equal(0, Ueventctl(sandbox, daemon, "settle").WaitForExit(Deadline.Default));
    }

    [Fact]
    public void Settle_waits_for_what_waits_and_says_what_that_is_at_the_timeout()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("pci");
        var device = sysfs.AddDevice("/devices/pci0000:00/vf0", "pci");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        var settle = Ueventctl(sandbox, daemon, "settle", "--timeout", $"{TestTime.Seconds(0.2).TotalMilliseconds}ms");
        Assert.Equal(3, settle.WaitForExit(Deadline.Default));
        Assert.Contains("/devices/pci0000:00/vf0: exists: ready", settle.Error, StringComparison.Ordinal);
        Assert.Equal(0, Ueventctl(sandbox, daemon, "settle", "--filter", "subsystem=net").WaitForExit(Deadline.Default));
        using var probe = daemon.Connect();
        probe.Send(VarlinkProbe.Devices + "Settle", new { }, more: false);
        device.Write("ready", "1");
        probe.Read("Settle", Deadline.Default);
        Assert.Equal("vf0", new DeviceView(daemon.Call("Get", new { device = "pci:vf0" }).GetProperty("device")).SysName);
    }

    [Fact]
    public void Calls_that_wait_have_a_limit_and_a_connection_that_closes_makes_room()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var probes = new List<VarlinkProbe>();
        try
        {
            for (var i = 0; i < 512; i++)
            {
                probes.Add(daemon.Connect());
                probes[^1].Send(VarlinkProbe.Devices + "Wait", new { device = "net:never" }, more: false);
            }
            using var probe = daemon.Connect();
            JsonElement limit = default;
            Eventually.Holds(() => Refused(probe, out limit), Deadline.Default, "the limit");
            Assert.Equal(512, limit.GetProperty("limit").GetInt32());
            probes[0].Dispose();
            Eventually.Holds(() => !Refused(probe, out _), Deadline.Default, "room");
            Assert.Equal("net:lo", "net:" + new DeviceView(probe.Call(VarlinkProbe.Devices + "Get", new { device = "net:lo" }).GetProperty("device")).SysName);
        }
        finally
        {
            probes.ForEach(probe => probe.Dispose());
        }
    }

    [Fact]
    public void An_invalid_parameter_is_refused_by_name()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var probe = daemon.Connect();
        foreach (var (parameters, wrong) in new (object, string)[]
        {
            (new { }, "device"),
            (new { device = "net:lo", filter = new { } }, "filter"),
            (new { device = "net:lo", count = 2 }, "count"),
            (new { filter = new { }, count = 0 }, "count"),
            (new { device = "net:lo", until = "tomorrow" }, "until"),
            (new { device = "net:lo", timeoutUsec = -1 }, "timeoutUsec"),
        })
        {
            var error = probe.CallForError(VarlinkProbe.Devices + "Wait", parameters);
            Assert.Equal(("org.varlink.service.InvalidParameter", wrong), (error.Error, error.Parameters.GetProperty("parameter").GetString()));
        }
    }

    private static bool Refused(VarlinkProbe probe, out JsonElement limit)
    {
        probe.Send(VarlinkProbe.Devices + "Wait", new { device = "net:never", timeoutUsec = 0 }, more: false);
        var reply = probe.ReadReply("Wait", Deadline.Default);
        limit = reply.Parameters;
        return reply.Error == VarlinkProbe.Devices + "TooManyWaits";
    }

    // Descriptors of connections that the daemon has accepted, beside the one that asks.
    private static int Connections(DaemonProcess daemon)
    {
        var inodes = Directory.EnumerateFiles($"/proc/{daemon.Pid}/fd").Select(file => new FileInfo(file).LinkTarget)
            .Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true);
        return inodes - 2;
    }

    private static RunningProcess Ueventctl(Sandbox sandbox, DaemonProcess daemon, params string[] arguments) =>
        sandbox.Start([Repository.Ueventctl, .. arguments, "--socket", daemon.SocketPath]);
}
