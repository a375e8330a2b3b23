using UeventManager.Client;
using UeventManager.Commands.Arguments;

namespace UeventManager.Tests.Commands.Arguments;

/// <summary>Without these <c>wait --filter</c> waits for something else than was written.</summary>
public sealed class FilterTextTests
{
    [Fact]
    public void KeysBecomeMembersAndCapitalsProperties()
    {
        Assert.Null(FilterText.TryParse("subsystem=pci,sysname=0000:3b:*,sysname=0000:3c:*,driver=vfio-pci,PCI_ID=8086:*", out DeviceFilter filter));
        Assert.Equal(["pci"], filter.Subsystems);
        Assert.Equal(["0000:3b:*", "0000:3c:*"], filter.Sysnames);
        Assert.Equal("vfio-pci", filter.Properties!["DRIVER"]);
        Assert.Equal("8086:*", filter.Properties["PCI_ID"]);
        Assert.Null(filter.Devtypes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("subsystem")]
    [InlineData("subsystem=")]
    [InlineData("=net")]
    [InlineData("subsystem=[")]
    [InlineData("Subsystem=net")]
    public void AMistakeIsNamed(string text) => Assert.NotNull(FilterText.TryParse(text, out _));
}
