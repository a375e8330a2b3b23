using UeventManager.Core.Ordering;
using static UeventManager.Tests.Engine.UdevRules;

namespace UeventManager.Tests.Engine;

/// <summary>Which source of udev's data is used, and the counts of devices that udev announced too early.</summary>
public sealed class UdevSourceTests
{
    [Fact]
    public void A_failed_worker_counts_as_finished_and_explain_reports_it()
    {
        var world = Begin();
        Announce(world, "UDEV_WORKER_FAILED=1", "UDEV_WORKER_SIGNAL=9");
        var explained = world.Engine.Explain(world.Device("sda"));
        Assert.Contains("UDEV_WORKER_FAILED", explained.Udev!, StringComparison.Ordinal);
        Assert.Contains(explained.History, moment => moment.Kind == Core.History.MomentKind.UdevFailed);
    }

    [Fact]
    public void A_held_device_is_announced_as_soon_as_udev_broadcasts_it()
    {
        var world = Begin();
        world.Add("sda", "block");
        world.Run(6_000_000);
        world.Sees();
        Assert.Equal(DeviceState.Held, world.State("sda"));
        world.Tell(world.Seqnum, "add", "sda");
        world.Run(1_000);
        world.Sees("add sda");
    }

    [Theory]
    [InlineData("{udev: true}")]
    [InlineData("{udev: {property: ID_FS_TYPE, equals: ext4}}")]
    [InlineData("{not: {udev: {property: ID_FS_TYPE, equals: ext4}}}")]
    [InlineData("{not: {not: {udev: {property: ID_FS_TYPE, equals: ext4}}}}")]
    [InlineData("{all: [{udev: true}, {not: {udev: {property: A, notEmpty: true}}}]}")]
    public void Without_udevd_no_device_waits_for_it(string condition)
    {
        var world = Begin($"- name: r\n  wait: [{condition}]\n", hasHeard: false);
        world.Sysfs.HasNoUdevd = true;
        world.Add("sda", "block");
        world.Run(10_000);
        world.Sees("add sda");
        Assert.True(world.Last.Findings.Settled);
        Assert.Contains("no udevd", world.Engine.Explain(world.Device("sda")).Udev!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{udev: {property: ID_FS_TYPE, equals: ext4}}", true)]
    [InlineData("{udev: {property: ID_FS_TYPE, in: [xfs, ext4]}}", true)]
    [InlineData("{udev: {property: ID_FS_TYPE, matches: \"e*\"}}", true)]
    [InlineData("{udev: {property: ID_FS_TYPE, notEmpty: true}}", true)]
    [InlineData("{udev: {property: ID_PART, atLeast: 2}}", true)]
    [InlineData("{udev: {property: ID_PART, atLeast: 3}}", false)]
    [InlineData("{udev: {property: ID_NONE, notEmpty: true}}", false)]
    [InlineData("{not: {udev: {property: ID_NONE, notEmpty: true}}}", true)]
    [InlineData("{not: {udev: {property: ID_FS_TYPE, equals: ext4}}}", false)]
    public void A_udev_property_is_tested_only_after_udev_has_reported_it(string condition, bool holds)
    {
        var world = Begin($"- name: r\n  match: {{sysname: sda}}\n  wait: [{condition}]\n");
        world.Add("sda", "block");
        world.Run(100_000);
        world.Sees();
        world.Tell(world.Seqnum, "add", "sda", "ID_FS_TYPE=ext4", "ID_PART=2");
        world.Run(10_000);
        world.Sees(holds ? ["add sda"] : []);
    }

    [Fact]
    public void A_forwarder_is_not_taken_for_udevd()
    {
        var world = Begin();
        world.Add("sda", "block");
        world.Tell(world.Seqnum, "add", "sda", "UEVENT_MANAGER=1");
        world.Run(100_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.UdevForwarded);
    }

    [Fact]
    public void A_device_that_does_not_wait_for_udev_gets_its_latest_data()
    {
        var world = Begin("- name: r\n  on: [add]\n  match: {sysname: sda}\n  attach: {udev: [\"ID_*\"]}\n");
        world.Add("sda", "block").Write("x", "y");
        world.WriteUdev("sda", "E:ID_FS_TYPE=anothers\n", writtenUsec: 0);
        world.Run(100_000);
        world.Sees("add sda");
        Assert.Null(Fs(world));
        world.Tell(world.Seqnum, "add", "sda", "ID_FS_TYPE=ext4");
        world.Run(10_000);
        world.Change("sda");
        world.Run(10_000);
        world.Sees("change sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void For_a_device_that_existed_at_the_start_the_database_entry_counts_as_it_is()
    {
        var world = new EngineWorld(Disk);
        world.ListenToUdev();
        world.Create("sda", "block");
        world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n", writtenUsec: 5);
        world.Create("sdb", "block");
        world.Run(1_000_000);
        world.Start();
        world.Run(1_000_000);
        world.Sees("add sda synthetic");
        Assert.Equal("ext4", Fs(world));
        // Which event it is about does not matter: it came before anybody listened.
        world.Change("sdb");
        world.Tell(world.Seqnum, "change", "sdb", "ID_FS_TYPE=xfs");
        world.Run(10_000);
        world.Sees("add sdb synthetic");
        Assert.Equal("xfs", Fs(world));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_restart_the_device_waits_for_the_same_event_of_udev(bool keepsSocket)
    {
        var world = Begin();
        world.Run(1_000_000);
        world.Add("sda", "block");
        world.WriteUdev("sda", "E:ID_FS_TYPE=old\n", writtenUsec: 5);
        world.Run(10_000);
        world.KeepsUdevSocket = keepsSocket;
        world.Restart();
        world.Run(1_000_000);
        world.Sees();
        if (keepsSocket)
            world.Tell(world.Seqnum, "add", "sda", "ID_FS_TYPE=ext4");
        else
            world.WriteUdev("sda", "E:ID_FS_TYPE=ext4\n");
        world.Run(1_000_000);
        world.Sees("add sda");
        Assert.Equal("ext4", Fs(world));
    }

    [Fact]
    public void A_device_that_never_completed_counts_as_announced_too_early()
    {
        var world = Begin("- name: r\n  match: {sysname: \"sd*\"}\n  wait: [{exists: ready}]\n  timeout: 1s\n");
        world.Leads.Clear();
        world.Add("sda", "block");
        world.Tell(world.Seqnum, "add", "sda");
        world.Run(2_000_000);
        Assert.Equal(DeviceState.Held, world.State("sda"));
        Assert.InRange(Assert.Single(world.Leads).LeadUsec, 990_000, 1_000_000);
        world.Sysfs.Find(EngineWorld.Dev("sda"))!.Write("ready", "");
        world.Run(60_000_000);
        world.Sees("add sda");

        world.Add("sdb", "block");
        world.Tell(world.Seqnum, "add", "sdb");
        world.Run(500_000);
        world.Remove("sdb");
        world.Run(10_000);
        world.Sees();
        Assert.Equal(2, world.Leads.Count);
        Assert.InRange(world.Leads[1].LeadUsec, 490_000, 501_000);
    }

    [Fact]
    public void How_long_udev_was_too_early_is_counted_once_for_each_device()
    {
        var world = Begin("- name: r\n  match: {sysname: \"sd*\"}\n  wait: [{exists: ready}, {udev: true}]\n");
        world.Leads.Clear();
        world.Add("sda", "block");
        var early = world.Seqnum;
        world.In(2_000, () => world.Tell(early, "add", "sda"));
        world.In(12_000, () => world.Sysfs.Find(EngineWorld.Dev("sda"))!.Write("ready", ""));
        world.Run(1_000_000);
        world.Sees("add sda");
        var lead = Assert.Single(world.Leads);
        Assert.Equal("block", lead.Subsystem);
        Assert.InRange(lead.LeadUsec, 10_000, 12_000);

        // Complete before udev tells of it.
        world.Add("sdb", "block").Write("ready", "");
        world.In(5_000, () => world.Tell(world.Seqnum, "add", "sdb"));
        world.Run(1_000_000);
        world.Change("sdb");
        world.Tell(world.Seqnum, "change", "sdb");
        world.Run(1_000_000);
        Assert.Equal([lead, ("block", -1L)], world.Leads);
    }
}
