using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// Beside the distribution's udevd, with rules of its own that are slow: an event that waits for udev has what udev said of that very event, whatever the
/// database still says, or what is lost or killed on the way.
/// </summary>
public sealed class UdevSourceTests
{
    private const string Rules = """
        version: 1
        subsystem: [block, net]
        rules:
          - name: known-to-udev
            wait: [{udev: true}]
            timeout: 10min
            attach: {udev: ["TEST_*", "ID_FS_TYPE"]}
        """;

    private const string SlowRules = """
        SUBSYSTEM=="block", KERNEL=="sdy", PROGRAM="/bin/sleep 0.3", ENV{TEST_SERIAL}="$attr{serial}"
        """;

    private const string LateRules = """
        version: 1
        subsystem: lead
        rules:
          - name: late
            wait: [{exists: ready}]
            timeout: 10min
        """;

    private const string Disk = "/devices/virtual/block/sdy";

    private static readonly string[] Numbers = ["MAJOR=65", "MINOR=128", "DEVNAME=sdy", "DEVTYPE=disk"];

    [Fact]
    public void A_disk_has_its_own_serial_number_and_not_that_of_the_one_before_it()
    {
        using var world = World.Start(SlowRules);
        world.WriteEntry("b65:128", "E:TEST_SERIAL=yesterday\nV:1\n");
        world.Add("today");
        world.Send("add");
        Assert.Equal("today", world.Consumer.WaitForEvent(one => one.IsAt("add", Disk), Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
        // The next one with that number comes while udevd has heard of nothing yet.
        world.Udevd.Freeze();
        world.Send("remove");
        world.Remove();
        world.Add("tomorrow");
        world.Send("add");
        world.Udevd.Thaw();
        Assert.Equal("tomorrow", world.Consumer.WaitForEvent(one => one.IsAt("add", Disk) && one.Device.Property("TEST_SERIAL") != "today", Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
        Assert.Contains("broadcast", world.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_has_the_properties_that_udev_finds_for_it()
    {
        using var world = World.Start(SlowRules);
        var device = world.Add("one");
        world.Send("add");
        world.Consumer.WaitForEvent(one => one.IsAt("add", Disk), Deadline.Seconds(60));
        device.Write("serial", "two\n");
        world.Send("change");
        Assert.Equal("two", world.Consumer.WaitForEvent(one => one.IsAt("change", Disk), Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
    }

    [Fact]
    public void A_killed_udev_worker_keeps_nothing_waiting()
    {
        using var world = World.Start("SUBSYSTEM==\"block\", KERNEL==\"sdy\", PROGRAM=\"/bin/sleep 600\"\n");
        world.Add("one");
        world.Send("add");
        world.Udevd.KillWorker();
        var disk = world.Consumer.WaitForEvent(one => one.IsAt("add", Disk), Deadline.Seconds(60)).Device;
        Assert.True(disk.Settled, disk.ToString());
        Assert.Contains("UDEV_WORKER_FAILED", world.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void After_lost_broadcasts_udevs_database_answers()
    {
        using var world = World.Start(SlowRules);
        // From the first broadcast on, only those count.
        world.Add("one");
        world.Send("add");
        world.Consumer.WaitForEvent(one => one.IsAt("add", Disk), Deadline.Seconds(60));
        world.Daemon.Freeze();
        using (var flood = UeventSocket.Open(world.Sandbox, groups: 0))
        {
            var message = new byte[30_000];
            for (var i = 0; i < 4_000; i++)
                flood.TrySend(message, port: 0, groups: 2);
        }
        world.Device.Write("serial", "two\n");
        world.Send("change");
        Eventually.Holds(() => world.ReadEntry("b65:128").Contains("TEST_SERIAL=two", StringComparison.Ordinal), Deadline.Seconds(60), "udevd is done with it");
        world.Daemon.Thaw();
        Assert.Equal("two", world.Consumer.WaitForEvent(one => one.IsAt("change", Disk), Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
        Assert.True(world.Daemon.Counters()["udevOverruns"] > 0);
        Assert.Contains("database", world.Explain(), StringComparison.Ordinal);
        world.Device.Write("serial", "three\n");
        world.Send("change");
        Assert.Equal("three", world.Consumer.WaitForEvent(one => one.IsAt("change", Disk) && one.Device.Property("TEST_SERIAL") == "three", Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
    }

    [Fact]
    public void Broadcasts_that_are_too_long_are_logged_once()
    {
        using var world = World.Start(SlowRules);
        using var flood = UeventSocket.Open(world.Sandbox, groups: 0);
        var message = new byte[60_000];
        for (var i = 1; i <= 50; i++)
        {
            flood.TrySend(message, port: 0, groups: 2);
            // Each by itself: they must not all be of one batch.
            Eventually.Holds(() => world.Daemon.Counters()["udevRejectedTruncated"] >= i, Deadline.Default, "it was received");
        }
        Assert.Equal(0, world.Daemon.Terminate());
        Assert.Single(world.Daemon.Log.Split('\n'), line => line.Contains("udevd's group", StringComparison.Ordinal));
        Assert.DoesNotContain("ReceiveBuffer", world.Daemon.Log, StringComparison.Ordinal);
    }

    // Its broadcast comes while no daemon runs, or when the next one does: it is not lost either way.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_that_waits_for_udev_over_a_restart_gets_the_data_of_the_same_event(bool isToldMeanwhile)
    {
        using var world = World.Start(SlowRules);
        world.Add("one");
        world.Send("add");
        world.Consumer.WaitForEvent(one => one.IsAt("add", Disk), Deadline.Seconds(60));
        world.Udevd.Freeze();
        world.Device.Write("serial", "two\n");
        world.Send("change");
        Eventually.Holds(() => world.Daemon.Call("Explain", new { device = Disk }).TryGetProperty("unfinished", out var missing) && missing.GetArrayLength() > 0, Deadline.Default, "the change waits");
        var cursor = world.Daemon.Call("List").GetProperty("cursor").GetString();
        Assert.Equal(0, world.Daemon.Terminate());
        if (isToldMeanwhile)
        {
            world.Udevd.Thaw();
            Eventually.Holds(() => world.ReadEntry("b65:128").Contains("TEST_SERIAL=two", StringComparison.Ordinal), Deadline.Seconds(60), "udevd is done with it");
        }
        world.Daemon.StartAgain();
        using var resumed = world.Daemon.Subscribe(new { cursor });
        if (!isToldMeanwhile)
            world.Udevd.Thaw();
        Assert.Equal("two", resumed.WaitForEvent(one => one.IsAt("change", Disk), Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
        Assert.Empty(resumed.Gaps);
    }

    [Fact]
    public void Status_and_metrics_say_how_often_udev_was_too_early()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var udevd = UdevdProcess.Start(sandbox, sysfs);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = LateRules, Arguments = ["--udev-db", udevd.Database] });
        using var consumer = daemon.Subscribe();
        using var kernel = new UeventInjector(sandbox);
        var device = sysfs.AddDevice("/devices/virtual/lead/one", "lead");
        kernel.Send("add", device);
        // What udevd tells is a reason to look; and what that look has found is known with it.
        Eventually.Holds(
            () => daemon.Call("Explain", new { device = device.DevPath }) is var explained
                && explained.GetProperty("history").EnumerateArray().Any(one => one.GetProperty("what").GetString()!.Contains("udev", StringComparison.Ordinal))
                && explained.GetProperty("conditions")[0].GetProperty("looks").GetInt32() > 1,
            Deadline.Seconds(60), "udevd has told of it, and it was looked at");
        device.Write("ready", "");
        consumer.WaitForEvent(one => one.Is("add", "one"), Deadline.Seconds(60));
        var lead = Assert.Single(daemon.Call("Status").GetProperty("udevLeads").EnumerateArray(), one => one.GetProperty("subsystem").GetString() == "lead");
        Assert.Equal((1, 1), (lead.GetProperty("told").GetInt32(), lead.GetProperty("early").GetInt32()));
        var status = sandbox.Run($"{Repository.Ueventctl} status --socket {daemon.SocketPath}").Ok().Output;
        Assert.Matches(@"(?m)^ *lead +1 of 1 too early +(99 % complete within [\d.]+ ms|some much later)$", status);
        var metrics = daemon.Call("Metrics").GetProperty("text").GetString()!;
        Assert.Contains("uevent_manager_udev_told_devices_total{subsystem=\"lead\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("uevent_manager_udev_lead_seconds_bucket{subsystem=\"lead\",le=\"+Inf\"} 1\n", metrics, StringComparison.Ordinal);
    }

    // Devices that are not interfaces are told in every namespace, and udevd's broadcasts in its own alone.
    [Fact]
    public void Without_broadcasts_udevs_database_answers_and_old_entries_do_not_count()
    {
        using var sandbox = Sandbox.Create();
        using var elsewhere = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var udevd = UdevdProcess.Start(elsewhere, sysfs, SlowRules);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules, Arguments = ["--udev-db", udevd.Database] });
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
        using var here = new UeventInjector(sandbox);
        using var there = new UeventInjector(elsewhere);
        Directory.CreateDirectory(udevd.Database);
        File.WriteAllText(udevd.Database + "/b65:128", "E:TEST_SERIAL=yesterday\nV:1\n");
        var device = sysfs.AddDevice(Disk, "block", Numbers);
        device.Write("serial", "today\n");
        here.Send("add", device, Numbers);
        there.Send("add", device, Numbers);
        Assert.Equal("today", consumer.WaitForEvent(one => one.IsAt("add", Disk), Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
        device.Write("serial", "tomorrow\n");
        here.Send("change", device, Numbers);
        there.Send("change", device, Numbers);
        Assert.Equal("tomorrow", consumer.WaitForEvent(one => one.IsAt("change", Disk), Deadline.Seconds(60)).Device.Property("TEST_SERIAL"));
    }

    private sealed class World : IDisposable
    {
        private readonly FakeSysfs _sysfs;
        private UeventInjector? _kernel;

        private World(FakeSysfs sysfs, Sandbox sandbox) => (_sysfs, Sandbox) = (sysfs, sandbox);

        public Sandbox Sandbox { get; }

        public required UdevdProcess Udevd { get; init; }

        public DaemonProcess Daemon { get; private set; } = null!;

        public Subscription Consumer { get; private set; } = null!;

        public FakeDevice Device { get; private set; } = null!;

        public static World Start(string udevRules)
        {
            var sysfs = new FakeSysfs();
            // Events of other namespaces count in the machine's own number.
            sysfs.SetSeqnum(1);
            var sandbox = Sandbox.Create();
            var world = new World(sysfs, sandbox) { Udevd = UdevdProcess.Start(sandbox, sysfs, udevRules) };
            world.Daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules, Arguments = ["--udev-db", world.Udevd.Database] });
            world.Consumer = world.Daemon.Subscribe(new { filter = new { subsystems = new[] { "block" } } });
            world._kernel = new UeventInjector(sandbox);
            return world;
        }

        public FakeDevice Add(string serial)
        {
            Device = _sysfs.AddDevice(Disk, "block", Numbers);
            Device.Write("serial", serial + "\n");
            return Device;
        }

        public void Remove() => Device.Remove();

        public void Send(string action) => _kernel!.Send(action, Disk, "block", Numbers);

        public void WriteEntry(string id, string entry)
        {
            Directory.CreateDirectory(Udevd.Database);
            File.WriteAllText(Path.Combine(Udevd.Database, id), entry);
        }

        public string ReadEntry(string id) => File.Exists(Path.Combine(Udevd.Database, id)) ? File.ReadAllText(Path.Combine(Udevd.Database, id)) : "";

        public string Explain() => Daemon.Call("Explain", new { device = Disk }).GetProperty("udev").GetString()!;

        public void Dispose()
        {
            _kernel?.Dispose();
            Consumer?.Dispose();
            Daemon?.Dispose();
            Udevd.Dispose();
            Sandbox.Dispose();
            _sysfs.Dispose();
        }
    }
}
