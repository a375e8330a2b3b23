using UeventManager.Core.Dispatch;

namespace UeventManager.Tests.Dispatch;

/// <summary>Wrong counts would show a host that udev serves well as one that it serves badly, or the reverse.</summary>
public sealed class UdevLeadsTests
{
    [Fact]
    public void Devices_that_udev_announced_and_announced_early_are_counted_by_subsystem()
    {
        var leads = new UdevLeads();
        leads.Count("net", 6_000);
        leads.Count("net", -1);
        leads.Count("block", -1);
        leads.Count("net", 0);
        Assert.Equal([("block", 1L, 0L), ("net", 3L, 2L)], leads.Rows.Select(row => (row.Subsystem, row.Told, row.Early)));
        Assert.Equal(10_000, leads.Rows.Last().Row!.WithinUsec(99));
    }

    [Fact]
    public void Subsystems_beyond_the_limit_are_counted_together()
    {
        var leads = new UdevLeads();
        for (var i = 0; i < LagHistogram.MaxSubsystems + 3; i++)
            leads.Count($"s{i}", i < LagHistogram.MaxSubsystems ? -1 : 100);
        var other = leads.Rows.Single(row => row.Subsystem == LagHistogram.Other);
        Assert.Equal((3L, 3L), (other.Told, other.Early));
        Assert.Equal(3, leads.Rows.Sum(row => row.Early));
    }
}
