using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>In namespaces without udevd, programs that know only udev get complete devices and udev's properties.</summary>
public sealed class ForwardTests
{
    internal const string Rules = """
        version: 1
        subsystem: net
        rules:
          - name: late
            on: [add]
            match: {sysname: "uem-late*"}
            wait: [{attribute: mtu, equals: 1400}]
            timeout: 10min
        """;

    [Fact]
    public void A_monitor_of_udevs_in_a_namespace_without_udevd_sees_a_device_once_it_is_complete()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var run = new ScratchDirectory("udev");
        var forward = Forward(sandbox, daemon, "--pid", PidOf(container), "--run-udev", run.Path);
        BindRun(container, run.Path);
        var monitor = UdevMonitor.Start(container, "--property");
        sandbox.Run("ip link add uem-late type veth peer name uem-now").Ok();
        monitor.WaitForLine(line => line.EndsWith("uem-now (net)", StringComparison.Ordinal), Deadline.Default, "the peer, which nothing holds");
        Assert.DoesNotContain(monitor.Lines, line => line.Contains("uem-late (net)", StringComparison.Ordinal));
        sandbox.Run("ip link set uem-late mtu 1400").Ok();
        var head = monitor.WaitForLine(line => line.EndsWith("uem-late (net)", StringComparison.Ordinal), Deadline.Default, "the device");
        Assert.Matches(@"^UDEV  \[[0-9.]+\] add +/devices/virtual/net/uem-late \(net\)$", head);
        foreach (var property in new[] { "INTERFACE=uem-late", "CURRENT_TAGS=:settled:", "UEVENT_MANAGER=1" })
            monitor.WaitForLine(line => line == property, Deadline.Default, property);
        sandbox.Run("ip link del uem-late").Ok();
        monitor.WaitForLine(line => line.Contains(" remove ", StringComparison.Ordinal) && line.Contains("uem-late (net)", StringComparison.Ordinal), Deadline.Default, "the remove");
        Assert.Equal(0, Terminate(forward));
    }

    [Fact]
    public void Clients_filter_by_subsystem_and_tag_in_the_kernel()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        Forward(sandbox, daemon, "--netns", $"/proc/{PidOf(container)}/ns/net", "--run-udev", run.Path, "--tag", "mine");
        BindRun(container, run.Path);
        RunningProcess[] hear = [UdevMonitor.Start(container, "--subsystem-match=net"), UdevMonitor.Start(container, "--tag-match=settled"), UdevMonitor.Start(container, "--tag-match=mine")];
        RunningProcess[] deaf = [UdevMonitor.Start(container, "--subsystem-match=block"), UdevMonitor.Start(container, "--tag-match=other"), UdevMonitor.Start(container, "--subsystem-match=net/wlan")];
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        foreach (var monitor in hear)
            monitor.WaitForLine(line => line.EndsWith("uem-b (net)", StringComparison.Ordinal), Deadline.Default, "the device");
        foreach (var monitor in deaf)
            UdevMonitor.IsDeaf(monitor, line => line.Contains("uem-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_host_without_udevd_has_a_database_that_udevadm_reads()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        var forward = Forward(sandbox, daemon);
        var info = sandbox.Run($"{Udevadm} info /sys/class/net/uem-a").Ok().Output;
        Assert.Contains("E: USEC_INITIALIZED=", info, StringComparison.Ordinal);
        Assert.Contains("E: TAGS=:settled:", info, StringComparison.Ordinal);
        var id = $"n{File.ReadAllText(sandbox.SysRoot + "/class/net/uem-a/ifindex").Trim()}";
        sandbox.Run($"test -e /run/udev/data/{id} && test -e /run/udev/tags/settled/{id}").Ok();
        sandbox.Run($"{Udevadm} settle --timeout={10 * TestTime.Factor}").Ok();

        // Not initialised as long as it waits, and with its first time kept over a rename.
        var wait = sandbox.Start([Udevadm, "wait", "--timeout=60", "/sys/class/net/uem-late"]);
        sandbox.Run("ip link add uem-late type bridge").Ok();
        sandbox.Run($"{Udevadm} settle --timeout=1 || true");
        Assert.False(wait.HasExited);
        sandbox.Run("ip link set uem-late mtu 1400").Ok();
        Assert.Equal(0, wait.WaitForExit(Deadline.Default));
        var first = Initialized(sandbox, "uem-late");
        sandbox.Run("ip link set uem-late name uem-other").Ok();
        Eventually.Holds(() => Initialized(sandbox, "uem-other") == first, Deadline.Default, "the time is kept");

        sandbox.Run("ip link del uem-a").Ok();
        Eventually.Holds(() => sandbox.Run($"test ! -e /run/udev/data/{id} && test ! -e /run/udev/tags/settled/{id}").ExitCode == 0, Deadline.Default, "its entry is gone");
        Assert.Equal(0, Terminate(forward));
    }

    [Fact]
    public void A_USB_stick_is_forwarded_with_the_properties_that_udevd_would_have_read()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("usb");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        var monitor = UdevMonitor.Start(sandbox, "--property", "--subsystem-match=usb/usb_device");
        using var kernel = new UeventInjector(sandbox);
        var stick = sysfs.AddDevice("/devices/pci0000:00/0000:00:14.0/usb1/1-2", "usb", "MAJOR=189", "MINOR=1", "DEVNAME=bus/usb/001/002", "DEVTYPE=usb_device");
        foreach (var (name, value) in new[] { ("idVendor", "0951"), ("idProduct", "1666"), ("manufacturer", "Kingston"), ("product", "DataTraveler  3.0 "), ("serial", "60A44C413FAE") })
            stick.Write(name, value + "\n");
        kernel.Send("add", stick, "MAJOR=189", "MINOR=1", "DEVNAME=bus/usb/001/002", "DEVTYPE=usb_device");
        foreach (var property in new[]
        {
            "ID_VENDOR_ID=0951", "ID_MODEL_ID=1666", "ID_MODEL=DataTraveler_3.0", "ID_SERIAL=Kingston_DataTraveler_3.0_60A44C413FAE", "ID_SERIAL_SHORT=60A44C413FAE", "ID_BUS=usb",
            "ID_PATH=pci-0000:00:14.0-usb-0:2", "ID_PATH_TAG=pci-0000_00_14_0-usb-0_2", "DEVNAME=/dev/bus/usb/001/002",
        })
            monitor.WaitForLine(line => line == property, Deadline.Default, property);
        Assert.Contains("E:ID_VENDOR_ID=0951\n", sandbox.Run("cat /run/udev/data/c189:1").Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_that_is_too_slow_is_logged_and_delays_no_other()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        using var slow = Sandbox.Create();
        using var quick = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        var forward = Forward(sandbox, daemon, "--pid", PidOf(slow), "--pid", PidOf(quick), "--run-udev", run.Path);
        BindRun(quick, run.Path);
        using var deaf = UeventSocket.Open(slow, groups: 2);
        var monitor = UdevMonitor.Start(quick);
        daemon.RunInTurn(sandbox, "ip link add uem-a type bridge", "for i in $(seq 800); do echo change > /sys/class/net/uem-a/uevent; done", "ip link del uem-a");
        monitor.WaitForLine(line => line.Contains(" remove ", StringComparison.Ordinal) && line.EndsWith("uem-a (net)", StringComparison.Ordinal), Deadline.Default, "the last event");
        forward.WaitForErrorLine(line => line.Contains($"process {PidOf(slow)}: listeners that were too slow have lost", StringComparison.Ordinal), Deadline.Default, "the loss");
        Assert.Equal(0, Terminate(forward));
        var said = forward.ErrorLines.Where(line => line.Contains("slow", StringComparison.Ordinal)).ToArray();
        Assert.Equal([true, false], said.Select(line => line.Contains("logged once", StringComparison.Ordinal)));
        Assert.Contains("and 0 not accepted by the kernel", said[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_in_another_user_namespace_accepts_the_messages()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        using var container = Sandbox.CreateRootless();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        Forward(sandbox, daemon, "--pid", PidOf(container), "--run-udev", run.Path);
        BindRun(container, run.Path);
        var monitor = UdevMonitor.Start(container);
        sandbox.Run("ip link add uem-a type bridge").Ok();
        monitor.WaitForLine(line => line.EndsWith("uem-a (net)", StringComparison.Ordinal), Deadline.Default, "the device");
    }

    [Fact]
    public void A_namespace_with_a_udevd_of_its_own_hears_it_from_its_kernel()
    {
        using var sandbox = Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var reader = new UeventReader(container);
        Forward(sandbox, daemon, "--netns", $"/proc/{PidOf(container)}/ns/net", "--format", "kernel", "--filter", "subsystem=net,sysname=uem-*");
        daemon.RunInTurn(sandbox, "ip link add uem-a type bridge", "ip link add other type bridge", "ip link del uem-a");
        var added = reader.Next(_ => true, Deadline.Default);
        Assert.Equal((0u, "add", "/devices/virtual/net/uem-a"), (added.SenderPort, added.Properties["ACTION"], added.Properties["DEVPATH"]));
        Assert.True(long.Parse(added.Properties["SEQNUM"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.DoesNotContain("UDEV_DATABASE_VERSION", added.Properties.Keys);
        // Of the other device nothing.
        Assert.Equal("remove", reader.Next(_ => true, Deadline.Default).Properties["ACTION"]);
    }

    [Fact]
    public void A_forwarder_killed_in_a_storm_resumes_where_it_stopped_and_its_clients_know_the_true_devices()
    {
        Requires.Tools("udevadm");
        using var sandbox = Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        string[] arguments = ["--pid", PidOf(container), "--run-udev", run.Path];
        var forward = Forward(sandbox, daemon, arguments);
        BindRun(container, run.Path);
        var monitor = UdevMonitor.Start(container);
        var inTheMiddle = 0;
        for (var round = 0; round < 4 || (inTheMiddle == 0 && round < 16); round++)
        {
            var storm = sandbox.Start(["sh", "-c", $"for i in 1 2 3 4 5 6 7 8 9 10; do ip link add uem-{round}-$i type bridge; ip link del uem-{round - 1}-$i 2>/dev/null; done; true"]);
            monitor.WaitForLine(line => line.EndsWith($"uem-{round}-3 (net)", StringComparison.Ordinal), Deadline.Default, "the storm");
            forward.Signal(Syscalls.SIGKILL);
            inTheMiddle += storm.HasExited ? 0 : 1;
            forward.WaitForExit(Deadline.Default);
            Assert.Equal(0, storm.WaitForExit(Deadline.Default));
            forward = Forward(sandbox, daemon, arguments);
        }
        Assert.True(inTheMiddle > 0, "each storm was over before it was killed");
        Eventually.SameSet(() => Devices(sandbox).Where(name => name.StartsWith("uem-", StringComparison.Ordinal)), () => Picture(monitor), Deadline.Default, "the client's picture is the truth");
        Eventually.SameSet(
            () => Devices(sandbox).Select(name => "n" + File.ReadAllText($"{sandbox.SysRoot}/class/net/{name}/ifindex").Trim()),
            () => Directory.EnumerateFiles(run.Combine("data"), "n*").Select(path => Path.GetFileName(path)), Deadline.Default, "so is the database");
    }

    internal static string Udevadm => Requires.Tool("udevadm");

    private static IEnumerable<string> Devices(Sandbox sandbox) => Directory.EnumerateFileSystemEntries(sandbox.SysRoot + "/class/net").Select(path => Path.GetFileName(path));

    // What a client makes of what it heard.
    private static HashSet<string> Picture(RunningProcess monitor)
    {
        var devices = new HashSet<string>(StringComparer.Ordinal);
        foreach (var words in monitor.Lines.Select(line => line.Split((char[])[' ', '[', ']'], StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words is ["UDEV", _, var action, var path, "(net)"] && Path.GetFileName(path) is var name)
                _ = action == "remove" ? devices.Remove(name) : devices.Add(name);
        }
        return devices;
    }

    // A host without udevd, whatever the machine has: with a /run of its own.
    internal static Sandbox Host()
    {
        var sandbox = Sandbox.Create();
        sandbox.Run("mount -t tmpfs -o mode=755 run /run && mkdir /run/netns").Ok();
        return sandbox;
    }

    internal static void BindRun(Sandbox sandbox, string directory) =>
        sandbox.Run($"mount -t tmpfs -o mode=755 run /run && mkdir /run/udev && mount --bind {directory} /run/udev").Ok();

    internal static string PidOf(Sandbox sandbox) => sandbox.SysRoot.Split('/')[2];

    private static string Initialized(Sandbox sandbox, string name) =>
        sandbox.Run($"{Udevadm} info /sys/class/net/{name}").Lines.FirstOrDefault(line => line.StartsWith("E: USEC_INITIALIZED=", StringComparison.Ordinal)) ?? "";

    internal static RunningProcess Forward(Sandbox sandbox, DaemonProcess daemon, params string[] options)
    {
        var forward = sandbox.Start([Repository.Ueventctl, "forward", "--socket", daemon.SocketPath, .. options]);
        forward.WaitForErrorLine(line => line.Contains("settled events are forwarded", StringComparison.Ordinal), Deadline.Default, "it is ready");
        return forward;
    }

    internal static int Terminate(RunningProcess forward)
    {
        forward.Signal(Syscalls.SIGTERM);
        return forward.WaitForExit(Deadline.Default);
    }
}
