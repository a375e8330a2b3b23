using static UeventManager.Tests.Engine.UdevRules;

namespace UeventManager.Tests.Engine;

/// <summary>udev's data of devices that this run knows only from a scan, or whose event it never read.</summary>
public sealed class UdevStartTests
{
    [Fact]
    public void A_device_of_which_udev_keeps_no_entry_is_not_waited_for_after_a_start()
    {
        var world = new EngineWorld(Disk);
        world.ListenToUdev();
        world.Create("virtio0", "virtio");
        world.Start();
        world.Run(1_000_000);
        // Before udevd's first pass over all devices that says nothing.
        world.Sees();
        world.Sysfs.KeepsNoEntries = true;
        world.Run(2_000_000);
        world.Sees("add virtio0 synthetic");
        Assert.Contains("keeps no entry", world.Engine.Explain(world.Device("virtio0")).Udev!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_entry_says_nothing_of_an_event()
    {
        var world = Begin(hasHeard: false);
        world.Sysfs.KeepsNoEntries = true;
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.Run(1_000_000);
        world.Sees();
        world.Tell(world.Seqnum, "add", "sda");
        world.Run(1_000_000);
        world.Sees("add sda");
    }

    [Theory]
    [InlineData(true, "IFINDEX=2", 1)]
    [InlineData(false, "IFINDEX=2", 1)]
    [InlineData(true, "IFINDEX=3", 0)]
    [InlineData(false, "IFINDEX=3", 0)]
    [InlineData(false, "", 0)]
    public void What_udev_says_of_an_event_from_before_the_start_follows_too(bool isHandedOver, string number, int changes)
    {
        const string rule = "- {name: r, on: [add], wait: [{udev: true}], attach: {udev: [\"ID_*\"]}}";
        var world = new EngineWorld(rule);
        world.ListenToUdev();
        world.Create("eth0").Uevent = "IFINDEX=2";
        world.WriteUdev("eth0", "E:ID_BUS=pci\n");
        var change = 1_000L;
        if (isHandedOver)
        {
            world.Send("add", "eth0", "net", "IFINDEX=2");
            world.Run(1_000_000);
            world.Send("change", "eth0", "net", "IFINDEX=2");
            change = world.Seqnum;
            world.Run(1_000_000);
            world.Restart();
        }
        else
        {
            world.Start();
        }
        world.Run(1_000_000);
        var told = world.Seen.Count;
        Assert.Equal("pci", world.Last.Properties["ID_BUS"]);
        world.Tell(change, "change", "eth0", "ID_BUS=usb", number.Length == 0 ? "X=1" : number);
        world.Run(1_000_000);
        Assert.Equal(Enumerable.Repeat("change eth0 synthetic", changes), world.Seen.Skip(told).Select(seen => seen.ToString()));
    }

    // What udev says of a lost event is known by its file alone, which the broadcasts until then do not let count.
    [Fact]
    public void A_lost_change_that_waits_for_udev_is_not_looked_at_without_end()
    {
        var world = Begin();
        Announce(world);
        world.KeepsUdevSocket = false;
        world.Restart(() =>
        {
            world.Now += 1_000_000;
            world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
            world.Sysfs.Find(EngineWorld.Dev("sda"))!.Uevent += "X=1\n";
        }, mayHaveMissed: true);
        world.Run(3_000_000);
        Assert.InRange(world.Looks.Count, 1, 300);
        world.Sees("change sda synthetic");
        Assert.Equal("ext4", Fs(world));
    }

    // Its add was lost, and a scan has found it.
    [Theory]
    [InlineData("E:ID_SERIAL=stale\n")]
    [InlineData(null)]
    public void After_the_first_overrun_a_new_device_is_not_taken_for_one_from_before_the_start(string? entry)
    {
        var world = new EngineWorld(Disk);
        world.Now = 10_000_000;
        world.ListenToUdev();
        world.Start();
        world.Run(1_000_000);
        world.Create("sda", "block");
        if (entry is not null)
            world.WriteUdev("sda", entry, writtenUsec: 5);
        world.Sysfs.KeepsNoEntries = true;
        world.Overrun();
        world.Run(1_000_000);
        world.Sees();
        world.Tell(1_000, "add", "sda", "ID_SERIAL=today");
        world.Run(1_000_000);
        world.Sees("add sda synthetic");
        Assert.Equal("today", world.Last.Properties["ID_SERIAL"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loss_in_which_nothing_happened_lets_no_device_wait_for_udev(bool isColdplugged)
    {
        var world = isColdplugged ? new EngineWorld(Disk) { Now = 10_000_000 } : Begin();
        if (isColdplugged)
        {
            world.ListenToUdev();
            world.Create("sda", "block");
            world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
            world.Start();
            world.Run(1_000_000);
            world.Sees("add sda synthetic");
        }
        else
        {
            Announce(world, "ID_FS_TYPE=ext4");
        }
        for (var i = 0; i < 3; i++)
        {
            world.Overrun();
            world.Run(3_000_000);
            Assert.False(world.Device("sda").HasUnfinishedChange);
            world.Sees();
        }
    }

    [Fact]
    public void What_udev_found_at_a_lost_change_is_found_in_its_database()
    {
        var world = Begin("- {name: r, on: [add], wait: [{udev: true}], attach: {udev: [\"ID_*\"]}}");
        Announce(world, "ID_FS_TYPE=old");
        world.Run(1_000_000);
        world.WriteUdev("sda", "E:ID_FS_TYPE=new\n");
        world.LoseUdev();
        world.Overrun();
        world.Run(3_000_000);
        world.Sees("change sda synthetic");
        Assert.Equal("new", Fs(world));
        world.Overrun();
        world.Run(3_000_000);
        world.Sees();
    }

    // A change was delivered before udev had processed it. A look after a loss must not take udev's word about an earlier event for that one.
    [Theory]
    [InlineData("overrun")]
    [InlineData("restart")]
    [InlineData("restart that missed events")]
    public void A_look_after_a_loss_or_a_restart_asks_udev_about_the_promised_event(string after)
    {
        var world = Begin("- {name: r, on: [add, change], wait: [{udev: true, optional: 100ms}], attach: {udev: [\"ID_*\"]}}");
        Announce(world, "ID_FS_TYPE=old");
        var change = world.Send("change", "sda", "block");
        world.Run(200_000);
        Assert.Equal(["udev: true"], world.Last.Findings.Missing!);
        world.Sees("change sda");
        if (after == "overrun")
            world.Overrun();
        else
            world.Restart(mayHaveMissed: after != "restart");
        world.Run(3_000_000);
        world.Sees();
        Assert.Equal(["udev: true"], world.Device("sda").Findings.Missing!);
        world.Tell(change, "change", "sda", "ID_FS_TYPE=new");
        world.Run(1_000_000);
        Assert.Equal("change sda synthetic", world.Last.ToString());
        Assert.Equal("new", Fs(world));
    }
}
