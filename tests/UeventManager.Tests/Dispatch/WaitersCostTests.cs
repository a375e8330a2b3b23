using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Dispatch;

/// <summary>Any client may wait, so a thousand waits must not delay events.</summary>
public sealed class WaitersCostTests
{
    private readonly EngineWorld _world = new(WaitersTests.Ready);
    private readonly List<string> _answers = [];

    [Fact]
    public void A_name_is_asked_when_it_is_due_one_at_a_time_and_by_no_event()
    {
        var asked = new List<int>();
        for (var i = 0; i < 500; i++)
        {
            var number = i;
            _world.Waiters.Add(new NamedWait($"/dev/{i}", () => Unresolved(asked, number), false, long.MaxValue) { Answer = Answered, Expire = Expired }, _world.Now + i);
        }
        asked.Clear();
        _world.Add("a").Write("ready", "");
        _world.Run(1_000);
        _world.Remove("a");
        _world.Run(1_000);
        Assert.Empty(asked);
        var due = _world.Now + 100_000;
        _world.Waiters.Timer(due, () => false);
        Assert.Equal([0], asked);
        var pieces = 0;
        _world.Waiters.Timer(due, () => ++pieces < 10);
        Assert.Equal(Enumerable.Range(0, 11), asked);
        _world.Waiters.Timer(due);
        Assert.Equal(Enumerable.Range(0, 500), asked);
        Assert.InRange(_world.Waiters.NextDueUsec, due + 1, due + 100_000);
    }

    [Fact]
    public void An_event_answers_a_few_waiters_for_one_name_and_the_timer_answers_the_others()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => Wait(DeviceKeyKind.Name, "net:a")).ToList();
        _world.Add("a").Write("ready", "");
        _world.Run(1_000);
        Assert.Equal(Waiters.AnswersPerEvent, _answers.Count);
        Assert.Equal(0, _world.Waiters.NextDueUsec);
        // One that leaves meanwhile is not answered.
        _world.Waiters.Remove(waits.First(wait => wait.IsIn));
        _world.Waiters.Timer(_world.Now);
        Assert.Equal(Enumerable.Repeat("a", 99), _answers);
        Assert.Equal(0, _world.Waiters.Count);
        Assert.Equal(long.MaxValue, _world.Waiters.NextDueUsec);
    }

    [Fact]
    public void An_event_costs_as_many_steps_of_filters_whoever_waits_and_the_timer_does_the_rest()
    {
        for (var i = 0; i < 1_000; i++)
            Wait(new DeviceFilter { SysNames = [Glob.Parse("a")] }, 1);
        _world.Add("a").Write("ready", "");
        _world.Run(1_000);
        Assert.InRange(_answers.Count, 1, FilteredWaits.StepsPerChange);
        Assert.Equal(0, _world.Waiters.NextDueUsec);
        _world.Waiters.Timer(_world.Now);
        Assert.Equal(Enumerable.Repeat("a", 1_000), _answers);
    }

    [Fact]
    public void A_waiter_too_far_behind_checks_all_devices_instead()
    {
        for (var i = 0; i < 2 * FilteredWaits.StepsPerChange; i++)
            Wait(new DeviceFilter { SysNames = [Glob.Parse("z*")] }, 2);
        _world.Add("a").Write("ready", "");
        _world.Run(1_000);
        for (var i = 0; i < FilteredWaits.MaxChanges; i++)
            _world.Waiters.Ended(_world.Engine.Devices.All().First());
        _world.Add("z1").Write("ready", "");
        _world.Add("z2").Write("ready", "");
        _world.Run(1_000);
        _world.Waiters.Timer(_world.Now);
        Assert.Equal(Enumerable.Repeat("z1 z2", 2 * FilteredWaits.StepsPerChange), _answers);
    }

    private static (DeviceKey, bool) Unresolved(List<int> asked, int number)
    {
        asked.Add(number);
        return (new DeviceKey(DeviceKeyKind.Node, $"none{number}"), false);
    }

    private NamedWait Wait(DeviceKeyKind kind, string name)
    {
        var wait = new NamedWait(name, () => (new DeviceKey(kind, name), true), false, _world.Now + 100_000_000) { Answer = Answered, Expire = Expired };
        _world.Waiters.Add(wait, _world.Now);
        return wait;
    }

    private void Wait(DeviceFilter filter, int count) =>
        _world.Waiters.Add(new FilteredWait(filter, count, false, _world.Now + 100_000_000) { Answer = Answered, Expire = Expired }, _world.Now);

    private void Answered(IReadOnlyList<Device> found) => _answers.Add(string.Join(' ', found.Select(device => device.SysName).Order(StringComparer.Ordinal)));

    private void Expired(IReadOnlyList<string> missing) => _answers.Add("missing: " + string.Join(", ", missing));
}
