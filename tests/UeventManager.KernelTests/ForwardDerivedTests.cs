using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Without udevd its properties are read from sysfs as its builtins would, because programs ignore a device without them.</summary>
public sealed class ForwardDerivedTests
{
    // EV, KEY, ABS, REL and SW bits of real devices, and INPUT_PROP.
    private static readonly Dictionary<string, (string Ev, string Key, string Abs, string Rel, string Sw, string Properties)> Inputs = new()
    {
        ["keyboard"] = ("120013", "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe", "0", "0", "0", "0"),
        ["mouse"] = ("17", "ff0000 0 0 0 0", "0", "1943", "0", "0"),
        ["touchpad"] = ("b", "e520 10000 0 0 0 0", "660800011000003", "0", "0", "5"),
        ["touchscreen"] = ("b", "400 0 0 0 0 0", "260800000000003", "0", "0", "2"),
        ["single-touch"] = ("b", "400 0 0 0 0 0", "1000003", "0", "0", "2"),
        ["tablet"] = ("b", "1c03 0 0 0 0 0", "1000003", "0", "0", "1"),
        ["gamepad"] = ("20000b", "7cdb000000000000 0 0 0 0", "3003f", "0", "0", "0"),
        ["gamepad-dpad"] = ("b", "f00000000 0 0 0 7fdb000000000000 0 0 0 0", "3f", "0", "0", "0"),
        ["flight-stick"] = ("b", "fff00000000 0 0 0 0", "3007f", "0", "0", "0"),
        ["wheel-without-buttons"] = ("9", "0", "3f", "0", "0", "0"),
        ["power-button"] = ("3", "10000000000000 0", "0", "0", "0", "0"),
        ["lid"] = ("21", "0", "0", "0", "1", "0"),
        ["accelerometer"] = ("9", "0", "7", "0", "0", "40"),
        ["old-accelerometer"] = ("9", "0", "7", "0", "0", "0"),
        ["trackpoint"] = ("7", "70000 0 0 0 0", "0", "3", "0", "21"),
        ["speaker"] = ("40001", "0", "0", "0", "0", "0"),
        ["absolute-mouse"] = ("f", "1f0000 0 0 0 0", "3", "100", "0", "0"),
        ["consumer-keys"] = ("13", "3007ff 0 0 483ffff17aff32d bf54444600000000 1 130f938b17c000 677bfad9415fed 9ed68000004400 10000002", "0", "0", "0", "0"),
    };

    [Fact]
    public void An_input_device_gets_the_properties_of_udevds_input_id()
    {
        Requires.Tools("udevadm");
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        var devices = Inputs.Select((one, i) => AddInput(sysfs, i, one.Value)).ToArray();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        foreach (var (name, i) in Inputs.Keys.Select((name, i) => (name, i)))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {Stored(sandbox, $"c13:{64 + i}", "ID_INPUT")} | {Builtin(sandbox, sysfs, "input_id", devices[i], "ID_INPUT")}");
            Assert.Equal((name, Builtin(sandbox, sysfs, "input_id", devices[i], "ID_INPUT")), (name, Stored(sandbox, $"c13:{64 + i}", "ID_INPUT")));
            Assert.Equal((name, Stored(sandbox, $"c13:{64 + i}", "ID_INPUT")), (name, Stored(sandbox, $"+input:input{i}", "ID_INPUT")));
        }
    }

    [Theory]
    [InlineData("/devices/pci0000:00/0000:00:1f.2")]
    [InlineData("/devices/pci0000:00/0000:00:1c.0/0000:03:00.0/net/uemnet")]
    [InlineData("/devices/pci0000:00/0000:00:02.0/drm/card9")]
    [InlineData("/devices/pci0000:00/0000:00:14.0/usb1/1-2")]
    [InlineData("/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.4")]
    [InlineData("/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0")]
    [InlineData("/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/net/uemusb")]
    [InlineData("/devices/pci0000:00/0000:00:14.0/usb1")]
    [InlineData("/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/net/uemvmd")]
    [InlineData("/devices/virtual/net/uemvirtual")]
    public void A_path_gets_the_ID_PATH_of_udevd_or_none(string devpath)
    {
        Requires.Tools("udevadm");
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        sysfs.AddBus("pci");
        sysfs.AddBus("usb");
        var parts = devpath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        FakeDevice? device = null;
        for (var length = 2; length <= parts.Length; length++)
        {
            if (Subsystem(parts, length) is { } subsystem)
                device = sysfs.AddDevice("/" + string.Join('/', parts[..length]), subsystem, parts[length - 1].Contains(':', StringComparison.Ordinal) && subsystem == "usb" ? ["DEVTYPE=usb_interface"] : subsystem == "usb" ? ["DEVTYPE=usb_device"] : []);
        }
        // The bridge to a PCI bus has a uevent file, and no subsystem: a chain of functions ends at it.
        for (var length = 2; length < parts.Length; length++)
        {
            if (parts[length - 1].StartsWith("pci", StringComparison.Ordinal))
                File.WriteAllText($"{sysfs.Root}/{string.Join('/', parts[..length])}/uevent", "");
        }
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        var ours = Stored(sandbox, $"+{device!.Subsystem}:{parts[^1]}", "ID_PATH");
        TestContext.Current.TestOutputHelper?.WriteLine($"{ours} | {Builtin(sandbox, sysfs, "path_id", device, "ID_PATH")}");
        if (ours.Length > 0)
            Assert.Equal(Builtin(sandbox, sysfs, "path_id", device, "ID_PATH").Split(' ').Where(line => !line.StartsWith("ID_PATH_WITH_", StringComparison.Ordinal)), ours.Split(' '));
        else
            Assert.StartsWith("/devices/virtual/", devpath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvme0n1", "nvme/nvme0/nvme0n1", "wwid=eui.0025388b91b0c1d2 device/serial=S3X9 device/model=uem", "ID_MODEL=uem ID_SERIAL=uem_S3X9 ID_SERIAL_SHORT=S3X9 ID_WWN=eui.0025388b91b0c1d2")]
    [InlineData("vda", "virtio1/block/vda", "serial=uem-disk", "ID_SERIAL=uem-disk ID_SERIAL_SHORT=uem-disk")]
    [InlineData("mmcblk0", "mmc_host/mmc0/mmc0:0001/block/mmcblk0", "device/serial=0x0a1b2c3d", "ID_SERIAL=0x0a1b2c3d ID_SERIAL_SHORT=0x0a1b2c3d")]
    [InlineData("sda", "host0/target0:0:0/0:0:0:0/block/sda", "device/wwid=naa.5000c500a1b2c3d4 device/type=0", "ID_TYPE=disk ID_WWN=0x5000c500a1b2c3d4")]
    [InlineData("sdb", "host0/target0:0:1/0:0:1:0/block/sdb", "device/wwid=t10.ATA", "")]
    public void A_disk_is_known_by_its_serial_number_and_its_world_wide_name(string name, string below, string attributes, string expected)
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        var disk = sysfs.AddDevice("/devices/pci0000:00/0000:00:05.0/" + below, "block", "MAJOR=259", "MINOR=7", $"DEVNAME={name}", "DEVTYPE=disk");
        foreach (var attribute in attributes.Split(' '))
            disk.Write(attribute[..attribute.IndexOf('=', StringComparison.Ordinal)], attribute[(attribute.IndexOf('=', StringComparison.Ordinal) + 1)..] + "\n");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        Assert.Equal(expected, Stored(sandbox, "b259:7", "ID_"));
    }

    [Fact]
    public void A_sound_card_is_said_to_be_initialized_and_its_other_devices_are_not()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        sysfs.AddDevice("/devices/pci0000:00/0000:00:1b.0/sound/card0", "sound");
        sysfs.AddDevice("/devices/pci0000:00/0000:00:1b.0/sound/card0/controlC0", "sound", "MAJOR=116", "MINOR=2", "DEVNAME=snd/controlC0");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        Assert.Equal("SOUND_INITIALIZED=1", Stored(sandbox, "+sound:card0", "SOUND_"));
        Assert.Equal("", Stored(sandbox, "c116:2", "SOUND_"));
    }

    private static FakeDevice AddInput(FakeSysfs sysfs, int index, (string Ev, string Key, string Abs, string Rel, string Sw, string Properties) bits)
    {
        var input = sysfs.AddDevice($"/devices/virtual/input/input{index}", "input", "PRODUCT=3/1/2/3");
        foreach (var (name, value) in new[] { ("ev", bits.Ev), ("key", bits.Key), ("abs", bits.Abs), ("rel", bits.Rel), ("sw", bits.Sw) })
            input.Write("capabilities/" + name, value + "\n");
        input.Write("properties", bits.Properties + "\n");
        var node = sysfs.AddDevice($"/devices/virtual/input/input{index}/event{index}", "input", "MAJOR=13", $"MINOR={64 + index}", $"DEVNAME=input/event{index}");
        node.Link("device", $"/devices/virtual/input/input{index}");
        return node;
    }

    private static string? Subsystem(string[] parts, int length) => (length == parts.Length && parts.Length > 3 && parts[^2] is "net" or "drm") ? parts[^2]
        : parts[length - 1] is "net" or "drm" or "virtual" ? null
        : parts[length - 1].StartsWith("usb", StringComparison.Ordinal) || (char.IsAsciiDigit(parts[length - 1][0]) && parts[length - 1].Contains('-', StringComparison.Ordinal)) ? "usb"
        : parts[length - 1].Contains(':', StringComparison.Ordinal) && !parts[length - 1].StartsWith("pci", StringComparison.Ordinal) ? "pci" : null;

    // What udevadm's builtin prints, on a tree that is not a sysfs by its file system.
    private static string Builtin(Sandbox sandbox, FakeSysfs sysfs, string builtin, FakeDevice device, string prefix) => Properties(
        sandbox.Run($"unshare --mount --propagation private sh -c 'mount --bind {sysfs.Root} /sys && SYSTEMD_DEVICE_VERIFY_SYSFS=0 {Requires.Tool("udevadm")} test-builtin {builtin} /sys{device.DevPath}' 2>/dev/null").Lines, prefix);

    private static string Stored(Sandbox sandbox, string id, string prefix) =>
        Properties(sandbox.Run($"cat '/run/udev/data/{id}'").Ok().Lines.Where(line => line.StartsWith("E:", StringComparison.Ordinal)).Select(line => line[2..]), prefix);

    private static string Properties(IEnumerable<string> lines, string prefix) =>
        string.Join(' ', lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
