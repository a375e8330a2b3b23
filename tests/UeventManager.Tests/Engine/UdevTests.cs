using static UeventManager.Tests.Engine.UdevRules;

namespace UeventManager.Tests.Engine;

/// <summary>An event that waits for udev has the properties that udev reported for it, never those of another event or device.</summary>
public sealed class UdevTests
{
    [Fact]
    public void An_add_waits_for_udevs_broadcast_and_has_its_properties()
    {
        var world = Begin();
        world.Add("sda", "block", "MAJOR=8");
        world.Run(100_000);
        world.Sees();
        Assert.Equal(["udev: true"], Core.Engine.UeventEngine.MissingOf(world.Device("sda")));
        world.Tell(world.Seqnum, "add", "sda", "ID_FS_TYPE=ext4", "USEC_INITIALIZED=1");
        world.Run(1_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
        Assert.False(world.Last.Properties.ContainsKey("USEC_INITIALIZED"));
        Assert.Contains("broadcast", world.Engine.Explain(world.Device("sda")).Udev!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broadcast_about_another_event_does_not_count()
    {
        var world = Begin();
        world.Add("sdb", "block");
        var sdb = world.Seqnum;
        world.Add("sda", "block");
        // Of a devpath nothing is believed: only the number tells which event it is about.
        world.Tell(sdb, "add", "sda", "ID_FS_TYPE=xfs");
        world.Run(10_000);
        world.Sees("add sdb");
        Assert.Equal("xfs", Fs(world));
        world.Tell(world.Seqnum, "add", "/devices/virtual/net/renamed", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void The_next_device_with_a_number_does_not_get_the_previous_devices_entry()
    {
        var world = Begin(hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_SERIAL=yesterday\n", writtenUsec: 5);
        world.Run(1_000_000);
        world.Sees();
        world.WriteUdev("sda", "E:ID_SERIAL=today\nV:1\n");
        world.Run(1_000_000);
        world.Sees("add sda");
        Assert.Equal("today", world.Last.Properties["ID_SERIAL"]);
        Assert.Contains("rewritten", world.Engine.Explain(world.Device("sda")).Udev!, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_coarse_clock_a_database_file_is_recognised_by_its_inode()
    {
        var world = Begin(hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_SERIAL=yesterday\n", writtenUsec: 5);
        world.Run(1_000);
        world.WriteUdev("sda", "E:ID_SERIAL=today\n", writtenUsec: world.Now - 4_000);
        world.Run(1_000_000);
        world.Sees("add sda");
        Assert.Equal("today", world.Last.Properties["ID_SERIAL"]);
    }

    [Fact]
    public void A_change_waits_for_udevs_result_of_that_change()
    {
        var world = Begin();
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_BUS=usb\n");
        world.Tell(world.Seqnum, "add", "sda", "ID_BUS=usb");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Null(Fs(world));
        world.Change("sda");
        var first = world.Seqnum;
        world.Change("sda");
        world.Run(10_000);
        world.Sees();
        world.Tell(first, "change", "sda", "ID_BUS=usb", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        world.Sees("change sda");
        Assert.Equal((first, "ext4"), (world.Last.Seqnum, Fs(world)));
        world.Tell(world.Seqnum, "change", "sda", "ID_BUS=usb", "ID_FS_TYPE=xfs");
        world.Run(10_000);
        world.Sees("change sda");
        Assert.Equal("xfs", Fs(world));
    }

    [Fact]
    public void A_later_broadcast_of_the_same_device_counts_too()
    {
        var world = Begin();
        world.Add("sda", "block");
        world.Tell(world.Seqnum, "add", "sda");
        world.Run(10_000);
        world.Change("sda");
        world.Send("bind", "sda", "block");
        world.Tell(world.Seqnum, "bind", "sda");
        world.Run(10_000);
        Assert.Equal("bind sda", world.Last.ToString());
        world.Change("sda");
        world.Change("sda");
        world.Tell(world.Seqnum, "change", "sda", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        Assert.Equal(["change sda", "change sda"], world.Seen.TakeLast(2).Select(seen => seen.ToString()));
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void A_folded_event_must_be_broadcast_too()
    {
        var world = Begin();
        world.Add("sda", "block");
        var add = world.Seqnum;
        world.Change("sda");
        world.Tell(add, "add", "sda");
        world.Run(100_000);
        world.Sees();
        world.Tell(world.Seqnum, "change", "sda", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void A_retold_broadcast_counts_as_udevs_newest_data()
    {
        var world = Begin();
        Announce(world, "ID_FS_TYPE=ext4");
        world.Change("sda", "SYNTH_UUID=7f1a3c52-0a6d-4a55-9a3b-1f2e3d4c5b6a", "SYNTH_ARG_UEVENTMANAGER=settled");
        world.Tell(world.Seqnum, "change", "sda", "ID_FS_TYPE=xfs", "SYNTH_ARG_UEVENTMANAGER=settled");
        world.Run(10_000);
        world.Sees();
        world.Send("bind", "sda", "block");
        world.Run(10_000);
        world.Sees("bind sda");
        Assert.Equal("xfs", Fs(world));
    }

    // Two CPUs: the change of the old name is read behind the rename.
    [Fact]
    public void A_broadcast_under_the_old_name_counts_too()
    {
        var world = Begin();
        Announce(world);
        var change = ++world.Seqnum;
        world.Move("sda", "sdb");
        world.Queue(change, "change", "sda", "block");
        world.Run(10_000);
        world.Sees("move sdb from sda");
        world.Tell(change, "change", "sda", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        world.Sees("change sdb");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void A_broadcast_that_is_read_before_its_own_event_is_used_after_it()
    {
        var world = Begin();
        world.Create("sda", "block");
        world.Tell(world.Seqnum + 1, "add", "sda", "ID_FS_TYPE=ext4");
        world.Send("add", "sda", "block");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void Removes_and_changes_of_removed_devices_create_nothing()
    {
        var world = Begin();
        world.Add("sda", "block");
        var first = world.Seqnum;
        world.Remove("sda");
        world.Add("sda", "block");
        var second = world.Seqnum;
        world.Tell(first, "add", "sda", "ID_FS_TYPE=old");
        world.Tell(first + 1, "remove", "sda");
        world.Tell(99_999, "add", "sda");
        world.Run(100_000);
        world.Sees();
        Assert.Equal(2, world.Engine.Counters.UdevUnmatched);
        world.Tell(second, "add", "sda", "ID_FS_TYPE=new");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Equal("new", Fs(world));
    }

    [Fact]
    public void The_other_instance_gets_the_broadcast_that_arrived_before_it_was_known()
    {
        var world = Begin();
        Announce(world, "ID_FS_TYPE=old");
        // Its remove is lost.
        world.Sysfs.Remove(EngineWorld.Dev("sda"));
        world.Add("sda", "block");
        world.Tell(world.Seqnum, "add", "sda", "ID_FS_TYPE=new");
        world.Run(1_000_000);
        world.Sees("remove sda synthetic", "add sda");
        Assert.Equal("new", Fs(world));
    }

    // What came after its add, while the old one was still believed to be there, is its too.
    [Fact]
    public void The_other_instance_also_gets_broadcasts_about_events_after_its_add()
    {
        var world = Begin();
        Announce(world, "ID_FS_TYPE=old");
        world.Sysfs.Remove(EngineWorld.Dev("sda"));
        world.Add("sda", "block");
        world.Change("sda");
        var change = world.Seqnum;
        world.Run(1_000_000);
        world.Sees("remove sda synthetic");
        world.Tell(change, "change", "sda", "ID_FS_TYPE=new");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Equal("new", Fs(world));
    }

    [Fact]
    public void After_lost_broadcasts_the_database_decides_pending_events()
    {
        var world = Begin();
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_FS_TYPE=old\n", writtenUsec: 5);
        world.Run(10_000);
        world.LoseUdev();
        world.Run(100_000);
        world.Sees();
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
        world.Run(100_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
        // From then on broadcasts count again: what is written before one says nothing.
        world.Change("sda");
        world.WriteUdev("sda", "E:ID_FS_TYPE=too-early\n");
        world.Run(100_000);
        world.Sees();
        world.Tell(world.Seqnum, "change", "sda", "ID_FS_TYPE=xfs");
        world.Run(10_000);
        world.Sees("change sda");
        Assert.Equal("xfs", Fs(world));
    }

    [Theory]
    [InlineData("wait: [{udev: true}]")]
    [InlineData("wait: [{udev: true}, {exists: never, optional: 1ms}]")]
    public void Udevs_later_broadcast_about_an_event_that_did_not_wait_for_it_causes_a_change(string wait)
    {
        var world = Begin($"- {{name: disk, on: [add], {wait}, timeout: 5s, attach: {{udev: [\"ID_*\"]}}}}");
        world.Add("sda", "block");
        world.Tell(world.Seqnum, "add", "sda", "ID_SERIAL=1");
        world.Run(10_000_000);
        Assert.Equal("1", world.Last.Properties["ID_SERIAL"]);
        var told = world.Seen.Count;
        world.Change("sda");
        world.Run(10_000);
        world.Tell(world.Seqnum, "change", "sda", "ID_SERIAL=1", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        Assert.Equal(["change sda", "change sda synthetic"], world.Seen.Skip(told).Select(seen => seen.ToString()));
        Assert.Equal(("1", "ext4"), (world.Last.Properties["ID_SERIAL"], Fs(world)));
        // udevd says the same again: no news. Then the file system is gone.
        world.Change("sda");
        world.Tell(world.Seqnum, "change", "sda", "ID_SERIAL=1", "ID_FS_TYPE=ext4");
        world.Change("sda");
        world.Run(10_000);
        world.Tell(world.Seqnum, "change", "sda", "ID_SERIAL=1");
        world.Run(10_000);
        Assert.Equal(["change sda", "change sda", "change sda synthetic"], world.Seen.Skip(told + 2).Select(seen => seen.ToString()));
        Assert.Null(Fs(world));
    }

    [Theory]
    [InlineData("DEVLINKS=/dev/b /dev/a", 0)]
    [InlineData("DEVLINKS=/dev/a /dev/b ", 0)]
    [InlineData("DEVLINKS=/dev/a /dev/c", 1)]
    [InlineData("DEVLINKS=/dev/a", 1)]
    public void A_change_follows_only_if_udev_lists_other_links(string links, int changes)
    {
        var world = Begin("- {name: disk, on: [add], wait: [{udev: true}], attach: {udev: [DEVLINKS]}}");
        Announce(world, "DEVLINKS=/dev/a /dev/b");
        world.Change("sda");
        world.Run(10_000);
        world.Sees("change sda");
        world.Tell(world.Seqnum, "change", "sda", links);
        world.Run(10_000);
        Assert.Equal(changes, world.Seen.Count(seen => seen.ToString() == "change sda synthetic"));
    }
}
