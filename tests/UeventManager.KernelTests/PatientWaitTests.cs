using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A boot script waits for a disk by its link, whatever happens meanwhile, and is refused at once if it could only wait in vain.</summary>
public sealed class PatientWaitTests : IDisposable
{
    private const string Rules = """
        version: 1
        subsystem: block
        rules:
          - name: ready
            wait: [{exists: ready}]
            timeout: 10min
        """;

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _dev = new("dev");

    public void Dispose()
    {
        _dev.Dispose();
        _sysfs.Dispose();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_link_that_dangles_is_followed_to_the_disk_that_it_leads_to_later(bool isLinkFirst, bool isAbsolute)
    {
        using var daemon = Start();
        using var injector = new UeventInjector(_sandbox);
        Link("sdy", isAbsolute);
        var waiting = Ueventctl(daemon, "wait", "/dev/disk/by-id/x", "--timeout", "10min");
        WaitsAtTheDaemon(daemon);
        if (isLinkFirst)
            Link("sdz", isAbsolute);
        Announce(injector, Disk("sdz", 1, ready: true));
        Node("sdz");
        if (!isLinkFirst)
            Link("sdz", isAbsolute);
        Assert.Equal(0, waiting.WaitForExit(Deadline.Default));
        Assert.Equal("/devices/virtual/block/sdz\n", waiting.Output);
    }

    [Fact]
    public void After_a_bus_reset_a_link_names_the_disk_that_it_leads_to_now()
    {
        using var daemon = Start();
        using var injector = new UeventInjector(_sandbox);
        var first = Disk("sdy", 1, ready: false);
        Node("sdy");
        Link("sdy");
        Announce(injector, first);
        var waiting = Ueventctl(daemon, "wait", "/dev/disk/by-id/x", "/sys/devices/platform/slot/disk", "--timeout", "10min");
        _sysfs.AddDevice("/devices/platform/slot", "platform").Link("disk", "/devices/virtual/block/sdy");
        WaitsAtTheDaemon(daemon);
        Directory.Delete(first.Path, recursive: true);
        injector.Send("remove", first);
        File.Delete(_dev.Combine("sdy"));
        var second = Disk("sdz", 2, ready: false);
        Node("sdz");
        Announce(injector, second);
        Link("sdz");
        var slot = _sysfs.Root + "/devices/platform/slot/disk";
        File.Delete(slot);
        File.CreateSymbolicLink(slot, "../../virtual/block/sdz");
        second.Write("ready", "1");
        Assert.Equal(0, waiting.WaitForExit(Deadline.Default));
        Assert.Equal("/devices/virtual/block/sdz\n/devices/virtual/block/sdz\n", waiting.Output);
    }

    [Theory]
    [InlineData("wait", "block:sdz")]
    [InlineData("settle")]
    public void A_wait_survives_a_restart_and_waits_for_a_daemon_that_has_not_started(params string[] command)
    {
        var disk = Disk("sdz", 1, ready: false);
        using var daemon = Start();
        var waiting = Ueventctl(daemon, [.. command, "--timeout", "600"]);
        WaitsAtTheDaemon(daemon);
        daemon.Terminate();
        waiting.WaitForErrorLine(line => line.Contains("trying until the timeout", StringComparison.Ordinal), Deadline.Default, "that the daemon went");
        var later = Ueventctl(daemon, [.. command, "--timeout", "600"]);
        later.WaitForErrorLine(line => line.Contains("trying until the timeout", StringComparison.Ordinal), Deadline.Default, "that there is no daemon");
        daemon.StartAgain();
        disk.Write("ready", "1");
        foreach (var one in new[] { waiting, later })
        {
            Assert.Equal(0, one.WaitForExit(Deadline.Default));
            Assert.Equal(command.Length == 1 ? "" : "/devices/virtual/block/sdz\n", one.Output);
            Assert.Equal(2, one.ErrorLines.Count);
        }
    }

    [Theory]
    [InlineData("wait", "block:sdz", "--timeout", "0.3")]
    [InlineData("settle", "--timeout", "300ms")]
    public void Without_a_daemon_a_wait_ends_at_its_timeout(params string[] command)
    {
        var since = MonotonicClock.Usec;
        var waiting = _sandbox.Start([Repository.Ueventctl, .. command, "--socket", _dev.Combine("socket")]);
        Assert.Equal(4, waiting.WaitForExit(Deadline.Default));
        Assert.True(MonotonicClock.Usec - since >= 300_000, "it gave up before its time");
        Assert.Contains("no such socket", waiting.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("did you mean block:sdz?", "sdz")]
    [InlineData("did you mean pci:0000:01:00.0?", "0000:01:00.0")]
    [InlineData("/dev/sdq or block:sdq", "sdq")]
    [InlineData("did you mean block:sdz?", "--until", "removed", "sdz")]
    [InlineData("did you mean block:sdz?", "--until", "removed", "blok:sdz")]
    [InlineData("write a devpath", "block:")]
    [InlineData("did you mean /sys/class/block/sdz?", "/class/block/sdz")]
    [InlineData("neither in sysfs nor in /dev", "/home/somebody")]
    [InlineData("did you mean block:sdz?", "block:sdz", "sdz")]
    public void A_name_that_no_device_can_have_is_refused_at_once_with_the_right_form(string hint, params string[] command)
    {
        _sysfs.AddBus("pci");
        _sysfs.AddDevice("/devices/pci0000:00/0000:01:00.0", "pci");
        Disk("sdz", 1, ready: true);
        // Without a daemon: nobody is asked.
        var waiting = _sandbox.Start([Repository.Ueventctl, "wait", .. command, "--sysfs", _sysfs.Root, "--socket", _dev.Combine("socket"), "--timeout", "10min"]);
        Assert.Equal(2, waiting.WaitForExit(Deadline.Default));
        Assert.Contains(hint, Assert.Single(waiting.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("msr:msr0")]
    [InlineData("block:sdq")]
    [InlineData("/devices/virtual/block/sdq")]
    public void A_wait_for_removal_ends_if_the_whole_subsystem_is_gone(string name)
    {
        Disk("sdz", 1, ready: true);
        using var daemon = Start();
        Assert.Equal(0, Ueventctl(daemon, "wait", "--until", "removed", name).WaitForExit(Deadline.Default));
    }

    [Theory]
    [InlineData("lo")]
    [InlineData("net:")]
    [InlineData(":lo")]
    [InlineData("/home/somebody")]
    public void The_daemon_refuses_such_a_name_too(string name)
    {
        using var daemon = Start();
        using var probe = daemon.Connect();
        var error = probe.CallForError(VarlinkProbe.Devices + "Wait", new { device = name, until = "removed" });
        Assert.Equal(("org.varlink.service.InvalidParameter", "device"), (error.Error, error.Parameters.GetProperty("parameter").GetString()));
    }

    private DaemonProcess Start() => DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules, Arguments = ["--dev", _dev.Path] });

    private FakeDevice Disk(string name, int minor, bool ready)
    {
        var disk = _sysfs.AddDevice($"/devices/virtual/block/{name}", "block", "MAJOR=8", $"MINOR={minor}", $"DEVNAME={name}", "DEVTYPE=disk");
        if (ready)
            disk.Write("ready", "1");
        return disk;
    }

    // As the kernel does it: with all that the uevent file says.
    private static void Announce(UeventInjector injector, FakeDevice disk) => injector.Send("add", disk, File.ReadAllLines(disk.Path + "/uevent"));

    private void Node(string name) => File.WriteAllText(_dev.Combine(name), "");

    private void Link(string node, bool isAbsolute = false)
    {
        var link = _dev.Combine("disk/by-id/x");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        File.CreateSymbolicLink(link, isAbsolute ? _dev.Combine(node) : $"../../{node}");
    }

    // The daemon has the call when it is a connection of its own; a name that is asked again is asked at most a tenth of its time later.
    private static void WaitsAtTheDaemon(DaemonProcess daemon) =>
        Eventually.Holds(() => daemon.Counters()["connections"] >= 2, Deadline.Default, "somebody waits");

    private RunningProcess Ueventctl(DaemonProcess daemon, params string[] arguments) =>
        _sandbox.Start([Repository.Ueventctl, .. arguments, "--socket", daemon.SocketPath, .. arguments[0] == "wait" ? ["--sysfs", _sysfs.Root] : Array.Empty<string>()]);
}
