using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Dispatch;

/// <summary>The effect of a rename on a subscriber whose filter hides a part of it.</summary>
public sealed class FilteredMoveTests
{
    private const string Net = "/devices/virtual/net/";
    private readonly StreamWorld _world = new();

    private static DeviceFilter Macvtap => new() { Subsystems = [Glob.Parse("macvtap")] };

    [Fact]
    public void A_subscriber_that_knows_only_the_descendant_gets_its_move()
    {
        AddPair();
        var stream = Subscribe(Macvtap);
        Move("mv0", "renamed0");
        _world.Uevent("remove", Net + "renamed0/tap5");
        Assert.Equal([$"move {Net}renamed0/tap5 from {Net}mv0/tap5 below {Net}renamed0 synthetic", $"remove {Net}renamed0/tap5 below {Net}renamed0"], Told(stream));
    }

    [Fact]
    public void A_subscriber_that_knows_the_ancestor_gets_only_the_ancestors_move()
    {
        AddPair();
        var filter = new DeviceFilter { Subsystems = [Glob.Parse("net"), Glob.Parse("macvtap")] };
        var stream = Subscribe(filter);
        Move("mv0", "renamed0");
        Assert.Equal([$"move {Net}renamed0 from {Net}mv0"], Told(stream));
    }

    [Fact]
    public void A_device_that_leaves_is_removed_at_its_old_path_after_its_descendants_moved()
    {
        AddPair();
        var filter = new DeviceFilter { SysNames = [Glob.Parse("mv*"), Glob.Parse("tap*")] };
        var stream = Subscribe(filter);
        Move("mv0", "renamed0");
        Assert.Equal([$"move {Net}renamed0/tap5 from {Net}mv0/tap5 below {Net}renamed0 synthetic", $"remove {Net}mv0"], Told(stream));
        Move("renamed0", "mv1");
        Assert.Equal([$"add {Net}mv1", $"move {Net}mv1/tap5 from {Net}renamed0/tap5 below {Net}mv1 synthetic"], Told(stream));
    }

    [Fact]
    public void A_device_that_moves_out_of_the_filter_is_removed_below_its_old_parent()
    {
        AddPair();
        _world.Uevent("add", Net + "other");
        var stream = Subscribe(new DeviceFilter { DevPaths = [Glob.Parse(Net + "mv0/**")] });
        _world.Uevent("move", Net + "other/tap6", $"DEVPATH_OLD={Net}mv0/tap5");
        Assert.Equal([$"remove {Net}mv0/tap5 below {Net}mv0"], Told(stream));
    }

    [Fact]
    public void A_device_that_leaves_below_a_delivered_move_is_removed_at_its_new_path()
    {
        AddPair();
        var stream = Subscribe(new DeviceFilter { DevPaths = [Glob.Parse(Net + "mv0/**"), Glob.Parse(Net + "*")] });
        Move("mv0", "renamed0");
        Assert.Equal([$"move {Net}renamed0 from {Net}mv0", $"remove {Net}renamed0/tap5 below {Net}renamed0 synthetic"], Told(stream));
    }

    [Fact]
    public void Each_descendant_without_a_known_moving_ancestor_gets_its_own_move()
    {
        AddPair();
        _world.Uevent("add", Net + "mv0/tap5/tap7");
        _world.Uevent("add", Net + "mv0/d1");
        _world.Uevent("add", Net + "mv0/d1/tap9");
        var stream = Subscribe(Macvtap);
        Move("mv0", "renamed0");
        Assert.Equal(
            [
                $"move {Net}renamed0/d1/tap9 from {Net}mv0/d1/tap9 below {Net}renamed0/d1 synthetic",
                $"move {Net}renamed0/tap5 from {Net}mv0/tap5 below {Net}renamed0 synthetic",
            ],
            Told(stream));
    }

    [Fact]
    public void A_subscriber_without_a_state_also_gets_moves_of_devices_in_its_filter()
    {
        AddPair();
        var stream = _world.Publisher.Subscribe(Macvtap, true, false, null);
        _ = StreamWorld.Read(stream);
        Move("mv0", "renamed0");
        Assert.Equal([$"move {Net}renamed0/tap5 from {Net}mv0/tap5 below {Net}renamed0 synthetic"], Told(stream));
    }

    [Fact]
    public void A_subscriber_without_moves_gets_none()
    {
        AddPair();
        var stream = Subscribe(Macvtap with { Actions = [Glob.Parse("add"), Glob.Parse("remove")] });
        Move("mv0", "renamed0");
        Assert.Empty(Told(stream));
    }

    [Theory]
    [InlineData(CarriedDevice.Most, 0)]
    [InlineData(CarriedDevice.Most + 1, 1)]
    public void With_too_many_descendants_a_filtered_subscriber_gets_the_state_again(int count, int gaps)
    {
        var cursor = _world.Publisher.LastCursor.ToString();
        _world.Uevent("add", Net + "mv0");
        for (var i = 0; i < count; i++)
            _world.Uevent("add", $"{Net}mv0/tap{i}");
        var replica = new Replica(Macvtap);
        var stream = _world.Publisher.Subscribe(Macvtap, false, false, null);
        Assert.Null(replica.Read(stream));
        Move("mv0", "renamed0");
        Assert.Null(replica.Read(stream));
        Assert.Null(replica.DifferenceTo(_world.Publisher));
        Assert.Equal(gaps, replica.Gaps);
        Assert.Equal(gaps, _world.Publisher.Subscribe(null, false, false, cursor).Gaps + GapsOf(_world.Publisher.Subscribe(Macvtap, false, false, cursor)));
    }

    [Fact]
    public void An_entry_that_cannot_be_read_ends_a_replay_in_a_gap()
    {
        AddPair();
        var cursor = _world.Publisher.LastCursor.ToString();
        _world.Publisher.Ring.Append("{\"cursor\":\"\",\"action\":\"move\",\"device\":{\"devpath\":7}}"u8, default, [8, 1, 0, 0, 0, 127]);
        Move("mv0", "renamed0");
        var replica = new Replica(Macvtap);
        Assert.Null(replica.Read(_world.Publisher.Subscribe(Macvtap, false, false, cursor)));
        Assert.Equal(1, replica.Gaps);
        Assert.Null(replica.DifferenceTo(_world.Publisher));
    }

    [Fact]
    public void A_state_requested_while_a_step_is_published_follows_it()
    {
        AddPair();
        var before = _world.Publisher.LastCursor.ToString();
        SubscriberStream? begun = null;
        SubscriberStream? resumed = null;
        _world.Publishing = () =>
        {
            begun ??= _world.Publisher.Subscribe(null, false, false, null);
            resumed ??= _world.Publisher.Subscribe(Macvtap, false, false, before);
            Assert.False(begun.HasSomething);
        };
        // One step, two events: what is below goes first.
        _world.Uevent("remove", Net + "mv0");
        Assert.Empty(Assert.Single(StreamWorld.Read(begun!)).GetProperty("state").EnumerateArray());
        Assert.Equal([$"remove {Net}mv0/tap5 below {Net}mv0 synthetic"], Told(resumed!));
    }

    private static int GapsOf(SubscriberStream stream)
    {
        _ = StreamWorld.Read(stream);
        return stream.Gaps;
    }

    private static List<string> Told(SubscriberStream stream) =>
        [.. StreamWorld.Read(stream).Where(r => r.TryGetProperty("events", out _)).SelectMany(r => r.GetProperty("events").EnumerateArray()).Select(Text)];

    // With what an event says of the same in more places than one.
    private static string Text(JsonElement one)
    {
        var device = one.GetProperty("device");
        var (action, path) = (one.GetProperty("action").GetString(), device.GetProperty("devpath").GetString()!);
        Assert.Equal(action, device.GetProperty("properties").GetProperty("ACTION").GetString());
        Assert.Equal(path, device.GetProperty("properties").GetProperty("DEVPATH").GetString());
        Assert.Equal(path[(path.LastIndexOf('/') + 1)..], device.GetProperty("sysname").GetString());
        return $"{action} {path}"
            + (one.TryGetProperty("oldDevpath", out var old) ? $" from {old.GetString()}" : "")
            + (device.TryGetProperty("parent", out var parent) ? $" below {parent.GetString()}" : "")
            + (one.GetProperty("synthetic").GetBoolean() ? " synthetic" : "");
    }

    private void AddPair()
    {
        _world.Uevent("add", Net + "mv0");
        _world.Uevent("add", Net + "mv0/tap5");
    }

    private void Move(string from, string to) => _world.Uevent("move", Net + to, $"DEVPATH_OLD={Net}{from}");

    private SubscriberStream Subscribe(DeviceFilter filter)
    {
        var stream = _world.Publisher.Subscribe(filter, false, false, null);
        _ = StreamWorld.Read(stream);
        return stream;
    }
}
