using UeventManager.Client;
using UeventManager.Commands.Terminal;
using UeventManager.Commands.Verbs;

namespace UeventManager.Tests.Commands.Verbs;

/// <summary>Scripts read the letters of <c>udevadm info --export-db</c>: none may be missing or added.</summary>
public sealed class DeviceExportTests
{
    [Fact]
    public void A_disk_has_the_links_of_all_its_names_and_no_variable_of_the_event()
    {
        UeventDevice device = Device("/devices/x/block/cciss!c0d1", "block", ("ACTION", "change"), ("SEQNUM", "7"), ("SYNTH_UUID", "0"), ("DEVPATH", "/devices/x"), ("MAJOR", "8"), ("MINOR", "1"), ("DEVNAME", "cciss/c0d1"),
            ("DISKSEQ", "9"), ("DEVLINKS", "/dev/disk/by-id/a /dev/b"), ("ID_X", "y\nz")) with
        { DevNode = "/dev/cciss/c0d1", DevType = "disk", Driver = "d" };
        Assert.Equal(
            [
                "P: /devices/x/block/cciss!c0d1", "M: cciss/c0d1", "R: 1", "U: block", "T: disk", "D: b 8:1", "N: cciss/c0d1", "L: 0", "S: disk/by-id/a", "S: b", "Q: 9", "V: d",
                "E: DEVPATH=/devices/x/block/cciss!c0d1", "E: SUBSYSTEM=block", "E: DEVLINKS=/dev/disk/by-id/a /dev/b", "E: DEVNAME=/dev/cciss/c0d1", "E: DISKSEQ=9", "E: ID_X=y\\x0az", "E: MAJOR=8", "E: MINOR=1", "",
            ],
            DeviceExport.Lines(device));
    }

    [Theory]
    [InlineData("eth10", "R: 10")]
    [InlineData("card0-HDMI-A-1", "R: 1")]
    [InlineData("12", null)]
    [InlineData("lo", null)]
    public void The_number_of_a_device_is_the_one_at_the_end_of_its_name(string name, string? line) =>
        Assert.Equal(line, DeviceExport.Lines(Device("/devices/" + name, "net", ("IFINDEX", "3"))).FirstOrDefault(static one => one.StartsWith("R:", StringComparison.Ordinal)));

    [Fact]
    public void A_character_device_has_its_number_and_an_interface_its_index()
    {
        Assert.Contains("D: c 1:3", DeviceExport.Lines(Device("/devices/null", "mem", ("MAJOR", "1"), ("MINOR", "3"))));
        Assert.Contains("I: 3", DeviceExport.Lines(Device("/devices/eth0", "net", ("IFINDEX", "3"))));
    }

    [Fact]
    public void A_tree_shows_no_ancestor_of_its_top()
    {
        UeventDevice[] devices = [Device("/devices/a", "one"), Device("/devices/a/b/c", "two"), Device("/devices/a/b", "kob"), Device("/devices/d\ne", "one")];
        Assert.Equal(["/devices/a  one", "└─b  kob", "  └─c  two", "/devices/d\\x0ae  one"], DeviceTreeView.Lines(devices, null, Palette.None));
        Assert.Equal(["/devices/a/b  kob", "└─c  two"], DeviceTreeView.Lines(devices, "/devices/a/b", Palette.None));
        Assert.Equal([], DeviceTreeView.Lines(devices, "/devices/none", Palette.None));
        Assert.True(DeviceTreeView.IsWithin("/devices/a/b", "/devices/a"));
        Assert.False(DeviceTreeView.IsWithin("/devices/ab", "/devices/a"));
    }

    private static UeventDevice Device(string path, string subsystem, params (string Key, string Value)[] properties) => new()
    {
        DevPath = path,
        Subsystem = subsystem,
        SysName = path[(path.LastIndexOf('/') + 1)..],
        Settled = true,
        Properties = properties.ToDictionary(static pair => pair.Key, static pair => pair.Value),
    };
}
