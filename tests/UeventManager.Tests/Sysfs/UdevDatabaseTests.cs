using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A wrong name of an entry would wait for udev for ever; a missing database must not.</summary>
public sealed class UdevDatabaseTests
{
    public static TheoryData<DeviceIdentity, string> Ids => new()
    {
        { new("/devices/virtual/block/loop0", "block", "loop0", "7", "0"), "b7:0" },
        { new("/devices/virtual/mem/null", "mem", "null", "1", "3"), "c1:3" },
        { new("/devices/virtual/net/lo", "net", IfIndex: "1"), "n1" },
        { new("/devices/pci0000:00/0000:00:01.0", "pci"), "+pci:0000:00:01.0" },
        { new("/devices/virtual/x/cciss!c0d0", "x", Major: "0", Minor: "0"), "+x:cciss!c0d0" },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void Entries_are_named_as_udev_names_them(DeviceIdentity identity, string id) =>
        Assert.Equal(id, UdevDatabase.IdOf(identity));

    [Fact]
    public void An_entry_is_waited_for_only_where_there_is_a_database()
    {
        using var tree = new ScratchTree();
        var dev = tree.Device("/devices/virtual/net/x");
        var query = new QueryTable().UdevEntry();
        Assert.Equal(Answer.Present, tree.Ask(dev, query));
        Directory.CreateDirectory(tree.Outside("udev"));
        Assert.Equal(Answer.Absent, tree.Ask(dev, query));
        File.WriteAllText(tree.Outside("udev/+net:x"), "I:1\nE:ID_A=b\n");
        var answer = tree.Ask(dev, query);
        Assert.True(answer.Exists);
        Assert.Equal("I:1\nE:ID_A=b\n", answer.Value);
    }

    [Fact]
    public void A_udevd_that_has_written_no_entry_yet_is_waited_for()
    {
        using var tree = new ScratchTree();
        var dev = tree.Device("/devices/virtual/net/x");
        var query = new QueryTable().UdevEntry();
        File.WriteAllText(tree.Outside("control"), "");
        Assert.Equal(Answer.Absent, tree.Ask(dev, query));
        File.Delete(tree.Outside("control"));
        Assert.Equal(Answer.Present, tree.Ask(dev, query));
    }
}
