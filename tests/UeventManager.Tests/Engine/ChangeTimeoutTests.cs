using static UeventManager.Tests.Engine.ChangeRules;

namespace UeventManager.Tests.Engine;

/// <summary>A change whose timeout has passed, and the events queued after it.</summary>
public sealed class ChangeTimeoutTests
{
    [Fact]
    public void Hold_keeps_a_change_after_its_timeout_until_the_value_is_right()
    {
        var (world, device) = Announced(Count);
        device.Write("numvfs", "1");
        world.Change("a");
        world.Run(10_000_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.Held);
        device.Write("numvfs", "0");
        world.Run(30_000_000);
        world.Sees("change a");
    }

    [Fact]
    public void Deliver_reports_what_is_missing_at_the_timeout()
    {
        var (world, device) = Announced(Count + "\n  onTimeout: deliver");
        device.Write("numvfs", "1");
        world.Change("a");
        var start = world.Now;
        world.Run(10_000_000);
        world.Sees("change a unsettled");
        Assert.Equal(2_000_000, world.Last.AtUsec - start);
        Assert.Equal(["count: virtfn* equals {attribute: numvfs} (0, numvfs \"1\")"], world.Last.Findings.Missing!);
    }

    [Fact]
    public void Changes_that_time_out_together_are_all_delivered()
    {
        var (world, device) = Announced(Count + "\n  onTimeout: deliver");
        device.Write("numvfs", "1");
        world.Change("a", "N=1");
        world.Change("a", "N=2");
        world.Run(10_000_000);
        world.Sees("change a unsettled", "change a unsettled");
        Assert.Equal(0, world.Engine.Counters.Merged);
    }

    [Fact]
    public void Drop_forgets_and_counts_a_change_at_its_timeout()
    {
        var (world, device) = Announced(Count + "\n  onTimeout: drop");
        device.Write("numvfs", "1");
        world.Change("a");
        world.Run(10_000_000);
        device.Write("numvfs", "0");
        world.Run(60_000_000);
        world.Sees();
        Assert.Equal(1, world.Engine.Counters.Dropped);
    }

    [Fact]
    public void A_change_that_never_settles_delays_later_ones_at_most_until_its_timeout()
    {
        var world = new EngineWorld("""
            - name: a
              on: [change]
              match: {property: PHASE: begin}
              wait: [{exists: never}]
              timeout: 2s
            """.Replace("PHASE: begin", "{PHASE: begin}", StringComparison.Ordinal));
        world.Add("a");
        world.Run();
        world.Change("a", "PHASE=begin");
        world.Run(10_000_000);
        world.Change("a", "PHASE=end");
        world.Run(2_000_000);
        Assert.Contains(world.Seen, e => e.Properties.GetValueOrDefault("PHASE") == "end");
    }

    [Fact]
    public void A_queued_changes_timeout_counts_from_its_own_arrival()
    {
        var (world, device) = Announced(Count + "\n  onTimeout: deliver");
        device.Write("numvfs", "1");
        var start = world.Now;
        world.Change("a", "N=1");
        world.Run(1_500_000);
        world.Change("a", "N=2");
        world.Run(10_000_000);
        Assert.Equal([2_000_000, 3_500_000], world.Seen[1..].Select(e => e.AtUsec - start));
    }

    [Fact]
    public void A_change_that_waits_for_nothing_repeats_the_last_findings()
    {
        var world = new EngineWorld("""
            - name: type
              on: [add]
              wait: [{exists: ready}]
              attach: {attributes: [type/name]}
            """);
        world.Add("a").Write("ready", "").Write("type/name", "big");
        world.Run(1_000);
        world.Change("a");
        world.Run(1_000);
        world.Sees("add a", "change a");
        Assert.Equal([new("type/name", "big")], world.Last.Findings.Attributes!);
    }

    [Fact]
    public void A_change_without_a_rule_in_force_at_its_look_passes_too()
    {
        var world = new EngineWorld("""
            - name: on-add
              on: [add]
              match: {absent: driver}
              wait: [{exists: ready}]
              attach: {attributes: [type/name]}
            - name: on-change
              on: [change]
              match: {exists: driver}
            """);
        world.Add("a").Write("ready", "").Write("type/name", "big");
        world.Run(1_000);
        world.Change("a");
        world.Run(1_000);
        world.Sees("add a", "change a");
        Assert.Equal("on-add", world.Last.Findings.Rule);
        Assert.Equal([new("type/name", "big")], world.Last.Findings.Attributes!);
    }

    [Fact]
    public void Stable_lets_a_change_through_once_nothing_has_moved_for_so_long()
    {
        var (world, device) = Announced("""
            - name: stable
              on: [change]
              wait: [{stable: {for: 50ms, paths: ["virtfn*"]}}]
            """);
        var start = world.Now;
        world.Change("a");
        for (var i = 0; i < 5; i++)
        {
            var n = i;
            world.In(i * 20_000, () => device.Write($"virtfn{n}", ""));
        }
        world.Run(1_000_000);
        world.Sees("change a");
        Assert.InRange(world.Last.AtUsec - start, 80_000 + 50_000, (80_000 + 50_000) * 1.2);
    }
}
