using System.Diagnostics;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests.RealClients;

/// <summary>
/// libvirtd's node-device driver, unmodified, in a namespace without udevd. It polls a second for an mdev's `mdev_type` in its only event thread, then
/// drops the device for ever; told once that is complete, it waits for nothing.
/// </summary>
public sealed class LibvirtTests : IDisposable
{
    private static readonly string[] Virsh = ["virsh", "-q", "-c", "nodedev:///system"];

    private readonly Sandbox _host = ForwardTests.Host();
    private readonly FakeSysfs _sysfs = new();
    private readonly UeventInjector _kernel;
    private int _probes;

    public LibvirtTests()
    {
        _kernel = new UeventInjector(_host);
        _sysfs.AddBus("mdev");
        _sysfs.AddBus("usb");
        _sysfs.AddDevice("/devices/virtual/mtty/mtty", "mtty").MakeDirectory("mdev_supported_types/mtty-1");
        Directory.CreateDirectory(_sysfs.Root + "/kernel/iommu_groups/1");
        Directory.CreateDirectory(_sysfs.Root + "/bus/mdev/drivers/vfio_mdev");
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _host.Dispose();
        _sysfs.Dispose();
    }

    [Theory(Explicit = true)]
    [InlineData(ClientTree.OwnRelease)]
    [InlineData(ClientTree.Trixie)]
    public void A_plain_forwarder_loses_a_late_mdev_and_delays_others_and_ours_does_neither(string release)
    {
        using var daemon = DaemonProcess.Start(_host, new DaemonOptions { Sysfs = _sysfs.Root, Rules = File.ReadAllText(Path.Combine(Repository.Root, "rules/40-mdev.yaml")) });
        using var ours = new Libvirt(this, release);
        using var plain = new Libvirt(this, release);
        ForwardTests.Forward(_host, daemon, "--sysfs", _sysfs.Root, "--pid", ForwardTests.PidOf(ours.Sandbox), "--run-udev", ours.Udev.Path);
        File.WriteAllText(plain.Udev.Combine("control"), "");
        using var forwarder = new PlainForwarder(_host, plain.Sandbox);
        ours.Start();
        plain.Start();
        using var subscription = daemon.Subscribe();

        var clock = Stopwatch.StartNew();
        var late = Mdev("aaaaaaaa", isComplete: false);
        Mdev("bbbbbbbb", isComplete: true);
        var oursOther = ours.WhenHeard("bbbbbbbb", clock);
        var plainOther = plain.WhenHeard("bbbbbbbb", clock);
        Eventually.Holds(() => clock.Elapsed > TimeSpan.FromSeconds(1.8), Deadline.Default, "the type comes 1.8 s late");
        Assert.DoesNotContain(ours.Events.Lines, line => line.Contains("aaaaaaaa", StringComparison.Ordinal));
        Complete(late);
        var completed = Stopwatch.StartNew();
        var oursLate = ours.WhenHeard("aaaaaaaa", completed);
        // The daemon looks at what waits at intervals; libvirt comes behind that look. Which takes how long: Latency.
        var behindLook = TimeSpan.FromMicroseconds(MonotonicClock.Usec - subscription.WaitForEvent(one => one.Action == "add" && one.Device.DevPath.Contains("aaaaaaaa", StringComparison.Ordinal)).SettledUsec);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"the other device: ours after {oursOther.TotalMilliseconds:0.0} ms, plain after {plainOther.TotalMilliseconds:0.0} ms; the late one: ours {oursLate.TotalMilliseconds:0.0} ms after it is complete and {behindLook.TotalMilliseconds:0.0} ms after the daemon saw that, plain never");

        Assert.True(plainOther > TimeSpan.FromSeconds(0.9), $"libvirt did not wait with a plain forwarder: {plainOther}");
        Assert.True(oursOther < TestTime.Seconds(0.2), $"another device waited: {oursOther}");
        Assert.True(behindLook < TestTime.Seconds(0.05) && oursLate < TestTime.Seconds(0.25), $"it came late: {oursLate}, {behindLook} after the daemon saw it");
        Assert.Contains("aaaaaaaa", ours.List(), StringComparison.Ordinal);
        Assert.Contains("bbbbbbbb", plain.List(), StringComparison.Ordinal);
        Assert.DoesNotContain("aaaaaaaa", plain.List(), StringComparison.Ordinal);

        // Gone again, and seen to be.
        _kernel.Send("remove", late);
        late.Remove();
        ours.Events.WaitForLine(line => line.Contains("aaaaaaaa", StringComparison.Ordinal) && line.Contains("Deleted", StringComparison.Ordinal), Deadline.Default, "the remove");
        Assert.DoesNotContain("aaaaaaaa", ours.List(), StringComparison.Ordinal);
    }

    /// <summary>Where the time goes between a device that is complete 1.8 s after its event and libvirt's word of it, on this machine and beside busy processes.</summary>
    [Theory(Explicit = true)]
    [InlineData(0)]
    [InlineData(4)]
    public void A_late_mdev_is_forwarded_soon_after_it_is_complete(int burners)
    {
        using var daemon = DaemonProcess.Start(_host, new DaemonOptions { Sysfs = _sysfs.Root, Rules = File.ReadAllText(Path.Combine(Repository.Root, "rules/40-mdev.yaml")) });
        using var libvirt = new Libvirt(this, ClientTree.OwnRelease);
        ForwardTests.Forward(_host, daemon, "--sysfs", _sysfs.Root, "--pid", ForwardTests.PidOf(libvirt.Sandbox), "--run-udev", libvirt.Udev.Path);
        libvirt.Start();
        using var subscription = daemon.Subscribe();
        using var told = new Broadcasts(libvirt.Sandbox);
        var latency = new Latency();
        for (var i = 0; i < burners; i++)
            _host.Start(["sh", "-c", "while :; do :; done"]);
        for (var i = 0; i < 12; i++)
        {
            var name = $"1a7e{i:d4}";
            var clock = Stopwatch.StartNew();
            var late = Mdev(name, isComplete: false);
            // Not at the same place between two looks each time.
            Eventually.Holds(() => clock.Elapsed > TimeSpan.FromMilliseconds(1_800 + (i * 1.7)), Deadline.Default, "the type comes 1.8 s late");
            Complete(late);
            var complete = MonotonicClock.Usec;
            libvirt.WhenHeard(name, clock);
            var heard = MonotonicClock.Usec;
            var seen = subscription.WaitForEvent(one => one.Action == "add" && one.Device.DevPath.Contains(name, StringComparison.Ordinal)).SettledUsec;
            latency.Add(complete, seen, told.WhenTold(name), heard);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"beside {burners} busy processes: {latency}");
        Assert.True(latency.OursMs < 10 * TestTime.Factor, $"{latency}");
    }

    [Theory(Explicit = true)]
    [InlineData(ClientTree.OwnRelease)]
    [InlineData(ClientTree.Trixie)]
    public void A_stick_and_a_disk_are_not_discarded_without_udevds_properties(string release)
    {
        using var daemon = DaemonProcess.Start(_host, new DaemonOptions { Sysfs = _sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        using var ours = new Libvirt(this, release);
        ForwardTests.Forward(_host, daemon, "--sysfs", _sysfs.Root, "--pid", ForwardTests.PidOf(ours.Sandbox), "--run-udev", ours.Udev.Path);
        ours.Start();
        var stick = _sysfs.AddDevice("/devices/pci0000:00/0000:00:14.0/usb1/1-2", "usb", "MAJOR=189", "MINOR=1", "DEVNAME=bus/usb/001/002", "DEVTYPE=usb_device", "BUSNUM=001", "DEVNUM=002");
        foreach (var (name, value) in new[] { ("idVendor", "0951"), ("idProduct", "1666"), ("manufacturer", "Kingston"), ("product", "DataTraveler 3.0"), ("busnum", "1"), ("devnum", "2") })
            stick.Write(name, value + "\n");
        _kernel.Send("add", stick, "MAJOR=189", "MINOR=1", "DEVNAME=bus/usb/001/002", "DEVTYPE=usb_device", "BUSNUM=001", "DEVNUM=002");
        ours.WhenHeard("usb_1_2", Stopwatch.StartNew());
        Assert.Contains("<vendor id='0x0951'>Kingston</vendor>", ours.Ask("nodedev-dumpxml", "usb_1_2"), StringComparison.Ordinal);
        var disk = _sysfs.AddDevice("/devices/pci0000:00/0000:00:05.0/host0/target0:0:0/0:0:0:0/block/sduem", "block", "MAJOR=259", "MINOR=7", "DEVNAME=sduem", "DEVTYPE=disk");
        foreach (var (name, value) in new[] { ("device/type", "0"), ("device/vendor", "ATA"), ("device/model", "uem"), ("size", "2048"), ("queue/logical_block_size", "512"), ("removable", "0") })
            disk.Write(name, value + "\n");
        _kernel.Send("add", disk, "MAJOR=259", "MINOR=7", "DEVNAME=sduem", "DEVTYPE=disk");
        ours.WhenHeard("block_sduem", Stopwatch.StartNew());
    }

    private FakeDevice Mdev(string begin, bool isComplete)
    {
        var device = _sysfs.AddDevice($"/devices/virtual/mtty/mtty/{begin}-0000-4000-8000-{_probes++:d12}", "mdev", "DRIVER=vfio_mdev");
        device.Link("iommu_group", "/kernel/iommu_groups/1");
        device.Link("driver", "/bus/mdev/drivers/vfio_mdev");
        if (isComplete)
            Complete(device);
        _kernel.Send("add", device);
        return device;
    }

    private static void Complete(FakeDevice device) => device.Link("mdev_type", "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1");

    /// <summary>One libvirtd, and one who asks it to be told of devices.</summary>
    private sealed class Libvirt(LibvirtTests tests, string release) : IDisposable
    {
        private RunningProcess? _libvirtd;

        public Sandbox Sandbox { get; } = Sandbox.Create();

        public ScratchDirectory Udev { get; } = new("udev");

        public RunningProcess Events { get; private set; } = null!;

        // Both are known to listen once they tell of a device that comes now.
        public void Start()
        {
            _libvirtd = ClientTree.StartOf(release, Sandbox, tests._sysfs, Udev.Path, "libvirtd", "libvirtd");
            Eventually.Holds(() => _libvirtd.HasExited || List().Contains("computer", StringComparison.Ordinal), Deadline.Seconds(30), $"libvirtd answers: {_libvirtd.Error}");
            Events = ClientTree.Beside(Sandbox, _libvirtd, ["stdbuf", "-oL", .. Virsh, "nodedev-event", "--event", "lifecycle", "--loop"]);
            // It says nothing when it begins to listen: probes stay, because libvirt would wait a second for one that is gone.
            for (var deadline = Deadline.Seconds(30); !deadline.Passed;)
            {
                var name = $"c0de{tests._probes:d4}";
                tests.Mdev(name, isComplete: true);
                if (SpinWait.SpinUntil(() => Events.Lines.Any(line => line.Contains(name, StringComparison.Ordinal)), 1000))
                    return;
            }
            Assert.Fail($"virsh tells of nothing: {Events.Output} {Events.Error}; {_libvirtd.Error}");
        }

        public TimeSpan WhenHeard(string name, Stopwatch clock)
        {
            Events.WaitForLine(line => line.Contains(name, StringComparison.Ordinal) && line.Contains("Created", StringComparison.Ordinal), Deadline.Default, $"{name}; {_libvirtd!.Error}");
            return clock.Elapsed;
        }

        public string List() => Ask("nodedev-list");

        public string Ask(params IReadOnlyList<string> command) => ClientTree.Ask(Sandbox, _libvirtd!, [.. Virsh, .. command]);

        public void Dispose()
        {
            Sandbox.Dispose();
            Udev.Dispose();
        }
    }
}
