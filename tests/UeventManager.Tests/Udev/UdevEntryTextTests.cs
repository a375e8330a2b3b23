using UeventManager.Udev;

namespace UeventManager.Tests.Udev;

/// <summary>An entry under another name than libudev's is one that no client finds.</summary>
public sealed class UdevEntryTextTests
{
    [Theory]
    [InlineData("b8:0", "block", "/devices/x/block/sda", "8", "0", null)]
    [InlineData("c1:3", "mem", "/devices/virtual/mem/null", "1", "3", null)]
    [InlineData("n3", "net", "/devices/virtual/net/uem", null, null, "3")]
    [InlineData("+pci:0000:00:01.0", "pci", "/devices/pci0000:00/0000:00:01.0", null, null, null)]
    [InlineData("+drivers:pci:vfio-pci", "drivers", "/bus/pci/drivers/vfio-pci", null, null, null)]
    [InlineData("+module:loop", "module", "/module/loop", null, null, null)]
    [InlineData(null, "queues", "/devices/virtual/net/uem/queues/rx-0", null, null, null)]
    [InlineData(null, "drivers", "/module/loop", null, null, null)]
    public void Entries_are_named_as_libudev_names_them(string? id, string subsystem, string devpath, string? major, string? minor, string? index)
    {
        var properties = new Dictionary<string, string> { ["SUBSYSTEM"] = subsystem, ["DEVPATH"] = devpath };
        foreach (var (key, value) in new[] { ("MAJOR", major), ("MINOR", minor), ("IFINDEX", index) })
        {
            if (value is not null)
                properties[key] = value;
        }
        Assert.Equal(id, UdevEntryText.IdOf(properties));
    }

    [Fact]
    public void An_entry_holds_what_the_uevent_file_does_not()
    {
        var text = UdevEntryText.Of(
            new Dictionary<string, string> { ["ACTION"] = "add", ["MAJOR"] = "8", ["ID_TYPE"] = "disk", ["ID_BAD"] = "a\nG:b", ["UEVENT_MANAGER"] = "1" }, ["settled"], 42);
        Assert.Equal("I:42\nE:ID_TYPE=disk\nE:UEVENT_MANAGER=1\nG:settled\nQ:settled\nV:1\n", text);
        Assert.Equal(42, UdevEntryText.InitializedOf(text));
    }
}
