using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Conditions;

/// <summary>A match by an ancestor: a wrong or unreadable ancestor would put the wrong rule in force.</summary>
public sealed class ParentMatchTests
{
    private const string Host = "/devices/pci0000:00/0000:00:14.0";
    private const string Hub = Host + "/usb1/1-2";
    private const string Device = Hub + "/1-2.3";
    private const string Interface = Device + "/1-2.3:1.0";
    private const string Serial = Interface + "/ttyUSB0";

    [Theory]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {idVendor: \"0403\"}}", true)]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {idVendor: \"!0403\"}}", false)]
    // The hub is an ancestor of the same kind, and not the nearest one.
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {idVendor: \"1d6b\"}}", false)]
    [InlineData("{subsystem: usb, devtype: usb_device, sysname: \"1-2.3\"}", true)]
    [InlineData("{subsystem: usb, devtype: usb_device, sysname: \"1-2\"}", false)]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {product: \"FT/232R\"}}", true)]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {product: \"FT*R\"}}", true)]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {serial: \"?*\"}}", false)]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {serial: \"!?*\"}}", true)]
    // Without a devtype the interface is nearer.
    [InlineData("{subsystem: usb, sysname: \"1-2.3:1.0\"}", true)]
    [InlineData("{subsystem: usb, attribute: {idVendor: \"*\"}}", false)]
    [InlineData("{devtype: usb_device, driver: usb}", true)]
    [InlineData("{devtype: usb_device, driver: usbhid}", false)]
    [InlineData("{subsystem: \"us?\", devtype: \"usb_d*\", property: {PRODUCT: \"403/6001/*\"}}", true)]
    [InlineData("{subsystem: pci, exists: config, absent: physfn}", true)]
    [InlineData("{subsystem: pci, exists: physfn}", false)]
    [InlineData("{subsystem: pci, devpath: \"/devices/pci0000:00/*\"}", true)]
    [InlineData("{subsystem: scsi}", false)]
    // What cannot be read matches nothing, not even a negated pattern.
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {secret: \"*\"}}", false)]
    [InlineData("{subsystem: usb, devtype: usb_device, attribute: {secret: \"!x\"}}", false)]
    public void The_nearest_ancestor_of_the_kind_must_pass_the_tests(string parent, bool inForce)
    {
        using var world = World($"- {{name: ours, match: {{parent: {parent}}}}}\n- {{name: others, wait: [{{exists: nothing}}], timeout: 1s, onTimeout: deliver}}\n");
        world.Add();
        world.Run(2_000_000);
        Assert.Equal(inForce ? "ours" : "others", Assert.Single(world.Seen).Findings.Rule);
    }

    [Fact]
    public void Rules_that_ask_the_same_ancestor_for_different_things_tell_apart_what_it_is()
    {
        using var world = World(
            "- {name: a, match: {parent: {subsystem: usb, devtype: usb_device, attribute: {idVendor: \"067b\"}}}}\n" +
            "- {name: b, match: {parent: {subsystem: usb, devtype: usb_device, attribute: {idProduct: \"6001\"}, exists: product}}}\n");
        world.Add();
        world.Run(1_000_000);
        Assert.Equal("b", Assert.Single(world.Seen).Findings.Rule);
    }

    [Fact]
    public void A_parent_rule_comes_into_force_once_the_ancestor_matches()
    {
        using var world = World(
            "- {name: ours, match: {parent: {subsystem: usb, devtype: usb_device, exists: ready}}}\n- {name: others, wait: [{exists: nothing}], timeout: 5s}\n");
        world.Add();
        world.Run(1_000_000);
        Assert.Empty(world.Seen);
        world.Tree.Write(Device + "/ready", "");
        world.Run(1_000_000);
        Assert.Equal("ours", Assert.Single(world.Seen).Findings.Rule);
    }

    private static RealLooks World(string rules)
    {
        var world = new RealLooks(TestRules.Of(rules), Serial, "usb-serial");
        var tree = world.Tree;
        tree.Device(Host, "pci");
        tree.Write(Host + "/config", "");
        tree.Device(Hub, "usb", "DEVTYPE=usb_device\nPRODUCT=1d6b/2/1\n");
        tree.Write(Hub + "/idVendor", "1d6b\n");
        tree.Device(Device, "usb", "MAJOR=189\nDEVTYPE=usb_device\nDRIVER=usb\nPRODUCT=403/6001/600\n");
        tree.Link(Device + "/driver", "../../../../../bus/usb/drivers/usb");
        tree.Write(Device + "/idVendor", "0403\n");
        tree.Write(Device + "/idProduct", "6001\n");
        tree.Write(Device + "/product", "FT/232R  \n");
        tree.Write(Device + "/secret/directory", "");
        tree.Device(Interface, "usb", "DEVTYPE=usb_interface\n");
        return world;
    }
}
