using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>
/// The fifth thread's first half: sriov_enable() announces its CHANGE one line before it sets the number, and whoever reads at that moment
/// gets the old one. The virtual functions are there, the number is 0.
/// </summary>
public sealed class StaleSriovNumberTests : IDisposable
{
    private static readonly string[] s_virtual = [.. Enumerable.Range(0, 4).Select(i => $"0000:3b:10.{i}")];
    private readonly Stage _stage = new("pci");
    private readonly SriovFunction _function;

    public StaleSriovNumberTests() => _function = new SriovFunction(_stage);

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void Four_virtual_functions_and_then_their_functions_change_come_in_one_transaction_once_the_number_is_right()
    {
        using var subscriber = _stage.Begin(Stage.Shipped("45-sriov.yaml"), "pci");
        _function.EnableAndAnnounce(4);
        Assert.Empty(_stage.UpToNow(subscriber));

        _function.Number(4);
        var events = Take(subscriber, 5);
        Assert.Equal(s_virtual, events.SkipLast(1).Select(one => one.Device.SysName).Order(StringComparer.Ordinal));
        Assert.All(events.SkipLast(1), one => Assert.Equal(("add", true), (one.Action, one.Device.Settled)));
        Assert.True(events[^1].Is("change", SriovFunction.Address), events[^1].ToString());
        Assert.Equal("4", events[^1].Device.Attribute("sriov_numvfs"));
        var group = events[0].Json.GetProperty("group").GetRawText();
        Assert.All(events, one => Assert.Equal((group, events[0].Cursor), (one.Json.GetProperty("group").GetRawText(), one.Cursor)));
        Assert.False(events[0].Json.GetProperty("group").GetProperty("partial").GetBoolean());
        Assert.Empty(_stage.UpToNow(subscriber));
    }

    [Fact]
    public void Writing_zero_gives_four_removes_and_one_change_of_ours_with_the_new_number()
    {
        _function.EnableAndAnnounce(4);
        _function.Number(4);
        using var subscriber = _stage.Begin(Stage.Shipped("45-sriov.yaml"), "pci");
        Assert.Equal(5, subscriber.Picture.Count);

        _function.Disable();
        // The kernel says nothing of the function, and its number is the old one until sriov_disable() is done.
        Assert.Equal(s_virtual.Select(name => $"remove {name}"), Stage.Names(_stage.UpToNow(subscriber)));
        _function.Number(0);
        var change = subscriber.NextEvent();
        Assert.True(change.Is("change", SriovFunction.Address) && change.Synthetic, change.ToString());
        Assert.Equal("0", change.Device.Attribute("sriov_numvfs"));
        Assert.Empty(_stage.UpToNow(subscriber));
        _stage.EndsEqual(subscriber);
    }

    [Fact]
    public void Creating_and_removing_virtual_functions_ten_times_gives_the_same_events_each_time()
    {
        using var subscriber = _stage.Begin(Stage.Shipped("45-sriov.yaml"), "pci");
        for (var round = 0; round < 10; round++)
        {
            _function.EnableAndAnnounce(4);
            _function.Number(4);
            Assert.Equal("4", Take(subscriber, 5)[^1].Device.Attribute("sriov_numvfs"));
            _function.Disable();
            _function.Number(0);
            var gone = Take(subscriber, 5);
            Assert.Equal([.. s_virtual.Select(name => $"remove {name}"), $"change {SriovFunction.Address}"], Stage.Names(gone));
            Assert.Equal("0", gone[^1].Device.Attribute("sriov_numvfs"));
        }

        _stage.EndsEqual(subscriber);
    }

    private static List<EventView> Take(Subscription subscriber, int count) => [.. Enumerable.Range(0, count).Select(_ => subscriber.NextEvent())];
}
