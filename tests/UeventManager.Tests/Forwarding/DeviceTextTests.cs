using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Udev;

namespace UeventManager.Tests.Forwarding;

/// <summary>No client finds a database entry under another name than libudev's.</summary>
public sealed class DeviceTextTests
{
    [Theory]
    [InlineData("b8:0", "block", "/devices/x/block/sda", "8", "0", null)]
    [InlineData("c1:3", "mem", "/devices/virtual/mem/null", "1", "3", null)]
    [InlineData("c1:0", "mem", "/devices/virtual/mem/x", "1", "0", null)]
    [InlineData("n3", "net", "/devices/virtual/net/uem", null, null, "3")]
    [InlineData("+pci:0000:00:01.0", "pci", "/devices/pci0000:00/0000:00:01.0", null, null, null)]
    [InlineData("+drivers:pci:vfio-pci", "drivers", "/bus/pci/drivers/vfio-pci", null, null, null)]
    [InlineData("+module:loop", "module", "/module/loop", null, null, null)]
    [InlineData("+block:cciss!c0d0", "block", "/devices/x/block/cciss!c0d0", null, null, null)]
    [InlineData("", "queues", "/devices/virtual/net/uem/queues/rx-0", null, null, null)]
    [InlineData("", "drivers", "/module/loop", null, null, null)]
    public void Entries_are_named_as_libudev_names_them(string id, string subsystem, string devpath, string? major, string? minor, string? index)
    {
        var block = $"DEVPATH={devpath}\0SUBSYSTEM={subsystem}\0";
        foreach (var (key, value) in new[] { ("MAJOR", major), ("MINOR", minor), ("IFINDEX", index) })
            block += value is null ? "" : $"{key}={value}\0";
        var to = new ByteBuffer();
        DeviceText.Id(to, Encoding.UTF8.GetBytes(block));
        Assert.Equal(id, Encoding.UTF8.GetString(to.Written));
    }

    [Fact]
    public void An_entry_holds_what_the_uevent_file_does_not()
    {
        var to = new ByteBuffer();
        DeviceText.DatabaseEntry(to, "MAJOR=8\0ID_TYPE=disk\0ID_BAD=a\nG:b\0"u8, new TagSet(["settled"]), new TagSet([]), 42);
        Assert.Equal("I:42\nE:ID_TYPE=disk\nE:UEVENT_MANAGER=1\nG:settled\nV:1\n", Encoding.UTF8.GetString(to.Written));
        Assert.Equal(42, UdevEntry.InitializedUsec(Encoding.UTF8.GetString(to.Written)));
        Assert.Equal(0, UdevEntry.InitializedUsec("E:I=3\nI:x\n"));
    }

    [Fact]
    public void The_daemons_properties_win_over_derived_ones()
    {
        var said = Replies.Event("""{"action":"change","seqnum":7,"device":{"devpath":"/devices/x","subsystem":"block","devtype":"disk","devnode":"/dev/sda","driver":"sd","settled":true,"properties":{"ACTION":"change","DEVPATH":"/devices/x","SUBSYSTEM":"block","DEVTYPE":"disk","DEVNAME":"sda","SEQNUM":"7","SYNTH_UUID":"0","ID_TYPE":"cd","TAGS":":mine:","A\u00e9":"\"quoted\""}}}""");
        var to = new ByteBuffer();
        DeviceText.Compose(to, said.DevPath, said, "ID_TYPE=disk\0ID_BUS=usb\0"u8);
        Assert.Equal("DEVPATH=/devices/x|SUBSYSTEM=block|ID_BUS=usb|ID_TYPE=cd|Aé=\"quoted\"|DEVTYPE=disk|DEVNAME=/dev/sda|DRIVER=sd|", Encoding.UTF8.GetString(to.Written).Replace('\0', '|'));
        to.Clear();
        DeviceText.Event(to, "change"u8, "DEVPATH=/devices/x\0"u8, said, 7, 42, new TagSet(["a", "b"]), new TagSet(["a"]));
        Assert.Equal(
            "ACTION=change|DEVPATH=/devices/x|SYNTH_UUID=0|SEQNUM=7|USEC_INITIALIZED=42|TAGS=:a:b:|CURRENT_TAGS=:a:|UDEV_DATABASE_VERSION=1|UEVENT_MANAGER=1|",
            Encoding.UTF8.GetString(to.Written).Replace('\0', '|'));
    }
}
