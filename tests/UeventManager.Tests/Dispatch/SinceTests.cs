using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Dispatch;

/// <summary>A subscription to the last five minutes gets all events since then, or a gap.</summary>
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
    public void A_moment_before_the_ring_or_a_loss_gets_a_gap_first()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        _world.Publisher.Gap("kernelOverrun", null);
        _world.Publisher.Reconciled(_world.Now);
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
    public void A_moment_before_or_in_a_loss_gets_a_gap_also_where_nothing_has_come_since()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        long before = _world.Now;
        _world.Publisher.Gap("kernelOverrun", null);
        _world.Now += 1000;
        // Until the state is known something may still be missing.
        Assert.Equal("kernelOverrun", Read(_world.Publisher.SubscribeSince(null, _world.Now)).Gap);
        _world.Publisher.Reconciled(_world.Now);
        Assert.Equal("kernelOverrun", Read(_world.Publisher.SubscribeSince(null, before + 1)).Gap);
        Assert.Equal("kernelOverrun", Read(_world.Publisher.SubscribeSince(null, _world.Now - 1)).Gap);
        Assert.Null(Read(_world.Publisher.SubscribeSince(null, _world.Now)).Gap);
    }

    [Fact]
    public void A_run_without_a_hand_over_gives_a_gap_for_each_moment_before_its_first_state()
    {
        var fresh = new Publisher(_world.Devices, 9);
        fresh.Open(5000);
        Assert.Equal("restarted", Read(fresh.SubscribeSince(null, 4999)).Gap);
        Assert.Null(Read(fresh.SubscribeSince(null, 5000)).Gap);
        // Orderly restarts lose nothing, and forget nothing that was lost.
        var next = Restored(Restored(fresh, 6000), 7000);
        next.Open(7001);
        Assert.Equal("restarted", Read(next.SubscribeSince(null, 4999)).Gap);
        Assert.Null(Read(next.SubscribeSince(null, 5000)).Gap);
    }

    [Fact]
    public void A_moment_before_an_interrupted_restart_gets_a_gap_after_later_restarts_too()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        var restored = Restored(_world.Publisher, 2000);
        Assert.Null(Read(restored.SubscribeSince(null, 0)).Gap);
        restored.Interrupt(11);
        Assert.Equal("restarted", Read(restored.SubscribeSince(null, 2500)).Gap);
        // Ended before its first state is known: still interrupted.
        restored = Restored(restored, 2600);
        restored.Open(3000);
        foreach (var one in new[] { restored, Restored(restored, 4000) })
        {
            var (events, gap) = Read(one.SubscribeSince(null, 0));
            Assert.Equal(("restarted", "a"), (gap, Assert.Single(events).Name));
            // Nothing came between the outage and now, and yet it lies in between.
            (events, gap) = Read(one.SubscribeSince(null, 2999));
            Assert.Equal(("restarted", 0), (gap, events.Count));
            Assert.Null(Read(one.SubscribeSince(null, 3000)).Gap);
        }
    }

    [Fact]
    public void With_another_clock_a_moment_is_searched_in_the_present_clock()
    {
        for (var i = 0; i < 3; i++)
            _world.Uevent("add", $"/devices/virtual/net/a{i}");
        var restored = Restored(_world.Publisher, 2000, now: 50);
        restored.HasOtherClock(50);
        restored.Open(60);
        foreach (var one in new[] { restored, Restored(restored, 70) })
        {
            var (events, gap) = Read(one.SubscribeSince(null, 10));
            Assert.Equal(("restarted", 3), (gap, events.Count));
            (events, gap) = Read(one.SubscribeSince(null, 61));
            Assert.Equal((null, 0), (gap, events.Count));
        }
    }

    private Publisher Restored(Publisher publisher, long saved, long? now = null)
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        writer.Clock(saved, "clock");
        publisher.Save(writer);
        writer.Flush();
        bytes.Position = 0;
        var reader = new SnapshotReader(bytes.Read);
        reader.Clock(now ?? saved, "clock");
        var restored = new Publisher(_world.Devices, 9);
        restored.Restore(reader);
        reader.End();
        return restored;
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
