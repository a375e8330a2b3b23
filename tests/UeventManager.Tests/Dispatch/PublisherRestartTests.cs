using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Dispatch;

/// <summary>A cursor stays valid over an orderly restart.</summary>
public sealed class PublisherRestartTests
{
    [Fact]
    public void The_ring_is_the_same_after_a_restart()
    {
        var world = new StreamWorld();
        for (var i = 0; i < 3000; i++)
            world.Uevent("change", $"/devices/virtual/net/n{i % 7}", "BIG=" + new string('x', i % 900));
        var restored = Restored(world);
        Assert.Equal(world.Publisher.LastCursor, restored.LastCursor);
        Assert.Equal((world.Publisher.Ring.First, world.Publisher.Ring.Next, world.Publisher.Ring.Bytes), (restored.Ring.First, restored.Ring.Next, restored.Ring.Bytes));
        for (var number = restored.Ring.First; number < restored.Ring.Next; number++)
        {
            Assert.Equal(world.Publisher.Ring[number], restored.Ring[number]);
            Assert.Equal(world.Publisher.Ring.TagOf(number), restored.Ring.TagOf(number));
        }
    }

    [Fact]
    public void A_cursor_of_the_old_run_resumes_in_the_new_one()
    {
        var world = new StreamWorld();
        world.Uevent("add", "/devices/virtual/net/a");
        var cursor = world.Publisher.LastCursor.ToString();
        world.Uevent("add", "/devices/virtual/net/b");
        world.Uevent("add", "/devices/virtual/misc/m");
        var restored = Restored(world);
        Assert.Equal(["add b", "add m"], StreamWorld.Events(restored.Subscribe(null, false, false, cursor)));
        var filter = new DeviceFilter { Subsystems = [Glob.Parse("net")] };
        Assert.Equal(["add b"], StreamWorld.Events(restored.Subscribe(filter, false, false, cursor)));
    }

    [Fact]
    public void After_possibly_missed_events_an_old_cursor_gets_a_gap_and_before_the_state_all_known_events()
    {
        var world = new StreamWorld();
        world.Uevent("add", "/devices/virtual/net/a");
        var cursor = world.Publisher.LastCursor.ToString();
        world.Uevent("add", "/devices/virtual/net/b");
        var newest = world.Publisher.LastCursor.ToString();
        var restored = Restored(world);
        restored.Interrupt(8);
        foreach (var old in new[] { cursor, newest })
        {
            var replies = StreamWorld.Read(restored.Subscribe(null, false, false, old));
            Assert.Equal("restarted", replies[0].GetProperty("gap").GetProperty("reason").GetString());
            Assert.Equal(2, replies[1].GetProperty("state").GetArrayLength());
        }
        var stateless = StreamWorld.Read(restored.Subscribe(null, true, false, cursor));
        Assert.Equal("restarted", stateless[0].GetProperty("gap").GetProperty("reason").GetString());
        Assert.Equal(["add b"], StreamWorld.Events(restored.Subscribe(null, true, false, cursor)));
        var filter = new DeviceFilter { Subsystems = [Glob.Parse("net")] };
        Assert.Equal(["add b"], StreamWorld.Events(restored.Subscribe(filter, true, false, cursor)));
        // A cursor of now is good.
        Assert.DoesNotContain(StreamWorld.Read(restored.Subscribe(null, false, false, restored.LastCursor.ToString())), reply => reply.TryGetProperty("gap", out _));
        // Of a run that nobody knows nothing is replayed.
        Assert.Empty(StreamWorld.Events(restored.Subscribe(null, true, false, new Cursor(9, 1).ToString())));
    }

    [Fact]
    public void After_a_loss_there_is_nothing_to_hand_over_until_the_state_is_known()
    {
        var world = new StreamWorld();
        Assert.True(world.Publisher.CanSave);
        world.Publisher.Gap("kernelOverrun", 1);
        Assert.False(world.Publisher.CanSave);
        world.Publisher.Reconciled(world.Now);
        Assert.True(world.Publisher.CanSave);
    }

    private static Publisher Restored(StreamWorld world)
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        world.Publisher.Save(writer);
        writer.Flush();
        bytes.Position = 0;
        var reader = new SnapshotReader(bytes.Read);
        var restored = new Publisher(world.Devices, 0);
        restored.Restore(reader);
        reader.End();
        return restored;
    }
}
