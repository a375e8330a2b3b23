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
    [InlineData("net:lo", null)]
    [InlineData("/sys/class/net/lo", null)]
    [InlineData("/dev/sda", null)]
    public void A_name_of_no_device_is_refused_with_the_right_form(string name, string? hint)
    {
        using var tree = new ScratchTree();
        tree.Link("/class/net/lo", "../../" + tree.Device("/devices/virtual/net/lo")[1..]);
        var mistake = DeviceNameCheck.Mistake(name, tree.Root, untilRemoved: false);
        if (hint is null)
            Assert.Null(mistake);
        else
            Assert.Contains(hint, mistake, StringComparison.Ordinal);
    }
}
