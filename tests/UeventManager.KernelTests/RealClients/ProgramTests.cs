using System.Globalization;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.RealClients;

/// <summary>Unchanged programs on libudev, and udevadm of newer versions of systemd.</summary>
public sealed class ProgramTests
{
    private const string Python = "/usr/bin/python3";

    // Of a device with the id 0951:1666 and one configuration without an interface.
    private const string Descriptors = "\x12\x01\0\x02\0\0\0\x40\x51\x09\x66\x16\0\x01\0\0\0\x01" + "\x09\x02\x09\0\0\x01\0\x40\x32";

    [Fact(Explicit = true)]
    public void Pyudev_hears_of_devices_and_filters_them_by_tag()
    {
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox);
        ForwardTests.Forward(sandbox, daemon, "--tag", "mine");
        var (hears, deaf) = (Script(sandbox, "pyudev-client.py", "net", "mine"), Script(sandbox, "pyudev-client.py", "net", "other"));
        daemon.RunInTurn(sandbox, "ip link add uem-a type bridge", "ip link del uem-a");
        hears.WaitForLine(line => line == "remove uem-a initialised mine,settled", Deadline.Default, "the remove");
        Assert.Equal(["listening", "add uem-a initialised mine,settled", "remove uem-a initialised mine,settled"], hears.Lines);
        UdevMonitor.IsDeaf(deaf, line => line != "listening");
    }

    [Fact(Explicit = true)]
    public void GUdev_hears_of_devices()
    {
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox);
        ForwardTests.Forward(sandbox, daemon);
        var (hears, deaf) = (Script(sandbox, "gudev.py", "net"), Script(sandbox, "gudev.py", "block"));
        daemon.RunInTurn(sandbox, "ip link add uem-a type bridge", "ip link set uem-a name uem-b", "ip link del uem-b");
        hears.WaitForLine(line => line == "remove uem-b initialised", Deadline.Default, "the remove");
        Assert.Equal(["listening", "add uem-a initialised", "move uem-b initialised", "remove uem-b initialised"], hears.Lines);
        UdevMonitor.IsDeaf(deaf, line => line != "listening");
    }

    [Fact(Explicit = true)]
    public void Libusb_hears_of_a_device_that_is_plugged_in_and_out()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("usb");
        using var kernel = new UeventInjector(sandbox);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = "version: 1\nsubsystem: usb\nrules: [{name: named, wait: [{attribute: product, equals: complete}], timeout: 10min}]\n" });
        ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        var script = Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/libusb-client.py");
        // It asks whether /sys is a sysfs by its file system: what is in it is the fake tree's.
        var mounts = $"for part in bus class devices; do mount --bind {sysfs.Root}/$part /sys/$part; done; mount -t tmpfs dev /dev && mkdir -p /dev/bus/usb/001 && touch /dev/bus/usb/001/002";
        var client = ClientTree.Start(sandbox, null, "/run/udev", "python3", "sh", "-c", $"{mounts} && SYSTEMD_DEVICE_VERIFY_SYSFS=0 exec {Python} {script}");
        client.WaitForLine(line => line == "listening", Deadline.Default, "libusb listens");
        string[] properties = ["MAJOR=189", "MINOR=1", "DEVNAME=bus/usb/001/002", "DEVTYPE=usb_device", "BUSNUM=001", "DEVNUM=002"];
        var stick = sysfs.AddDevice("/devices/pci0000:00/0000:00:14.0/usb1/1-2", "usb", properties);
        foreach (var (name, value) in new[] { ("busnum", "1\n"), ("devnum", "2\n"), ("speed", "480\n"), ("bConfigurationValue", "1\n"), ("descriptors", Descriptors) })
            stick.Write(name, value);
        kernel.Send("add", stick, properties);
        Eventually.Holds(() => daemon.Call("Status").GetProperty("waiting").GetInt64() == 1, Deadline.Default, "it waits");
        Assert.Equal(["listening"], client.Lines);
        stick.Write("product", "complete\n");
        client.WaitForLine(line => line == "arrived 1:2 0951:1666", Deadline.Default, "the stick");
        kernel.Send("remove", stick, properties);
        stick.Remove();
        client.WaitForLine(line => line == "left 1:2 0951:1666", Deadline.Default, "the stick has gone");
        Assert.Equal(3, client.Lines.Count);
    }

    [Fact(Explicit = true)]
    public void NetworkManager_leaves_an_interface_alone_until_it_is_complete_and_then_takes_it()
    {
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = ForwardTests.Rules });
        ForwardTests.Forward(sandbox, daemon);
        var manager = ClientTree.Start(sandbox, null, "/run/udev", "NetworkManager", "sh", "-c", "dbus-daemon --system --fork --nopidfile && exec NetworkManager --no-daemon");
        string State(string name) => ClientTree.Ask(sandbox, manager, "nmcli", "-t", "-f", "DEVICE,STATE", "device").Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal)) ?? "";
        Eventually.Holds(() => manager.HasExited || State("lo") != "", Deadline.Seconds(30), $"NetworkManager answers: {manager.Error}");
        sandbox.Run("ip link add uem-late type veth peer name uem-now").Ok();
        Eventually.Holds(() => State("uem-now") is "uem-now:unavailable" or "uem-now:disconnected", Deadline.Seconds(30), $"it takes the peer, which nothing holds: {State("uem-now")}");
        // Its other end has no carrier while it is left alone.
        Assert.Equal("uem-late:unmanaged", State("uem-late"));
        sandbox.Run("ip link set uem-late mtu 1400").Ok();
        Eventually.Holds(() => State("uem-late") is "uem-late:unavailable" or "uem-late:disconnected", Deadline.Seconds(30), $"it takes the device: {State("uem-late")}");
    }

    [Theory(Explicit = true)]
    [InlineData("trixie", 257)]
    [InlineData("unstable", 262)] // From then on by Varlink alone.
    public void Udevadm_of_a_newer_systemd_monitors_reads_waits_and_settles(string suite, int version)
    {
        var udevadm = Udevadm(suite);
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = ForwardTests.Rules });
        ForwardTests.Forward(sandbox, daemon);
        Assert.True(int.Parse(Ok(sandbox, [.. udevadm, "--version"]).Split(' ', '.', '~', '\n')[0], CultureInfo.InvariantCulture) >= version, $"{suite} has an older udevadm");
        Ok(sandbox, [.. udevadm, "control", "--ping", "--timeout=10"]);
        Ok(sandbox, [.. udevadm, "settle", "--timeout=10"]);
        var monitor = UdevMonitor.Start(sandbox, [], udevadm, "--property", "--subsystem-match=net", "--tag-match=settled");
        var wait = sandbox.Start([.. udevadm, "wait", "--timeout=60", "/sys/class/net/uem-late"]);
        sandbox.Run("ip link add uem-late type veth peer name uem-now").Ok();
        monitor.WaitForLine(line => line.EndsWith("uem-now (net)", StringComparison.Ordinal), Deadline.Default, "the peer, which nothing holds");
        // To be asked, as to settle, waits for what waits.
        Assert.NotEqual(0, Run(sandbox, [.. udevadm, "control", "--ping", "--timeout=1"]).WaitForExit(Deadline.Default));
        Assert.False(wait.HasExited);
        Assert.DoesNotContain(monitor.Lines, line => line.Contains("uem-late (net)", StringComparison.Ordinal));
        sandbox.Run("ip link set uem-late mtu 1400").Ok();
        Assert.Equal(0, wait.WaitForExit(Deadline.Default));
        Ok(sandbox, [.. udevadm, "settle", "--timeout=10"]);
        monitor.WaitForLine(line => line.EndsWith("uem-late (net)", StringComparison.Ordinal), Deadline.Default, "the device");
        monitor.WaitForLine(line => line == "CURRENT_TAGS=:settled:", Deadline.Default, "its tags");
        var info = Ok(sandbox, [.. udevadm, "info", "/sys/class/net/uem-late"]);
        Assert.Contains("E: USEC_INITIALIZED=", info, StringComparison.Ordinal);
        Assert.Contains("E: CURRENT_TAGS=:settled:", info, StringComparison.Ordinal);
        // What udevd can be told besides is refused: it ends nothing.
        Run(sandbox, [.. udevadm, "control", "--exit", "--timeout=5"]).WaitForExit(Deadline.Default);
        Ok(sandbox, [.. udevadm, "control", "--ping", "--timeout=10"]);
        sandbox.Run("ip link del uem-late").Ok();
        monitor.WaitForLine(line => line.Contains(" remove ", StringComparison.Ordinal) && line.EndsWith("uem-late (net)", StringComparison.Ordinal), Deadline.Default, "the remove");
    }

    private static RunningProcess Script(Sandbox sandbox, string name, params string[] arguments)
    {
        var script = Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness", name);
        var client = ClientTree.Start(sandbox, null, "/run/udev", "python3", [Python, script, .. arguments]);
        client.WaitForLine(line => line == "listening", Deadline.Default, $"{name} listens");
        return client;
    }

    // With the loader and the libraries of its release.
    private static string[] Udevadm(string suite)
    {
        var tree = Path.Combine(Repository.Root, $"artifacts/tools/udevadm-{suite}/tree/usr");
        var libraries = tree + "/lib/x86_64-linux-gnu";
        if (!File.Exists(tree + "/bin/udevadm") || !File.Exists(libraries + "/ld-linux-x86-64.so.2"))
            Assert.Skip($"needs udevadm of Debian {suite}, unpacked: {ClientTree.Fix}");
        return [libraries + "/ld-linux-x86-64.so.2", "--library-path", $"{libraries}:{libraries}/systemd", tree + "/bin/udevadm"];
    }

    private static string Ok(Sandbox sandbox, IReadOnlyList<string> command)
    {
        var process = Run(sandbox, command);
        Assert.True(process.WaitForExit(Deadline.Default) == 0, $"{string.Join(' ', command.Skip(4))}: {process.Error}{process.Output}");
        return process.Output;
    }

    private static RunningProcess Run(Sandbox sandbox, IReadOnlyList<string> command)
    {
        var process = sandbox.Start(command);
        process.CloseInput();
        return process;
    }
}
