using UeventManager.Commands.Arguments;
using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Commands;

/// <summary>A name that no device can have is refused at once, with the right form.</summary>
public sealed class DeviceNameCheckTests
{
    [Theory]
    [InlineData("net/lo", "did you mean net:lo?")]
    [InlineData("devices/virtual/net/lo", "did you mean /devices/virtual/net/lo?")]
    [InlineData("sys/class/net/lo", "did you mean /sys/class/net/lo?")]
    [InlineData("/sys/class/net", "--filter subsystem=net")]
    [InlineData("/sys/bus/pci/devices", "as pci:NAME")]
    [InlineData("/sys/block", "as block:NAME")]
    [InlineData("/sys/class", "a directory of devices")]
    [InlineData("/dev", "the directory of them all")]
    [InlineData("lo", "did you mean net:lo?")]
    [InlineData("nothere", "for an interface net:nothere")]
    [InlineData("net:e*", "--filter subsystem=net --filter sysname='e*'")]
    [InlineData("net:v?", "no pattern")]
    [InlineData("net:lo ", "white space")]
    [InlineData("net:lo\n", "white space")]
    [InlineData("net: lo", "did you mean net:lo?")]
    [InlineData("sound:card*", "no pattern")]
    [InlineData("/sys/class/net/v*", "--filter sysname='v*'")]
    [InlineData("8:0", "/dev/block/8:0")]
    [InlineData("b8:16", "/dev/block/8:16")]
    [InlineData("/sys/class/net/lo/../lo", "without '..'")]
    [InlineData("/sys/class/net/lo/mtu", "did you mean /sys/class/net/lo?")]
    [InlineData("/devices/virtual/net/lo/mtu", "a file, not a device")]
    [InlineData("/sys/module/loop", "a directory without a device")]
    [InlineData("/dev/fd", "a directory, not a device")]
    [InlineData("/devices/virtual/net", null)]
    [InlineData("/devices/virtual/net/eth0", null)]
    [InlineData("net:lo", null)]
    [InlineData("/sys/class/net/lo", null)]
    [InlineData("/dev/sda", null)]
    public void A_name_of_no_device_is_refused_with_the_right_form(string name, string? hint)
    {
        using var tree = new ScratchTree();
        tree.Link("/class/net/lo", "../../" + tree.Device("/devices/virtual/net/lo")[1..]);
        File.WriteAllText(tree.Root + "/devices/virtual/net/lo/mtu", "1500");
        Directory.CreateDirectory(tree.Root + "/module/loop");
        var mistake = DeviceNameCheck.Mistake(name, tree.Root, untilRemoved: false);
        if (hint is null)
            Assert.Null(mistake);
        else
            Assert.Contains(hint, mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/devices/virtual/net", "a directory without a device")]
    [InlineData("/sys/devices/virtual/net", "a directory without a device")]
    [InlineData("/devices/virtual/net/lo", null)]
    [InlineData("/devices/virtual/net/gone", null)]
    [InlineData("/sys/class/nett/lo", "did you mean 'net'?")]
    [InlineData("/sys/class/net/gone", null)]
    public void A_directory_without_a_device_is_not_taken_for_a_removed_device(string name, string? hint)
    {
        using var tree = new ScratchTree();
        tree.Device("/devices/virtual/net/lo");
        File.WriteAllText(tree.Root + "/devices/virtual/net/lo/uevent", "");
        var mistake = DeviceNameCheck.Mistake(name, tree.Root, untilRemoved: true);
        if (hint is null)
            Assert.Null(mistake);
        else
            Assert.Contains(hint, mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/devices//virtual/./net/lo/", "/devices/virtual/net/lo")]
    [InlineData("/sys//class/net/lo", "/sys/class/net/lo")]
    [InlineData("/", "/")]
    [InlineData("net:lo", "net:lo")]
    public void A_path_is_taken_without_empty_parts(string name, string normal) =>
        Assert.Equal(normal, DeviceName.Normalize(name, new CommonSettings()));
}
