using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Engine;

/// <summary>Subscribers do not notice an upgrade of the daemon: they keep the state, and get what happened meanwhile once.</summary>
public sealed class RestartTests
{
    internal const string Ready = """
        - name: ready
          match: {sysname: "w*"}
          wait: [{exists: ready}]
          timeout: 5s
        - name: deliver
          match: {sysname: "d*"}
          wait: [{exists: ready}]
          timeout: 5s
          onTimeout: deliver
        - name: optional
          match: {sysname: "o*"}
          wait: [{exists: ready}, {exists: late, optional: 1s}]
          timeout: 5s
        """;

    [Fact]
    public void A_rename_that_a_loss_of_events_made_doubtful_is_handed_over_too()
    {
        var world = Begun();
        world.Add("p");
        world.Run(10_000);
        world.Move("p", "q");
        world.Run(10_000);
        world.Overrun();
        world.Run(1_000_000);
        world.Sees("add p", "move q from p");
        world.Restart();
        world.Run(1_000_000);
        world.Sees();
    }

    [Fact]
    public void An_announced_device_is_not_announced_again()
    {
        var world = Begun();
        world.Add("p");
        world.Add("p/w").Write("ready", "");
        world.Run(10_000);
        world.Sees("add p", "add p/w");
        world.Restart();
        world.Run(1_000_000);
        world.Sees();
        Assert.Equal(2, world.Reconciled);
        world.Remove("p/w");
        world.Run(1000);
        world.Sees("remove p/w");
    }

    [Fact]
    public void Events_between_two_runs_are_delivered_as_the_kernel_sent_them()
    {
        var world = Begun();
        world.Add("a");
        world.Add("b");
        world.Run(10_000);
        world.Sees("add a", "add b");
        world.Restart(() =>
        {
            world.Remove("a");
            world.Add("c");
            world.Change("b", "ONCE=1");
            world.Move("b", "e");
        });
        world.Run(1_000_000);
        world.Sees("remove a", "add c", "change b", "move e from b");
    }

    [Fact]
    public void Missed_events_between_two_runs_are_found_by_the_scan()
    {
        var world = Begun();
        world.Add("a");
        world.Add("a/below");
        world.Add("again");
        world.Add("changed").Uevent = "X=1\n";
        world.Run(10_000);
        world.Sees("add a", "add a/below", "add again", "add changed");
        world.Restart(() =>
        {
            world.Sysfs.Remove("/devices/a/below");
            world.Sysfs.Remove("/devices/a");
            world.Sysfs.Remove("/devices/again");
            world.Create("again");
            world.Create("new");
            world.Sysfs.Find("/devices/changed")!.Uevent = "X=2\n";
        });
        world.Run(1_000_000);
        Assert.Equal(
            ["add again synthetic", "add new synthetic", "change changed synthetic", "remove a synthetic", "remove a/below synthetic", "remove again synthetic"],
            world.Seen.Skip(4).Select(e => e.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void After_a_restart_a_waiting_device_still_waits_and_its_timeout_counts_from_its_arrival()
    {
        var world = Begun();
        world.Add("w");
        world.Add("d");
        world.Run(3_000_000);
        world.Sees();
        world.Restart();
        world.Run(1_900_000);
        world.Sees();
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(200_000);
        Assert.Equal(["add d", "add w"], world.Seen.Select(e => e.ToString().Replace(" unsettled", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(world.Seen, e => Assert.InRange(e.AtUsec - e.ArrivedUsec, 4_900_000, 5_100_000));
    }

    [Fact]
    public void A_device_that_became_complete_between_two_runs_is_announced_at_once()
    {
        var world = Begun();
        world.Add("w");
        world.Run(1_000_000);
        world.Restart(() =>
        {
            world.Now += 60_000_000;
            world.Sysfs.Find("/devices/w")!.Write("ready", "");
        });
        world.Run(10_000);
        world.Sees("add w");
    }

    [Fact]
    public void Held_and_dropped_devices_stay_held_and_dropped()
    {
        var world = Begun();
        world.Add("w");
        world.Run(6_000_000);
        Assert.Equal(DeviceState.Held, world.State("w"));
        world.Restart();
        world.Run(1_000_000);
        Assert.Equal(DeviceState.Held, world.State("w"));
        world.Sees();
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Change("w");
        world.Run(10_000);
        world.Sees("add w");
    }

    [Fact]
    public void A_child_still_waits_for_its_waiting_parent()
    {
        var world = Begun();
        world.Add("w");
        world.Add("w/child");
        world.Run(10_000);
        world.Restart();
        world.Run(10_000);
        world.Sees();
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add w", "add w/child");
    }

    [Fact]
    public void A_device_that_was_removed_while_it_waited_is_never_announced()
    {
        var world = Begun();
        world.Add("w");
        world.Run(10_000);
        world.Restart(() => world.Sysfs.Remove("/devices/w"));
        world.Run(10_000_000);
        world.Sees();
        Assert.False(world.Knows("w"));
    }

    [Fact]
    public void An_optional_item_that_comes_after_the_restart_is_still_told()
    {
        var world = Begun();
        world.Add("o").Write("ready", "");
        world.Run(1_500_000);
        Assert.Single(world.Seen);
        world.Restart();
        world.Run(1_000_000);
        world.Sysfs.Find("/devices/o")!.Write("late", "");
        world.Run(1_000_000);
        Assert.Equal(["add o", "change o synthetic"], world.Seen.Select(e => e.ToString()));
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void A_queued_move_is_delivered_with_both_names()
    {
        var world = Begun();
        world.Add("w");
        world.Add("a");
        world.Run(10_000);
        world.Sees("add a");
        world.Move("a", "w/a");
        world.Run(10_000);
        world.Sees();
        world.Restart();
        world.Run(10_000);
        world.Sees();
        world.Sysfs.Find("/devices/w")!.Write("ready", "");
        world.Run(1_000_000);
        world.Sees("add w", "move w/a from a");
    }

    [Fact]
    public void An_announced_device_still_owns_its_number()
    {
        var world = Begun();
        world.Add("a", "net", "IFINDEX=7");
        world.Run(10_000);
        world.Sees("add a");
        world.Restart();
        world.Run(10_000);
        world.Add("b", "net", "IFINDEX=7");
        world.Run(10_000);
        world.Sees();
        world.Remove("a");
        world.Run(10_000);
        world.Sees("remove a", "add b");
    }

    [Fact]
    public void New_rules_apply_to_waiting_devices()
    {
        var world = Begun();
        world.Add("w");
        world.Run(10_000);
        world.Restart(rules: RuleSet.Empty);
        world.Run(10_000);
        world.Sees("add w");
    }

    [Fact]
    public void A_broken_snapshot_is_refused_and_crashes_nothing()
    {
        var world = Begun();
        for (var i = 0; i < 20; i++)
            world.Add($"d{i}", "net", "NAME=x");
        world.Run(10_000);
        var good = world.Save();
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 2000; round++)
        {
            var bad = good.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            if (round % 3 == 0)
                bad = bad[..random.Next(bad.Length)];
            try
            {
                var reader = new SnapshotReader(new MemoryStream(bad).Read);
                reader.Clock(world.Now, null);
                new UeventEngine(RuleSet.Empty).Restore(reader);
            }
            catch (SnapshotException)
            {
                refused++;
            }
        }
        Assert.True(refused > 500, $"{refused} of 2000");
    }

    private static EngineWorld Begun()
    {
        var world = new EngineWorld(Ready);
        world.Start();
        world.Run(1000);
        return world;
    }
}
