using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Dispatch;

/// <summary>A wrong barrier would let a script continue too early, or never.</summary>
public sealed class SettleBarrierTests
{
    private const string Ready = """
        - name: ready
          wait: [{exists: ready}]
          timeout: 1s
        """;

    private readonly EngineWorld _world = new(Ready);

    [Fact]
    public void A_barrier_is_reached_when_the_waiting_events_are_delivered()
    {
        var device = _world.Add("a");
        _world.Run(1_000);
        var barrier = Barrier();
        Assert.False(barrier.IsReached());
        Assert.Equal(["/devices/a: exists: ready"], barrier.Missing());
        device.Write("ready", "");
        _world.Run(100_000);
        Assert.True(barrier.IsReached());
        Assert.Empty(barrier.Missing());
    }

    [Fact]
    public void A_barrier_is_reached_when_the_waiting_devices_are_removed_or_held()
    {
        _world.Add("a");
        _world.Add("b");
        _world.Run(1_000);
        var barrier = Barrier();
        _world.Remove("a");
        _world.Run(1_000);
        Assert.False(barrier.IsReached());
        _world.Run(2_000_000);
        Assert.True(barrier.IsReached());
        Assert.True(Barrier().IsReached());
    }

    [Fact]
    public void Later_events_do_not_count()
    {
        _world.Add("a").Write("ready", "");
        _world.Run(1_000);
        _world.Add("b");
        _world.Run(1_000);
        var barrier = Barrier(_world.Seqnum - 1);
        Assert.True(barrier.IsReached());
        Assert.False(Barrier().IsReached());
    }

    [Fact]
    public void A_waiting_change_counts_and_a_held_one_does_not()
    {
        var device = _world.Add("a");
        device.Write("ready", "");
        _world.Run(1_000);
        device.Delete("ready");
        _world.Change("a");
        _world.Run(1_000);
        var barrier = Barrier();
        Assert.False(barrier.IsReached());
        _world.Run(2_000_000);
        Assert.True(barrier.IsReached());
    }

    [Fact]
    public void Only_the_devices_of_the_filter_count()
    {
        _world.Add("a");
        _world.Run(1_000);
        Assert.True(new SettleBarrier(_world.Engine, new DeviceFilter { Subsystems = [Glob.Parse("block")] }, long.MaxValue).IsReached());
        Assert.False(new SettleBarrier(_world.Engine, new DeviceFilter { Subsystems = [Glob.Parse("net")] }, long.MaxValue).IsReached());
    }

    [Fact]
    public void Decided_events_that_are_not_drained_count_as_unfinished()
    {
        SettleBarrier? barrier = null;
        _world.Add("a").Write("ready", "");
        _world.OnceDecided = () =>
        {
            barrier = Barrier();
            Assert.False(barrier.IsReached());
        };
        _world.Run(100_000);
        Assert.True(barrier!.IsReached());
    }

    private SettleBarrier Barrier(long lastSeqnum = long.MaxValue) => new(_world.Engine, null, lastSeqnum);
}
