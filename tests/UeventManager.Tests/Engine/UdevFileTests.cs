using static UeventManager.Tests.Engine.UdevRules;

namespace UeventManager.Tests.Engine;

/// <summary>Where udevd is not heard, only a database file of this very event and device counts.</summary>
public sealed class UdevFileTests
{
    private const string Attaches = """
        - name: disk
          on: [add, change]
          wait: [{exists: ready}]
          timeout: 5s
          attach: {udev: ["ID_*"]}
        """;

    // The kernel sent it at 10 ms, udevd was done with it at 12 ms, and this process was not woken before 40 ms: nobody else will write that file, and
    // its time goes by ticks. But it may be one that was there before.
    [Theory]
    [InlineData(-3_000, "I:1002000\n", true)]
    [InlineData(-3_000, "I:999999\n", false)]
    [InlineData(-3_000, "", false)]
    [InlineData(-30_000, "I:1\n", false)]
    public void A_late_wake_up_uses_the_time_in_udevs_database(long writtenUsec, string initialized, bool isBelieved)
    {
        var world = Begin(hasHeard: false);
        world.Now = 1_000_000;
        var sent = world.Now;
        world.Create("sda", "block");
        world.WriteUdev("sda", initialized + "E:ID_FS_TYPE=ext4\n", writtenUsec: sent + writtenUsec);
        world.Now += 30_000;
        world.Engine.SentSince(world.Now, sent);
        world.Send("add", "sda", "block");
        world.Run(2_000_000);
        world.Sees(isBelieved ? ["add sda"] : []);
    }

    // Its first change is done; what that has left is not an answer to the second one, however soon that comes.
    [Fact]
    public void An_entry_from_before_an_event_does_not_count_for_it()
    {
        var world = Begin(hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.Run(1_000);
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
        world.Run(100_000);
        world.Sees("add sda");
        world.Change("sda");
        world.Engine.SentSince(world.Now, world.Now - 1);
        world.Run(4_000_000);
        world.Sees();
        world.WriteUdev("sda", "E:ID_FS_TYPE=xfs\n");
        world.Run(1_000_000);
        world.Sees("change sda");
        Assert.Equal("xfs", Fs(world));
    }

    // What is above it has been renamed, and nobody has heard of that yet: a look at the old place finds nothing, and no entry.
    [Fact]
    public void A_look_without_a_directory_does_not_count_an_old_database_entry()
    {
        var world = Begin(hasHeard: false);
        world.Add("p");
        world.WriteUdev("p", "E:ID_BUS=none\n");
        world.Run(1_000_000);
        world.Sees("add p");
        world.Create("p/sda", "block");
        world.WriteUdev("p/sda", "E:ID_SERIAL=yesterday\n", writtenUsec: 5);
        world.Send("add", "p/sda", "block");
        world.Sysfs.Move(EngineWorld.Dev("p"), EngineWorld.Dev("q"));
        world.Run();
        world.Send("move", "q", "net", $"DEVPATH_OLD={EngineWorld.Dev("p")}");
        world.Run(1_000_000);
        world.Sees("move q from p");
        world.WriteUdev("q/sda", "E:ID_SERIAL=today\n");
        world.Run(1_000_000);
        world.Sees("add q/sda");
        Assert.Equal("today", world.Last.Properties["ID_SERIAL"]);
    }

    [Fact]
    public void A_device_that_waits_for_other_conditions_gets_udevs_latest_data_from_a_file_too()
    {
        var world = Begin(Attaches, hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block").Write("ready", "");
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
        world.Run(100_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
        world.Run(1_000_000);
        world.Change("sda");
        world.Run(100_000);
        world.Sees("change sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Theory]
    [InlineData("change")]
    [InlineData("bind")]
    public void A_device_never_gets_udevs_data_of_the_previous_owner_of_its_number(string action)
    {
        var world = Begin(Attaches, hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block").Write("ready", "");
        world.WriteUdev("sda", "E:ID_FS_TYPE=yesterdays\n", writtenUsec: 5);
        world.Run(100_000);
        world.Sees("add sda");
        Assert.Null(Fs(world));
        world.Run(1_000_000);
        world.Restart();
        world.Send(action, "sda", "block");
        world.Run(100_000);
        world.Sees($"{action} sda");
        Assert.Null(Fs(world));
        world.WriteUdev("sda", "E:ID_FS_TYPE=todays\n");
        world.Send(action, "sda", "block");
        world.Run(100_000);
        world.Sees($"{action} sda");
        Assert.Equal("todays", Fs(world));
    }

    [Theory]
    [InlineData(null, "ext4")]
    [InlineData(5L, null)]
    public void The_entry_of_an_ended_udevd_is_attached_if_it_is_this_devices(long? writtenUsec, string? attached)
    {
        var world = Begin(hasHeard: false);
        world.Run(1_000_000);
        world.Sysfs.HasNoUdevd = true;
        world.Create("sda", "block");
        world.Send("add", "sda", "block");
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n", writtenUsec);
        world.Run(10_000);
        world.Sees("add sda");
        Assert.Equal(attached, Fs(world));
        Assert.Contains("no udevd", world.Engine.Explain(world.Device("sda")).Udev!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broadcast_from_before_the_rule_is_read_from_the_database()
    {
        var world = Begin("- name: r\n  match: {sysname: sda}\n  wait: [{exists: ready}]\n  timeout: 1min\n");
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
        world.Tell(world.Seqnum, "add", "sda", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        world.Sees();
        world.ReplaceRules(TestRules.Of("- name: r\n  wait: [{udev: {property: ID_FS_TYPE, equals: ext4}}]\n  attach: {udev: [\"ID_*\"]}\n  timeout: 1min\n"));
        world.Run(10_000_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void An_entry_of_an_interface_that_udev_is_renaming_does_not_count()
    {
        var world = Begin(hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block");
        // Written for the add, before udevd asked the kernel to rename it.
        world.WriteUdev("sda", "E:ID_NET_NAME=old\nE:ID_RENAMING=1\n");
        world.Run(100_000);
        world.Sees();
        world.WriteUdev("sda", "E:ID_NET_NAME=new\n");
        world.Run(1_000_000);
        world.Sees("add sda");
        Assert.Equal("new", world.Last.Properties["ID_NET_NAME"]);
    }

    [Fact]
    public void An_event_that_waited_for_udev_in_vain_has_no_property_of_the_previous_device()
    {
        var world = Begin("""
            - name: told
              wait: [{udev: true, optional: 200ms}]
              attach: {udev: ["ID_*"]}
            """, hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block");
        // Within the tick of a file system's clock.
        world.WriteUdev("sda", "E:ID_SERIAL=yesterday\n", writtenUsec: world.Now - 5_000);
        world.Run(1_000_000);
        world.Sees("add sda");
        Assert.Equal(["udev: true"], world.Last.Findings.Missing!);
        Assert.DoesNotContain("ID_SERIAL", world.Last.Properties.Keys);
    }

    // systemd 257 and later: the entry is written twice.
    [Fact]
    public void An_entry_that_udevd_is_still_processing_does_not_count()
    {
        var world = Begin(hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_SERIAL=yesterday\nE:ID_PROCESSING=1\n");
        world.Run(1_000_000);
        world.Sees();
        world.WriteUdev("sda", "E:ID_SERIAL=today\n");
        world.Run(1_000_000);
        world.Sees("add sda");
        Assert.Equal("today", world.Last.Properties["ID_SERIAL"]);
        Assert.DoesNotContain("ID_PROCESSING", world.Last.Properties.Keys);
    }

    [Fact]
    public void An_event_that_does_not_wait_for_udev_keeps_what_udev_said_while_it_processes_the_event()
    {
        var world = Begin(Attaches, hasHeard: false);
        world.Run(1_000_000);
        world.Add("sda", "block").Write("ready", "");
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
        world.Run(100_000);
        world.Sees("add sda");
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\nE:ID_PROCESSING=1\n");
        world.Change("sda");
        world.Run(100_000);
        world.Sees("change sda");
        Assert.Equal("ext4", Fs(world));
        Assert.DoesNotContain("ID_PROCESSING", world.Last.Properties.Keys);
    }
}
