using UeventManager.Client;
using UeventManager.Commands.Arguments;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>A filter that is read wrongly would wait for other devices than the user wrote.</summary>
public sealed class FilterTextTests
{
    [Fact]
    public void KeysBecomeMembersAndCapitalsProperties()
    {
        DeviceFilter filter = Parse("subsystem=pci,sysname=0000:3b:*,sysname=0000:3c:*,driver=vfio-pci,PCI_ID=8086:*,parent=usb/usb_device:1-*,tag=systemd,attribute:mdev_type/name=a*,property:odd=1");
        Assert.Equal(["pci"], filter.Subsystems);
        Assert.Equal(["0000:3b:*", "0000:3c:*"], filter.SysNames);
        Assert.Equal("vfio-pci", filter.Properties["DRIVER"]);
        Assert.Equal("8086:*", filter.Properties["PCI_ID"]);
        Assert.Equal("1", filter.Properties["odd"]);
        Assert.Equal(["usb/usb_device:1-*"], filter.Parents);
        Assert.Equal(["systemd"], filter.Tags);
        Assert.Equal("a*", filter.Attributes["mdev_type/name"]);
        Assert.Empty(filter.DevTypes);
        Assert.Empty(filter.Alternatives);
    }

    [Fact]
    public void AnEventsPropertyIsAVariableWhereEventsAreSelected()
    {
        DeviceFilter filter = Parse("action=change,variable:RESIZE=1", FilterUse.Runs);
        Assert.Equal(["change"], filter.Actions);
        Assert.Equal("1", filter.Variables["RESIZE"]);
        // In a run a device that gets the driver is added; a monitor shows what passes.
        Assert.NotEmpty(Parse("DRIVER=a", FilterUse.Runs).Properties);
        Assert.NotEmpty(Parse("DRIVER=a", FilterUse.Events).Variables);
        Assert.NotEmpty(Parse("SYNTH_UUID=*", FilterUse.Runs).Variables);
    }

    [Theory]
    [InlineData("", "'' is not a filter (write KEY=GLOB,…: subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals)")]
    [InlineData("subsystem", "'subsystem' is not KEY=GLOB")]
    [InlineData("subsystem=", "'subsystem=' is not KEY=GLOB")]
    [InlineData("subsystem=!", "'subsystem=!' is not KEY=GLOB")]
    [InlineData("=net", "'=net' is not KEY=GLOB")]
    [InlineData("!=net", "'!=net' is not KEY=GLOB")]
    [InlineData("subsystem!=!net", "'subsystem!=!net' negates twice (write subsystem!=net)")]
    [InlineData("Subsystem=net", "'Subsystem' is not a filter key (did you mean 'subsystem'?)")]
    [InlineData("subsytem=net", "'subsytem' is not a filter key (did you mean 'subsystem'?)")]
    [InlineData("zzz=net", "'zzz' is not a filter key (write subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals)")]
    [InlineData("attribute=up", "'attribute' is not a filter key (write attribute:NAME=up)")]
    [InlineData("attribute:=up", "'attribute:' is not a filter key (write attribute:NAME=up)")]
    [InlineData("attr:operstate=up", "'attr:operstate' is not a filter key (write subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals)")]
    [InlineData("action=add", "'action' selects events, and here devices are selected (write subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals)")]
    [InlineData("variable:A=1", "'variable' selects events, and here devices are selected (write subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals)")]
    [InlineData("devpath=pci*", "'pci*' matches no devpath, because devpaths begin with a slash (write **/pci*, or select by devtype=, sysname= or subsystem=)")]
    [InlineData("devpath=/sys/devices/a", "'/sys/devices/a': a devpath begins below /sys (write /devices/a)")]
    [InlineData("sysname='a,b", "'sysname='a,b': a quote is not closed")]
    [InlineData("parent=:", "':' is not a parent: it is empty (write SUBSYSTEM, SUBSYSTEM/DEVTYPE or SUBSYSTEM:SYSNAME)")]
    public void AMistakeIsNamed(string text, string wrong) => Assert.Equal(wrong, FilterText.TryParse(text, FilterUse.Devices, out _));

    [Theory]
    [InlineData("subsystem=[", FilterUse.Devices)]
    [InlineData("action=ad", FilterUse.Events)]
    [InlineData("action=gap", FilterUse.Events)]
    [InlineData("action!=ad", FilterUse.Events)]
    [InlineData("action=add", FilterUse.Sysfs)]
    [InlineData("tag=a", FilterUse.Kernel)]
    [InlineData("parent=a", FilterUse.Kernel)]
    [InlineData("attribute:a=b", FilterUse.Kernel)]
    public void AKeyOfAnotherUseIsRefused(string text, object use) => Assert.NotNull(FilterText.TryParse(text, (FilterUse)use, out _));

    [Theory]
    [InlineData("action=gap", FilterUse.Runs)]
    [InlineData("tag=a,parent=b,attribute:c=d", FilterUse.Sysfs)]
    [InlineData("action=add,variable:A=1,driver=x", FilterUse.Kernel)]
    public void AKeyOfThisUseIsAccepted(string text, object use) => Assert.Null(FilterText.TryParse(text, (FilterUse)use, out _));

    [Theory]
    [InlineData("subsystem=net", true)]
    [InlineData("subsystem=!net", false)]
    [InlineData("subsystem!=net", false)]
    [InlineData("subsystem!=usb,subsystem!=block", true)]
    [InlineData("subsystem!=usb,subsystem!=net", false)]
    [InlineData("subsystem=n*,subsystem!=net", false)]
    [InlineData("subsystem=n*,subsystem=block,subsystem!=block", true)]
    [InlineData("subsystem=block,subsystem!=usb", false)]
    [InlineData("subsystem!=a,subsystem!=b,subsystem!=c,sysname!=d,sysname!=e", true)]
    [InlineData("subsystem!=a,subsystem!=b,subsystem!=net,sysname!=d,sysname!=e", false)]
    [InlineData("subsystem!=a,subsystem!=b,sysname!=d,sysname!=eth0", false)]
    [InlineData("A=1", true)]
    [InlineData("A=2", false)]
    [InlineData("A=2,A=1", true)]
    [InlineData("A=2,A=3", false)]
    [InlineData("A=2,A=1,A!=1", false)]
    [InlineData("A!=2,A!=3", true)]
    [InlineData("A!=2,A!=1", false)]
    [InlineData("A=2,A=1,B=3,B=x", false)]
    [InlineData("A=2,A=1,B=3,B='x,y'", true)]
    [InlineData("B='x,y'", true)]
    [InlineData("B=\"x,y\"", true)]
    [InlineData("B=x\\,y", true)]
    [InlineData("B!='x,y'", false)]
    [InlineData("B!=*,A=1", false)]
    [InlineData("C!=*,A=1", true)]
    [InlineData("devpath=/devices/**", true)]
    [InlineData("devpath!=/devices/**", false)]
    [InlineData("devpath=**/net/*", true)]
    public void NegatedPatternsMustAllHoldAndOthersAreAlternatives(string text, bool wanted)
    {
        var device = new UeventDevice
        {
            DevPath = "/devices/virtual/net/eth0",
            Subsystem = "net",
            SysName = "eth0",
            Settled = true,
            Properties = new Dictionary<string, string> { ["A"] = "1", ["B"] = "x,y" },
        };
        Assert.Equal(wanted, FilterMatch.Wants(Parse(text), device));
    }

    private static DeviceFilter Parse(string text, object? use = null)
    {
        Assert.Null(FilterText.TryParse(text, (FilterUse?)use ?? FilterUse.Devices, out DeviceFilter filter));
        return filter;
    }
}
