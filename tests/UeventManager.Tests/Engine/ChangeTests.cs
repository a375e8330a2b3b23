using UeventManager.Core.Engine;
using static UeventManager.Tests.Engine.ChangeRules;

namespace UeventManager.Tests.Engine;

/// <summary>A change that arrives before its value is right is delivered once it is, and none is lost uncounted.</summary>
public sealed class ChangeTests
{
    [Fact]
    public void A_change_waits_until_the_kernel_has_created_what_it_announces()
    {
        var (world, device) = Announced(Count);
        device.Write("numvfs", "2");
        world.Change("a");
        world.Run(5_000);
        device.Link("virtfn0", "/devices/v0");
        world.Run(5_000);
        world.Sees();
        device.Link("virtfn1", "/devices/v1");
        world.Run(5_000);
        world.Sees("change a");
        Assert.Equal("count", world.Last.Findings.Rule);
    }

    [Fact]
    public void One_look_serves_all_earlier_changes()
    {
        var (world, _) = Announced(Count);
        var looks = world.Engine.Counters.Looks;
        for (var i = 0; i < 5; i++)
            world.Change("a", $"N={i}");
        world.Run(10_000);
        world.Sees("change a", "change a", "change a", "change a", "change a");
        Assert.Equal(["0", "1", "2", "3", "4"], world.Seen[1..].Select(e => e.Properties["N"]));
        Assert.InRange(world.Engine.Counters.Looks - looks, 1, 2);
    }

    [Fact]
    public void A_change_that_comes_after_the_look_began_gets_another_one()
    {
        var (world, device) = Announced(Count);
        world.Change("a", "N=1");
        world.Run();
        world.Run(world.ReadUsec / 2);
        world.In(world.ReadUsec / 2 + 1, () => device.Write("numvfs", "7"));
        world.Change("a", "N=2");
        world.Run(10_000);
        world.Sees("change a");
        Assert.Equal("1", world.Last.Properties["N"]);
    }

    [Fact]
    public void More_than_64_waiting_changes_merge_and_the_newest_survives()
    {
        var (world, device) = Announced(Count);
        device.Write("numvfs", "1");
        for (var i = 0; i < 100; i++)
        {
            world.Change("a", $"N={i}");
            world.Run(10);
        }
        world.Run(10_000);
        device.Write("numvfs", "0");
        world.Run(10_000);
        Assert.Equal(UeventEngine.MaxQueued, world.Seen.Count(e => e.Action == "change"));
        Assert.Equal("99", world.Last.Properties["N"]);
        Assert.Equal(100 - UeventEngine.MaxQueued, world.Engine.Counters.Merged);
    }

    [Fact]
    public void Changes_that_were_merged_while_a_read_was_under_way_are_judged_by_their_own_properties()
    {
        var world = new EngineWorld("""
            - name: state
              on: [change]
              wait: [{property: PHASE, equals: end}, {attribute: numvfs, equals: "0"}]
            """);
        world.Add("a").Write("numvfs", "0");
        world.Add("b").Write("numvfs", "0");
        world.Run(1_000);
        for (var i = 0; i < UeventEngine.MaxQueued; i++)
            world.Change("a", "PHASE=end");
        world.Run();
        // The look that is under way asks for the properties of an event that merges now, and whose memory another device gets.
        world.Change("a", "PHASE=end");
        world.Run();
        world.Change("b", "PHASE=begin");
        world.Run();
        world.Run(10_000);
        Assert.Equal(UeventEngine.MaxQueued, world.Seen.Count(e => e.Action == "change"));
        Assert.All(world.Seen.Where(e => e.Action == "change"), e => Assert.Equal("/devices/a", e.Path));
    }

    [Theory]
    [InlineData("bind")]
    [InlineData("unbind")]
    [InlineData("online")]
    [InlineData("offline")]
    public void Any_other_action_ends_the_waiting_change_and_one_of_ours_follows_in_its_place(string action)
    {
        var (world, device) = Announced(Count);
        device.Write("numvfs", "1");
        world.Change("a");
        world.Run(10_000);
        world.Send(action, "a");
        world.Run(10_000);
        world.Sees($"{action} a unsettled");
        device.Write("numvfs", "0");
        world.Run(10_000_000);
        world.Sees("change a synthetic");
        Assert.Equal(1, world.Engine.Counters.ChangesEnded);
    }

    [Fact]
    public void A_move_ends_the_waiting_change()
    {
        var (world, device) = Announced(Count);
        device.Write("numvfs", "1");
        world.Change("a");
        world.Run(10_000);
        world.Move("a", "b");
        world.Run(10_000_000);
        world.Sees("move b from a unsettled");
        Assert.Equal(1, world.Engine.Counters.ChangesEnded);
    }

    [Fact]
    public void A_remove_ends_the_waiting_changes_and_counts_them()
    {
        var (world, device) = Announced(Count);
        device.Write("numvfs", "1");
        world.Change("a");
        world.Change("a");
        world.Run(10_000);
        world.Remove("a");
        world.Run();
        world.Sees("remove a");
        Assert.Equal(2, world.Engine.Counters.ChangesEnded);
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("deliver")]
    public void A_change_whose_look_finds_another_instance_is_dropped_and_counted(string policy)
    {
        var (world, _) = Announced(Count + $"\n  onTimeout: {policy}");
        world.Change("a");
        world.Sysfs.Remove("/devices/a");
        world.Create("a").Write("numvfs", "1");
        world.Run(5_000_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.ChangesOfOtherInstance);
    }

    [Fact]
    public void A_change_whose_device_is_gone_is_dropped_and_counted()
    {
        var (world, _) = Announced(Count + "\n  onTimeout: deliver");
        world.Change("a");
        world.Sysfs.Remove("/devices/a");
        world.Run(5_000_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.ChangesOfOtherInstance);
        world.Send("remove", "a");
        world.Run();
        world.Sees("remove a");
    }
}
