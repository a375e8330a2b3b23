using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Dispatch;

/// <summary>A client that waits for a device is answered neither too early nor never.</summary>
public sealed class WaitersTests
{
    internal const string Ready = """
        - name: ready
          wait: [{exists: ready}]
          timeout: 1s
        """;

    private readonly EngineWorld _world = new(Ready);
    private readonly List<string> _answers = [];

    [Theory]
    [InlineData(DeviceKeyKind.Path, "/devices/a")]
    [InlineData(DeviceKeyKind.Name, "net:a")]
    [InlineData(DeviceKeyKind.Node, "node/a")]
    [InlineData(DeviceKeyKind.Number, "char 7:3")]
    public void A_device_that_does_not_exist_yet_is_answered_when_it_settles_and_not_before(DeviceKeyKind kind, string name)
    {
        Wait(kind, name);
        var device = _world.Add("a", "net", "DEVNAME=node/a", "MAJOR=7", "MINOR=3");
        _world.Add("b").Write("ready", "");
        _world.Run(100_000);
        _world.Sees("add b");
        Assert.Empty(_answers);
        device.Write("ready", "");
        _world.Run(100_000);
        Assert.Equal(["a"], _answers);
        Assert.Equal(0, _world.Waiters.Count);
    }

    [Fact]
    public void A_wait_for_a_settled_device_is_answered_at_once()
    {
        _world.Add("a").Write("ready", "");
        _world.Run(10_000);
        Wait(DeviceKeyKind.Name, "net:a");
        Assert.Equal(["a"], _answers);
    }

    [Fact]
    public void A_device_delivered_unsettled_is_not_settled()
    {
        _world.Add("a");
        _world.Run(100_000);
        Wait(DeviceKeyKind.Path, "/devices/a");
        _world.Release("a");
        _world.Run(100_000);
        _world.Sees("add a unsettled");
        Assert.Empty(_answers);
        Expire();
        Assert.Equal(["missing: /devices/a: exists: ready"], _answers);
    }

    [Fact]
    public void A_held_device_is_waited_for_until_the_timeout_with_what_it_misses()
    {
        _world.Add("a");
        Wait(DeviceKeyKind.Path, "/devices/a");
        _world.Run(3_000_000);
        Assert.Equal(DeviceState.Held, _world.State("a"));
        Assert.Empty(_answers);
        Expire();
        Assert.Equal(["missing: /devices/a: exists: ready"], _answers);
    }

    [Fact]
    public void At_the_timeout_a_device_that_never_came_is_reported()
    {
        Wait(DeviceKeyKind.Name, "net:nowhere");
        Expire();
        Assert.Equal(["missing: net:nowhere: no such device"], _answers);
        Assert.Equal(long.MaxValue, _world.Waiters.NextDueUsec);
    }

    [Fact]
    public void A_wait_continues_when_a_device_is_removed_before_it_settles()
    {
        _world.Add("a");
        _world.Run(100_000);
        Wait(DeviceKeyKind.Name, "net:a");
        _world.Remove("a");
        _world.Run(100_000);
        _world.Sees();
        Assert.Empty(_answers);
        _world.Add("a").Write("ready", "");
        _world.Run(100_000);
        Assert.Equal(["a"], _answers);
    }

    [Fact]
    public void A_removed_device_that_does_not_return_is_reported_at_the_timeout()
    {
        _world.Add("a");
        Wait(DeviceKeyKind.Name, "net:a");
        _world.Remove("a");
        _world.Run(100_000);
        Expire();
        Assert.Equal(["missing: net:a: no such device"], _answers);
    }

    [Fact]
    public void Until_removed_ends_when_the_device_goes_also_if_it_was_never_announced()
    {
        _world.Add("a").Write("ready", "");
        _world.Add("b");
        _world.Run(100_000);
        Wait(DeviceKeyKind.Path, "/devices/a", removed: true);
        Wait(DeviceKeyKind.Name, "net:b", removed: true);
        Wait(DeviceKeyKind.Name, "net:never", removed: true);
        Assert.Equal(["gone"], _answers);
        _world.Remove("b");
        _world.Run(1_000);
        Assert.Equal(["gone", "gone"], _answers);
        _world.Remove("a");
        _world.Run(1_000);
        Assert.Equal(["gone", "gone", "gone"], _answers);
    }

    [Fact]
    public void While_events_are_lost_no_wait_for_removal_is_answered()
    {
        _world.Waiters.IsStateKnown = false;
        Wait(DeviceKeyKind.Name, "net:a", removed: true);
        Wait(new DeviceFilter { Subsystems = [Glob.Parse("net")] }, 1, removed: true);
        Assert.Empty(_answers);
        _world.Add("a").Write("ready", "");
        _world.Run(100_000);
        _world.Waiters.IsStateKnown = true;
        _world.Waiters.Recheck();
        Assert.Empty(_answers);
        _world.Remove("a");
        _world.Run(1_000);
        Assert.Equal(["gone", "gone"], _answers);
    }

    [Fact]
    public void A_rename_is_the_end_of_one_name_and_the_beginning_of_another()
    {
        _world.Add("a").Write("ready", "");
        _world.Add("a/c").Write("ready", "");
        _world.Run(100_000);
        Wait(DeviceKeyKind.Name, "net:a", removed: true);
        Wait(DeviceKeyKind.Path, "/devices/a/c", removed: true);
        Wait(DeviceKeyKind.Path, "/devices/z/c");
        Wait(DeviceKeyKind.Name, "net:z");
        _world.Move("a", "z");
        _world.Run(100_000);
        Assert.Equal(["c", "gone", "gone", "z"], _answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_filtered_wait_counts_settled_devices_and_forgets_removed_ones()
    {
        Wait(new DeviceFilter { SysNames = [Glob.Parse("vf*")] }, 3);
        _world.Add("vf0").Write("ready", "");
        _world.Add("vf1").Write("ready", "");
        _world.Add("pf").Write("ready", "");
        var late = _world.Add("vf2");
        _world.Run(100_000);
        _world.Remove("vf1");
        late.Write("ready", "");
        _world.Run(100_000);
        Assert.Empty(_answers);
        _world.Add("vf3").Write("ready", "");
        _world.Run(100_000);
        Assert.Equal(["vf0 vf2 vf3"], _answers);
    }

    [Fact]
    public void At_the_timeout_a_filter_reports_how_many_came_and_what_the_others_lack()
    {
        _world.Add("vf0").Write("ready", "");
        _world.Add("vf1");
        _world.Run(100_000);
        Wait(new DeviceFilter { Subsystems = [Glob.Parse("net")] }, 8);
        Expire();
        Assert.Equal(["missing: 1 of 8 settled, /devices/vf1: exists: ready"], _answers);
    }

    [Fact]
    public void Until_removed_a_filter_waits_for_the_last_one_also_for_those_that_come_meanwhile()
    {
        _world.Add("a").Write("ready", "");
        _world.Run(100_000);
        Wait(new DeviceFilter { Subsystems = [Glob.Parse("net")] }, 1, removed: true);
        _world.Add("b");
        _world.Run(1_000);
        _world.Remove("a");
        _world.Run(1_000);
        Assert.Empty(_answers);
        _world.Remove("b");
        _world.Run(1_000);
        Assert.Equal(["gone"], _answers);
    }

    [Fact]
    public void A_name_is_resolved_again_until_it_means_a_device()
    {
        _world.Add("a").Write("ready", "");
        _world.Run(10_000);
        (DeviceKey, bool) meaning = (new DeviceKey(DeviceKeyKind.Node, "disk/by-id/a"), false);
        _world.Waiters.Add(new NamedWait("/dev/disk/by-id/a", () => meaning, false, long.MaxValue) { Answer = Answered, Expire = Expired }, _world.Now);
        Assert.InRange(_world.Waiters.NextDueUsec, _world.Now, _world.Now + 100_000);
        meaning = (new DeviceKey(DeviceKeyKind.Path, "/devices/a"), true);
        _world.Waiters.Timer(_world.Waiters.NextDueUsec);
        Assert.Equal(["a"], _answers);
    }

    [Fact]
    public void A_waiter_that_has_left_is_not_answered()
    {
        var wait = Wait(DeviceKeyKind.Name, "net:a");
        _world.Waiters.Remove(wait);
        _world.Add("a").Write("ready", "");
        _world.Run(100_000);
        Expire();
        Assert.Empty(_answers);
    }

    private NamedWait Wait(DeviceKeyKind kind, string name, bool removed = false)
    {
        var wait = new NamedWait(name, () => (new DeviceKey(kind, name), true), removed, _world.Now + 100_000_000) { Answer = Answered, Expire = Expired };
        _world.Waiters.Add(wait, _world.Now);
        return wait;
    }

    private void Wait(DeviceFilter filter, int count, bool removed = false) =>
        _world.Waiters.Add(new FilteredWait(filter, count, removed, _world.Now + 100_000_000) { Answer = Answered, Expire = Expired }, _world.Now);

    private void Expire() => _world.Waiters.Timer(long.MaxValue - 1);

    private void Answered(IReadOnlyList<Device> found) => _answers.Add(found.Count == 0 ? "gone" : string.Join(' ', found.Select(device => device.SysName).Order(StringComparer.Ordinal)));

    private void Expired(IReadOnlyList<string> missing) => _answers.Add("missing: " + string.Join(", ", missing));
}
