using UeventManager.Core.Engine;
using UeventManager.Core.History;
using UeventManager.Core.Ordering;

namespace UeventManager.Tests.Engine;

/// <summary>Explain answers why a device has not been announced.</summary>
public sealed class ExplainTests
{
    private const string Rule = """
        - name: ready
          wait: [{attribute: state, equals: up}, {exists: group, optional: 1s}]
          timeout: 5s
        """;

    private readonly EngineWorld _world = new(Rule);

    [Fact]
    public void A_device_that_waits_shows_its_rule_and_each_condition()
    {
        _world.Add("a").Write("state", "down");
        _world.Run(2_000_000);
        var found = Explain("a");
        Assert.Equal((DeviceState.Waiting, "ready", "test.yaml", 4), (found.State, found.RuleName, found.Rule!.File, found.Rule.Line));
        var state = found.Conditions[0];
        Assert.Equal(("attribute: state equals \"up\"", false, false, "\"down\"", 0L), (state.Text, state.Held, state.IsOptional, state.Seen, state.HeldSinceUsec));
        Assert.True(state.Looks > 1);
        Assert.True(found.Conditions[1].IsOptional);
        Assert.Equal([MomentKind.Arrived, MomentKind.Looked], found.History.Select(moment => moment.Kind));
        Assert.Equal(_world.Seqnum, found.History[0].Number);
    }

    [Fact]
    public void Explain_shows_what_an_announced_device_waited_for_and_since_when_it_held()
    {
        var device = _world.Add("a");
        _world.Run(500_000);
        device.Write("state", "up");
        device.Write("group", "");
        _world.Run(1_000_000);
        _world.Sees("add a");
        var found = Explain("a");
        Assert.Equal((DeviceState.Announced, "ready"), (found.State, found.RuleName));
        Assert.All(found.Conditions, condition => Assert.True(condition.Held));
        Assert.Equal("\"up\"", found.Conditions[0].Seen);
        Assert.InRange(found.Conditions[0].HeldSinceUsec, 1_500_000, 1_700_000);
        Assert.Equal([MomentKind.Arrived, MomentKind.Looked, MomentKind.Looked, MomentKind.Delivered], found.History.Select(moment => moment.Kind));
        Assert.Equal(0b11, found.History[2].Number);
    }

    [Fact]
    public void Looks_after_the_announcement_are_explained()
    {
        _world.Add("a").Write("state", "up");
        _world.Run(1_100_000);
        _world.Sees("add a");
        var looks = Explain("a").Conditions[1].Looks;
        _world.Run(10_000_000);
        Assert.Null(_world.Device("a").Pending);
        var found = Explain("a").Conditions[1];
        Assert.False(found.Held);
        Assert.True(found.Looks > looks, $"{found.Looks} after {looks}");
    }

    [Fact]
    public void A_change_that_was_never_delivered_leaves_the_last_result_in_the_history()
    {
        var world = new EngineWorld("""
            - name: ready
              on: [add, change]
              wait: [{exists: ready}]
              timeout: 5s
            """);
        var device = world.Add("a").Write("ready", "");
        world.Run(100_000);
        device.Delete("ready");
        world.Change("a");
        world.Run(1_000_000);
        Assert.False(Assert.Single(world.Engine.Explain(world.Device("a")).Conditions).Held);
        world.Send("bind", "a");
        world.Run(1_000);
        world.Sees("add a", "bind a unsettled");
        // What the change waited for is still looked for, but holds nothing.
        Assert.True(world.Device("a").Pending!.IsEmpty);
        Assert.False(Assert.Single(world.Engine.Explain(world.Device("a")).Conditions).Held);
    }

    [Fact]
    public void A_held_device_tells_its_timeout_and_its_release()
    {
        _world.Add("a");
        _world.Run(6_000_000);
        Assert.Equal((DeviceState.Held, MomentKind.TimedOut), (Explain("a").State, Explain("a").History[^1].Kind));
        _world.Release("a");
        _world.Run(1_000);
        var found = Explain("a");
        Assert.Equal([MomentKind.ReleasedByHand, MomentKind.Delivered], found.History.TakeLast(2).Select(moment => moment.Kind));
        Assert.Equal((DeviceState.Announced, 1L), (found.State, found.History[^1].Number));
    }

    [Fact]
    public void A_removed_device_is_remembered_with_the_reason_why_it_was_never_announced()
    {
        _world.Add("a");
        _world.Run(1_000_000);
        _world.Change("a");
        _world.Remove("a");
        _world.Run(1_000);
        _world.Sees();
        var gone = Assert.Single(_world.Engine.Gone);
        var found = _world.Engine.Explain(gone);
        Assert.Equal((null, "ready"), (found.State, found.RuleName));
        Assert.False(found.Conditions[0].Held);
        Assert.Equal(
            [MomentKind.Arrived, MomentKind.Looked, MomentKind.Folded, MomentKind.Arrived, MomentKind.Annihilated], found.History.Select(moment => moment.Kind));
    }

    [Fact]
    public void A_device_without_a_rule_has_none()
    {
        var world = new EngineWorld("");
        world.Add("a");
        world.Run(1_000);
        var found = world.Engine.Explain(world.Device("a"));
        Assert.Equal((DeviceState.Announced, null), (found.State, found.RuleName));
        Assert.Empty(found.Conditions);
        Assert.Equal([MomentKind.Arrived, MomentKind.Delivered], found.History.Select(moment => moment.Kind));
    }

    [Fact]
    public void A_device_that_waits_for_its_parent_is_explained()
    {
        _world.Add("p");
        _world.Add("p/c").Write("state", "up");
        _world.Sysfs.Find("/devices/p/c")!.Write("group", "");
        _world.Run(100_000);
        Assert.Equal(["the add of /devices/p"], UeventEngine.WaitsFor(_world.Device("p/c")));
        Assert.Equal(["the add of /devices/p"], Explain("p/c").WaitsFor);
    }

    [Fact]
    public void Only_the_newest_moments_and_the_last_removed_devices_are_kept()
    {
        var world = new EngineWorld("");
        world.Add("a");
        for (var i = 0; i < 100; i++)
            world.Change("a");
        world.Run(1_000);
        var found = world.Engine.Explain(world.Device("a"));
        Assert.Equal(64, found.History.Count);
        Assert.Equal(MomentKind.Delivered, found.History[^1].Kind);
        for (var i = 0; i < 1100; i++)
        {
            world.Add($"d{i}");
            world.Remove($"d{i}");
        }
        world.Run(1_000);
        Assert.Equal(1024, world.Engine.Gone.Count());
        Assert.Equal("/devices/d1099", System.Text.Encoding.UTF8.GetString(world.Engine.Gone.First().Path));
    }

    [Fact]
    public void In_a_storm_the_oldest_moments_are_forgotten_and_the_others_are_right()
    {
        var world = new EngineWorld("");
        world.Add("quiet");
        world.Add("loud");
        for (var i = 0; i < 70_000; i++)
            world.Change("loud");
        world.Run(1_000);
        Assert.Empty(world.Engine.Explain(world.Device("quiet")).History);
        Assert.Equal(64, world.Engine.Explain(world.Device("loud")).History.Count);
        world.Change("quiet");
        world.Run(1_000);
        Assert.Equal([MomentKind.Arrived, MomentKind.Delivered], world.Engine.Explain(world.Device("quiet")).History.Select(moment => moment.Kind));
    }

    [Fact]
    public void After_a_restart_everything_is_still_explained()
    {
        var world = new EngineWorld(Rule);
        world.Start();
        world.Add("waits").Write("state", "down");
        world.Add("announced").Write("state", "up");
        world.Add("gone").Write("state", "down");
        world.Run(2_000_000);
        world.Remove("gone");
        world.Run(1_000);
        world.Sees("add announced");
        string[] names = ["waits", "announced"];
        var before = names.Select(name => world.Engine.Explain(world.Device(name))).Append(world.Engine.Explain(Assert.Single(world.Engine.Gone))).ToList();
        world.Restart();
        var after = names.Select(name => world.Engine.Explain(world.Device(name))).Append(world.Engine.Explain(Assert.Single(world.Engine.Gone))).ToList();
        for (var i = 0; i < before.Count; i++)
        {
            Assert.True(before[i].History.Count >= 2);
            Assert.Equal(before[i].History.Select(Plain), after[i].History.Take(before[i].History.Count).Select(Plain));
        }
        Assert.Equal(before[1].Conditions, after[1].Conditions);
        Assert.Equal(before[2].Conditions, after[2].Conditions);
        Assert.True(after[1].Conditions[0].Looks > 0);
        Assert.Equal((before[2].State, before[2].RuleName), (after[2].State, after[2].RuleName));
        Assert.Equal(before[0].RuleName, after[0].RuleName);
    }

    [Fact]
    public void A_wrapped_ring_survives_a_restart()
    {
        var world = new EngineWorld("");
        world.Start();
        world.Run(1_000);
        world.Add("quiet");
        for (var i = 0; i < 70_000; i++)
            world.Change("loud");
        world.Run(1_000);
        var before = world.Engine.Explain(world.Device("loud")).History.Select(Plain).ToList();
        var length = world.Save().Length;
        Assert.InRange(length, 1_000_000, 3_000_000);
        world.Restart();
        Assert.Empty(world.Engine.Explain(world.Device("quiet")).History);
        Assert.Equal(before, world.Engine.Explain(world.Device("loud")).History.Select(Plain));
    }

    private static object Plain(DeviceMoment moment) =>
        (moment.AtUsec, moment.Kind, moment.Action, moment.Number, moment.Rule is null ? null : $"{moment.Rule.Name}: {string.Join(", ", moment.Rule.Items)}");

    private Explanation Explain(string name) => _world.Engine.Explain(_world.Device(name));
}
