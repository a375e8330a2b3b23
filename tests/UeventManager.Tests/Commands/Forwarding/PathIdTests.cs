using UeventManager.Commands.Forwarding;

namespace UeventManager.Tests.Commands.Forwarding;

/// <summary>Configuration by a wrong ID_PATH would meet another device. All of these are as udevadm's path_id prints them.</summary>
public sealed class PathIdTests
{
    [Theory]
    [InlineData("pci", "/devices/pci0000:00/0000:00:1f.2", "pci-0000:00:1f.2")]
    [InlineData("net", "/devices/pci0000:00/0000:00:1c.0/0000:03:00.0/net/eth0", "pci-0000:03:00.0")]
    [InlineData("net", "/devices/pci0000:00/0000:00:03.0/virtio0/net/eth1", "pci-0000:00:03.0")]
    [InlineData("pci", "/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0", "pci-0000:00:0e.0-pci-10000:e1:00.0")]
    [InlineData("net", "/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/net/eth0", "pci-0000:00:0e.0-pci-10000:e1:00.0")]
    [InlineData("usb", "/devices/pci0000:00/0000:00:14.0/usb1", "pci-0000:00:14.0")]
    [InlineData("usb", "/devices/pci0000:00/0000:00:14.0/usb1/1-0:1.0", "pci-0000:00:14.0-usb-0:0:1.0")]
    [InlineData("usb", "/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.4", "pci-0000:00:14.0-usb-0:2.4")]
    [InlineData("net", "/devices/pci0000:00/0000:00:14.0/usb12/12-2/12-2.4/12-2.4:1.0/net/e4", "pci-0000:00:14.0-usb-0:2.4:1.0")]
    [InlineData("input", "/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:046D:C52B.0001/input/input5/event5", "pci-0000:00:14.0-usb-0:2:1.0")]
    [InlineData("tty", "/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0", "pci-0000:00:14.0-usb-0:2:1.0")]
    [InlineData("sound", "/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/sound/card1/controlC1", "pci-0000:00:14.0-usb-0:2:1.0")]
    // A platform device, a SCSI host and an NVMe namespace have words of their own.
    [InlineData("net", "/devices/pci0000:00/0000:00:1f.4/foo.0/net/e3", null)]
    [InlineData("net", "/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/foo.1.auto/net/e3", null)]
    [InlineData("block", "/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host3/target3:0:0/3:0:0:0/block/sda", null)]
    [InlineData("block", "/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1", null)]
    // What looks like a port of USB's and is an address of I2C's.
    [InlineData("input", "/devices/pci0000:00/0000:00:1f.4/i2c-6/6-0050/input/input7", null)]
    [InlineData("net", "/devices/pci0000:00/0000:00:1f.4/i2c-6/6-002c/net/e2", null)]
    [InlineData("net", "/devices/pci0000:00/0000:00:14.0/usb1/2-3/net/e2", null)]
    [InlineData("net", "/devices/virtual/net/veth0", null)]
    [InlineData("net", "/devices/platform/12345678.abc/net/e2", null)]
    public void A_devpath_gets_the_ID_PATH_of_udevds_path_id_or_none(string subsystem, string devpath, string? expected) =>
        Assert.Equal(expected, PathId.Of(devpath.Split('/', StringSplitOptions.RemoveEmptyEntries), subsystem));

    [Theory]
    [InlineData("pci-0000:00:14.0-usb-0:2.4:1.0", "pci-0000_00_14_0-usb-0_2_4_1_0")]
    public void A_tag_has_no_other_characters(string path, string tag) => Assert.Equal(tag, PathId.Tag(path));

    [Theory]
    [InlineData("0000:00:1f.2", true)]
    [InlineData("10000:e1:00.0", true)]
    [InlineData("0003:046D:C52B.0001", false)]
    [InlineData("pci0000:00", false)]
    [InlineData("0000:00:1f.8", false)]
    public void A_PCI_function_is_distinguished_from_what_looks_like_one(string part, bool expected) => Assert.Equal(expected, PathId.IsPciFunction(part));
}
