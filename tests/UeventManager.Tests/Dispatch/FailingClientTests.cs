using System.Collections;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Dispatch;

/// <summary>An exception for one subscriber or one wait must not end the daemon.</summary>
public sealed class FailingClientTests
{
    private readonly List<Exception> _failures = [];
    private readonly List<string> _answers = [];

    [Fact]
    public void A_filter_that_throws_ends_only_its_own_subscription()
    {
        var (world, poison) = (new StreamWorld(), new Poison());
        SubscriberStream poisoned = world.Publisher.Subscribe(new DeviceFilter { SysNames = poison }, true, false, null);
        SubscriberStream other = world.Publisher.Subscribe(new DeviceFilter { SysNames = [Glob.Parse("*")] }, true, false, null);
        poisoned.Failed = _failures.Add;
        world.Uevent("add", "/devices/net/a");
        Assert.Empty(_failures);
        long before = other.QueuedEvents;
        poison.IsActive = true;
        world.Uevent("add", "/devices/net/b");
        Assert.NotEmpty(_failures);
        Assert.All(_failures, failure => Assert.Equal("poison", failure.Message));
        Assert.Equal(before + 1, other.QueuedEvents);
    }

    [Fact]
    public void A_wait_that_throws_affects_no_other_wait()
    {
        var (world, poison, asked) = (new EngineWorld(""), new Poison(), 0);
        world.Waiters.Add(new FilteredWait(new DeviceFilter { SysNames = poison }, 1, false, long.MaxValue) { Answer = Answered, Expire = _ => { }, Failed = _failures.Add }, world.Now);
        world.Waiters.Add(new NamedWait("a", Meaning, false, long.MaxValue) { Answer = Answered, Expire = _ => { }, Failed = _failures.Add }, world.Now);
        world.Waiters.Add(new FilteredWait(new DeviceFilter { SysNames = [Glob.Parse("a")] }, 1, false, long.MaxValue) { Answer = Answered, Expire = _ => { } }, world.Now);
        poison.IsActive = true;
        world.Add("a");
        world.Run(200_000);
        world.Waiters.Timer(world.Now + 10_000_000);
        Assert.Equal(["a"], _answers);
        Assert.True(_failures.Count >= 2 && asked > 1, $"{_failures.Count} failures, asked {asked} times");

        (DeviceKey, bool) Meaning() => ++asked > 1 ? throw new InvalidOperationException("poison") : (new DeviceKey(DeviceKeyKind.Node, "never"), false);
    }

    private void Answered(IReadOnlyList<Device> found) => _answers.AddRange(found.Select(device => device.DevPath[(device.DevPath.LastIndexOf('/') + 1)..]));

    // A list of patterns that works until it does not.
    private sealed class Poison : IReadOnlyList<Glob>
    {
        public bool IsActive { get; set; }

        public int Count => IsActive ? throw new InvalidOperationException("poison") : 0;

        public Glob this[int index] => throw new InvalidOperationException("poison");

        public IEnumerator<Glob> GetEnumerator() => IsActive ? throw new InvalidOperationException("poison") : Enumerable.Empty<Glob>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
