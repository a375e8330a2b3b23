using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Dispatch;

/// <summary>Whoever asks for the last five minutes gets all of them, or is told that it is not all.</summary>
public sealed class SinceTests
{
    private readonly StreamWorld _world = new();

    [Fact]
    public void Each_moment_begins_with_the_first_event_that_was_settled_since()
    {
        for (var i = 0; i < 50; i++)
            _world.Uevent("add", $"/devices/virtual/net/n{i}", "X=\"settledUsec\":1");
        List<(string Name, long Usec)> all = [.. Read(_world.Publisher.SubscribeSince(null, 0)).Events];
        Assert.Equal(50, all.Count);
        foreach (var (_, usec) in all)
        {
            foreach (var since in new[] { usec, usec - 1, usec + 1 })
            {
                var (events, gap) = Read(_world.Publisher.SubscribeSince(null, since));
                Assert.Equal(all.Where(one => one.Usec >= since), events);
                Assert.Null(gap);
            }
        }
        var filter = new DeviceFilter { SysNames = [Glob.Parse("n4[0-9]")] };
        Assert.Equal(10, Read(_world.Publisher.SubscribeSince(filter, 0)).Events.Count);
        // What comes later comes too.
        var stream = _world.Publisher.SubscribeSince(filter, long.MaxValue);
        Assert.Empty(Read(stream).Events);
        _world.Uevent("remove", "/devices/virtual/net/n41");
        Assert.Equal("n41", Assert.Single(Read(stream).Events).Name);
    }

    [Fact]
    public void Where_the_ring_does_not_reach_or_something_was_lost_that_is_said_first()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        _world.Publisher.Gap("kernelOverrun", null);
        _world.Publisher.Reconciled();
        _world.Uevent("add", "/devices/virtual/net/b");
        long second = Read(_world.Publisher.SubscribeSince(null, 0)).Events[^1].Usec;
        Assert.Equal("kernelOverrun", Read(_world.Publisher.SubscribeSince(null, 0)).Gap);
        Assert.Null(Read(_world.Publisher.SubscribeSince(null, second)).Gap);
        for (var i = 0; i < EventRing.DefaultMaxEvents; i++)
            _world.Uevent("change", "/devices/virtual/net/b");
        var (events, gap) = Read(_world.Publisher.SubscribeSince(null, 0));
        Assert.Equal(("cursorUnknown", EventRing.DefaultMaxEvents), (gap, events.Count));
        Assert.Null(Read(_world.Publisher.SubscribeSince(null, events[100].Usec)).Gap);
    }

    [Fact]
    public void What_was_before_an_interrupted_restart_comes_behind_a_gap()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        _world.Publisher.Save(writer);
        writer.Flush();
        bytes.Position = 0;
        var restored = new Publisher(_world.Devices, 9);
        restored.Restore(new SnapshotReader(bytes.Read));
        Assert.Null(Read(restored.SubscribeSince(null, 0)).Gap);
        restored.Interrupt(11);
        var (events, gap) = Read(restored.SubscribeSince(null, 0));
        Assert.Equal(("restarted", "a"), (gap, Assert.Single(events).Name));
    }

    private static (List<(string Name, long Usec)> Events, string? Gap) Read(SubscriberStream stream)
    {
        List<JsonElement> replies = StreamWorld.Read(stream);
        return (
            [.. replies.Where(r => r.TryGetProperty("events", out _)).SelectMany(r => r.GetProperty("events").EnumerateArray())
                .Select(e => (e.GetProperty("device").GetProperty("sysname").GetString()!, e.GetProperty("settledUsec").GetInt64()))],
            replies.Where(r => r.TryGetProperty("gap", out _)).Select(r => r.GetProperty("gap").GetProperty("reason").GetString()).FirstOrDefault());
    }
}
