using System.Diagnostics;
using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Core.Udev;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>A wrong entry name would wait for udev for ever; a missing database must not.</summary>
public sealed class UdevDatabaseTests
{
    [Theory]
    [InlineData("b7:0", "/devices/virtual/block/loop0", "block", "loop0", "7", "0", null)]
    [InlineData("c1:3", "/devices/virtual/mem/null", "mem", "null", "1", "3", null)]
    [InlineData("n1", "/devices/virtual/net/lo", "net", null, null, null, "1")]
    [InlineData("+pci:0000:00:01.0", "/devices/pci0000:00/0000:00:01.0", "pci", null, null, null, null)]
    [InlineData("+x:cciss!c0d0", "/devices/virtual/x/cciss!c0d0", "x", null, "0", "0", null)]
    public void Entries_are_named_as_udev_names_them(string id, string devPath, string subsystem, string? devName, string? major, string? minor, string? ifIndex) =>
        Assert.Equal(id, UdevDatabase.IdOf(new DeviceIdentity(devPath, subsystem, devName, major, minor, ifIndex)));

    [Fact]
    public void An_entry_is_waited_for_only_where_udevd_is()
    {
        using var tree = new ScratchTree();
        var dev = tree.Device("/devices/virtual/net/x");
        var query = new QueryTable().UdevEntry();
        Assert.Equal(Answer.Present, tree.Ask(dev, query));
        Directory.CreateDirectory(tree.Outside("udev"));
        Assert.Equal(Answer.Present, tree.Ask(dev, query));
        File.WriteAllText(tree.Outside("control"), "");
        Assert.Equal(Answer.Absent, tree.Ask(dev, query));
        File.WriteAllText(tree.Outside("udev/+net:x"), "I:1\nE:ID_A=b\n");
        var answer = tree.Ask(dev, query);
        Assert.True(answer.Exists);
        Assert.Equal("I:1\nE:ID_A=b\n", answer.Value);
        Assert.False(answer.Udev!.IsLeft);
        // What udevd has left when it ended.
        File.Delete(tree.Outside("control"));
        answer = tree.Ask(dev, query);
        Assert.Equal((true, "I:1\nE:ID_A=b\n", true), (answer.Exists, answer.Value, answer.Udev!.IsLeft));
    }

    [Fact]
    public void The_tags_of_an_entry_are_properties_as_in_a_broadcast()
    {
        using var tree = new ScratchTree();
        var dev = tree.Device("/devices/virtual/net/x");
        Directory.CreateDirectory(tree.Outside("udev"));
        File.WriteAllText(tree.Outside("control"), "");
        File.WriteAllText(tree.Outside("udev/+net:x"), "I:1\nE:ID_A=b\nS:a/b\nS:c\nG:systemd\nG:seat\nQ:systemd\nV:1\n");
        var properties = UdevEntry.Properties(tree.Ask(dev, new QueryTable().UdevEntry()).Value);
        Assert.Equal("USEC_INITIALIZED=1\0ID_A=b\0UDEV_DATABASE_VERSION=1\0DEVLINKS=/dev/a/b /dev/c\0TAGS=:systemd:seat:\0CURRENT_TAGS=:systemd:\0", Encoding.UTF8.GetString(properties));
    }

    [Fact]
    public void A_database_file_is_distinguished_from_the_one_before_by_inode_and_time()
    {
        using var tree = new ScratchTree();
        var dev = tree.Device("/devices/virtual/net/x");
        Directory.CreateDirectory(tree.Outside("udev"));
        File.WriteAllText(tree.Outside("control"), "");
        File.WriteAllText(tree.Outside("udev/+net:x"), "I:1\n");
        File.SetLastWriteTimeUtc(tree.Outside("udev/+net:x"), DateTime.UtcNow.AddSeconds(-100));
        var now = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
        var before = tree.Ask(dev, new QueryTable().UdevEntry()).Udev!;
        Assert.InRange(now - before.ModifiedUsec, 99_000_000, 101_000_000);
        File.WriteAllText(tree.Outside("udev/.#new"), "I:1\n");
        File.Move(tree.Outside("udev/.#new"), tree.Outside("udev/+net:x"), overwrite: true);
        var after = tree.Ask(dev, new QueryTable().UdevEntry()).Udev!;
        Assert.NotEqual(before.Inode, after.Inode);
        Assert.InRange(now - after.ModifiedUsec, -30_000_000, 1_000_000);
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

    [Fact]
    public void Entries_of_our_own_forwarder_are_not_waited_for()
    {
        using var tree = new ScratchTree();
        var dev = tree.Device("/devices/virtual/net/x");
        Directory.CreateDirectory(tree.Outside("udev"));
        File.WriteAllText(tree.Outside("control"), "");
        Directory.CreateDirectory(tree.Outside("uevent-manager"));
        Assert.Equal(Answer.Present, tree.Ask(dev, new QueryTable().UdevEntry()));
    }

    [Theory]
    [InlineData(true, false, null, true)]
    [InlineData(true, false, "3", false)]
    [InlineData(true, true, null, false)]
    [InlineData(false, false, null, false)]
    public void A_device_without_a_number_may_have_no_entry_once_udevd_has_seen_them_all(bool hasNull, bool hasQueue, string? ifIndex, bool keepsNone)
    {
        using var tree = new ScratchTree();
        Directory.CreateDirectory(tree.Outside("udev"));
        File.WriteAllText(tree.Outside("control"), "");
        if (hasNull)
            File.WriteAllText(tree.Outside("udev/c1:3"), "I:1\n");
        if (hasQueue)
            File.WriteAllText(tree.Outside("queue"), "");
        var answer = new UdevDatabase(tree.Outside("udev")).Ask(new DeviceIdentity("/devices/virtual/virtio/x", "virtio", IfIndex: ifIndex));
        Assert.Equal(keepsNone, answer.Exists);
        Assert.Equal(keepsNone ? UdevFile.None : null, answer.Udev);
    }
}
