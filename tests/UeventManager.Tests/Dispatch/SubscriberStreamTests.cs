using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Dispatch;

public sealed class SubscriberStreamTests
{
    private readonly StreamWorld _world = new();

    [Fact]
    public void The_state_comes_first_and_then_exactly_what_changed_after_it()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        var stream = _world.Publisher.Subscribe(null, false, false, null);
        _world.Uevent("add", "/devices/virtual/net/b");
        var replies = StreamWorld.Read(stream);
        Assert.Equal("a", Assert.Single(replies[0].GetProperty("state").EnumerateArray()).GetProperty("sysname").GetString());
        Assert.True(replies[0].GetProperty("ready").GetBoolean());
        Assert.Equal("b", Assert.Single(replies[1].GetProperty("events").EnumerateArray()).GetProperty("device").GetProperty("sysname").GetString());
        Assert.Equal(2, replies.Count);
    }

    [Fact]
    public void A_cursor_resumes_right_after_its_event_without_a_gap_or_a_duplicate()
    {
        var stream = _world.Publisher.Subscribe(null, true, false, null);
        _world.Uevent("add", "/devices/virtual/net/a");
        var cursor = StreamWorld.Read(stream)[^1].GetProperty("events")[0].GetProperty("cursor").GetString();
        _world.Uevent("add", "/devices/virtual/net/b");
        _world.Uevent("remove", "/devices/virtual/net/a");
        Assert.Equal(["add b", "remove a"], StreamWorld.Events(_world.Publisher.Subscribe(null, false, false, cursor)));
    }

    [Fact]
    public void A_cursor_resumes_a_filtered_subscription_too()
    {
        var filter = new DeviceFilter { Subsystems = [Glob.Parse("net")] };
        _world.Uevent("add", "/devices/virtual/net/a");
        var cursor = _world.Publisher.LastCursor.ToString();
        _world.Uevent("add", "/devices/virtual/misc/m");
        _world.Uevent("change", "/devices/virtual/net/a");
        Assert.Equal(["change a"], StreamWorld.Events(_world.Publisher.Subscribe(filter, false, false, cursor)));
    }

    [Theory]
    [InlineData("nonsense", "cursorUnknown")]
    [InlineData("0000000000000008-1", "restarted")]
    [InlineData("0000000000000007-99", "cursorUnknown")]
    public void A_cursor_that_cannot_resume_gets_a_gap_and_the_state(string cursor, string reason)
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        var replies = StreamWorld.Read(_world.Publisher.Subscribe(null, false, false, cursor));
        Assert.Equal(reason, replies[0].GetProperty("gap").GetProperty("reason").GetString());
        Assert.Single(replies[1].GetProperty("state").EnumerateArray());
    }

    [Fact]
    public void A_cursor_from_before_an_overrun_never_resumes_across_it()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        var cursor = _world.Publisher.LastCursor.ToString();
        _world.Publisher.Gap("kernelOverrun", 3);
        _world.Publisher.Reconciled(_world.Now);
        var replies = StreamWorld.Read(_world.Publisher.Subscribe(null, false, false, cursor));
        Assert.Equal("kernelOverrun", replies[0].GetProperty("gap").GetProperty("reason").GetString());
        Assert.Single(replies[1].GetProperty("state").EnumerateArray());
    }

    [Fact]
    public void Between_a_gap_and_its_state_nothing_is_delivered_twice()
    {
        var stream = _world.Publisher.Subscribe(null, false, false, null);
        _ = StreamWorld.Read(stream);
        _world.Publisher.Gap("kernelOverrun", 3);
        _world.Uevent("add", "/devices/virtual/net/a");
        var late = _world.Publisher.Subscribe(null, false, false, null);
        Assert.Equal("kernelOverrun", Assert.Single(StreamWorld.Read(stream)).GetProperty("gap").GetProperty("reason").GetString());
        Assert.Empty(StreamWorld.Read(late));
        _world.Publisher.Reconciled(_world.Now);
        foreach (var one in new[] { stream, late })
            Assert.Single(Assert.Single(StreamWorld.Read(one)).GetProperty("state").EnumerateArray());
    }

    [Fact]
    public void A_subscriber_that_does_not_read_loses_its_queue_and_gets_one_gap_with_the_state()
    {
        var stream = _world.Publisher.Subscribe(null, false, false, null);
        _ = StreamWorld.Read(stream);
        _world.Uevent("add", "/devices/virtual/net/a");
        for (var i = 0; i < SubscriberStream.MaxEvents + 10; i++)
            _world.Uevent("change", "/devices/virtual/net/a");
        var replies = StreamWorld.Read(stream);
        Assert.Equal("subscriberTooSlow", replies[0].GetProperty("gap").GetProperty("reason").GetString());
        Assert.Single(replies[1].GetProperty("state").EnumerateArray());
        Assert.Equal(2, replies.Count);
        Assert.Equal(0, stream.QueuedBytes);
        _world.Uevent("change", "/devices/virtual/net/a");
        Assert.Equal(["change a"], StreamWorld.Events(stream));
    }

    [Fact]
    public void A_device_that_leaves_a_filter_by_a_rename_is_removed_and_one_that_enters_is_added()
    {
        var filter = new DeviceFilter { SysNames = [Glob.Parse("eth*")] };
        var stream = _world.Publisher.Subscribe(filter, false, false, null);
        _world.Uevent("add", "/devices/virtual/net/eth0");
        _world.Uevent("move", "/devices/virtual/net/lan", "DEVPATH_OLD=/devices/virtual/net/eth0");
        _world.Uevent("change", "/devices/virtual/net/lan");
        _world.Uevent("move", "/devices/virtual/net/eth7", "DEVPATH_OLD=/devices/virtual/net/lan");
        _world.Uevent("remove", "/devices/virtual/net/eth7");
        Assert.Equal(["add eth0", "remove eth0", "add eth7", "remove eth7"], StreamWorld.Events(stream));
    }

    [Fact]
    public void A_device_below_a_renamed_one_leaves_a_filter_by_path()
    {
        var filter = new DeviceFilter { DevPaths = [Glob.Parse("/devices/a/**")] };
        _world.Uevent("add", "/devices/a");
        _world.Uevent("add", "/devices/a/child");
        var stream = _world.Publisher.Subscribe(filter, false, false, null);
        _world.Uevent("move", "/devices/b", "DEVPATH_OLD=/devices/a");
        Assert.Equal(["remove child"], StreamWorld.Events(stream));
    }

    [Fact]
    public void Actions_select_events_and_not_devices()
    {
        var filter = new DeviceFilter { Actions = [Glob.Parse("remove")] };
        var stream = _world.Publisher.Subscribe(filter, false, false, null);
        _world.Uevent("add", "/devices/virtual/net/a");
        _world.Uevent("remove", "/devices/virtual/net/a");
        Assert.Equal(["remove a"], StreamWorld.Events(stream));
    }

    [Fact]
    public void Invalid_utf8_arrives_escaped_and_the_rest_unchanged()
    {
        var stream = _world.Publisher.Subscribe(null, true, false, null);
        _world.Uevent("add", "/devices/virtual/net/ä", "QUOTE=\"\\", "TWICE=1", "TWICE=2");
        var device = StreamWorld.Read(stream)[^1].GetProperty("events")[0].GetProperty("device");
        Assert.Equal("ä", device.GetProperty("sysname").GetString());
        Assert.Equal("\"\\", device.GetProperty("properties").GetProperty("QUOTE").GetString());
        Assert.Equal("2", Assert.Single(device.GetProperty("properties").EnumerateObject(), p => p.Name == "TWICE").Value.GetString());
    }

    [Fact]
    public void Variables_of_one_event_let_no_device_into_a_filter_and_none_out()
    {
        var shot = _world.Publisher.Subscribe(new DeviceFilter { Properties = [KeyValuePair.Create("SHOT"u8.ToArray(), Glob.Parse("*"))] }, false, false, null);
        var own = _world.Publisher.Subscribe(new DeviceFilter { Properties = [KeyValuePair.Create("K"u8.ToArray(), Glob.Parse("v"))] }, false, false, null);
        _world.Uevent("add", "/devices/virtual/net/a", "K=v");
        _world.Uevent("change", "/devices/virtual/net/a", "K=v", "SHOT=1");
        _world.Uevent("change", "/devices/virtual/net/a", "SHOT=2");
        _world.Uevent("change", "/devices/virtual/net/a", "SYNTH_UUID=0", "K=w");
        Assert.Empty(StreamWorld.Events(shot));
        Assert.Equal(["add a", "change a", "change a", "remove a"], StreamWorld.Events(own));
    }

    [Fact]
    public void Subscribers_that_begin_together_share_the_pages_of_the_state()
    {
        _world.Uevent("add", "/devices/virtual/net/a");
        var first = _world.Publisher.Subscribe(null, false, false, null);
        var second = _world.Publisher.Subscribe(null, false, false, null);
        _ = first.TryTakeFrame(out var one);
        _ = second.TryTakeFrame(out var other);
        Assert.NotNull(one);
        Assert.Same(one, other);
        var third = _world.Publisher.Subscribe(null, false, false, null);
        _world.Uevent("add", "/devices/virtual/net/b");
        var fourth = _world.Publisher.Subscribe(null, false, false, null);
        _ = third.TryTakeFrame(out var before);
        _ = fourth.TryTakeFrame(out var after);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void A_filtered_subscriber_gets_each_event_complete_even_if_it_matches_rarely()
    {
        var filter = new DeviceFilter { SysNames = [Glob.Parse("*")] };
        _world.Uevent("add", "/devices/virtual/net/a");
        var streams = Enumerable.Range(0, 50).Select(_ => _world.Publisher.Subscribe(filter, false, false, null)).ToList();
        foreach (var stream in streams)
            _ = StreamWorld.Read(stream);
        for (var i = 0; i < 10_000; i++)
            _world.Uevent("change", "/devices/virtual/net/a");
        foreach (var stream in streams)
            Assert.Equal(10_000, StreamWorld.Events(stream).Count);
    }
}
