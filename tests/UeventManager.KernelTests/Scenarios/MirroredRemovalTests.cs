using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>Removes come in the reverse order of creation.</summary>
public sealed class MirroredRemovalTests : IDisposable
{
    private const string Controller = "/devices/pci0000:00/0000:00:04.0";
    private static readonly string[] s_chain = [Controller, $"{Controller}/nvme/nvme0", $"{Controller}/nvme/nvme0/nvme0n1"];
    private static readonly string[] s_second = [.. s_chain, $"{Controller}/nvme/nvme0/nvme0n2"];
    private readonly Stage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void Lost_removes_below_an_unplugged_controller_are_synthesised_youngest_first()
    {
        using var subscriber = Plug(s_second);
        Lose();
        var events = _stage.UpToNow(subscriber);
        Assert.Equal(["remove nvme0n2", "remove nvme0n1", "remove nvme0", "remove 0000:00:04.0"], Stage.Names(events));
        Assert.Equal([true, true, true, false], events.Select(one => one.Synthetic));
        _stage.EndsEqual(subscriber);
    }

    [Fact]
    public void The_childrens_removes_that_come_after_their_parents_are_told_before_it_and_once()
    {
        using var subscriber = Plug(s_chain);
        Lose();
        _stage.Kernel.Send("remove", s_chain[1], "card");
        _stage.Kernel.Send("remove", s_chain[2], "card");
        Assert.Equal(["remove nvme0n1", "remove nvme0", "remove 0000:00:04.0"], Stage.Names(_stage.UpToNow(subscriber)));
        Assert.Equal(2, _stage.Daemon.Counters()["unknownRemoves"]);
        _stage.EndsEqual(subscriber);
    }

    [Fact]
    public void The_order_of_the_kernels_events_is_kept()
    {
        using var subscriber = Plug(s_chain);
        foreach (var devpath in Enumerable.Reverse(s_chain))
            _stage.Kernel.Send("remove", devpath, "card");
        Unplug();
        var events = _stage.UpToNow(subscriber);
        Assert.Equal(["remove nvme0n1", "remove nvme0", "remove 0000:00:04.0"], Stage.Names(events));
        Assert.DoesNotContain(events, one => one.Synthetic);
        Assert.Equal(0, _stage.Daemon.Counters()["syntheticRemoves"]);
    }

    [Fact]
    public void A_child_that_still_waits_when_its_controller_is_unplugged_is_never_announced()
    {
        using var subscriber = Plug(s_chain);
        var late = _stage.Sysfs.AddDevice($"{Controller}/nvme/nvme0/late0", "card");
        _stage.Kernel.Send("add", late);
        Assert.Empty(_stage.UpToNow(subscriber));
        Lose();
        Assert.Equal(["remove nvme0n1", "remove nvme0", "remove 0000:00:04.0"], Stage.Names(_stage.UpToNow(subscriber)));
        _stage.EndsEqual(subscriber);
    }

    [Fact]
    public void A_controller_that_comes_back_before_its_childrens_late_removes_keeps_its_new_children()
    {
        using var subscriber = Plug(s_chain);
        Lose();
        foreach (var devpath in s_chain)
            _stage.Kernel.Send("add", _stage.Sysfs.AddDevice(devpath, "card"));
        Assert.Equal(
            ["remove nvme0n1", "remove nvme0", "remove 0000:00:04.0", "add 0000:00:04.0", "add nvme0", "add nvme0n1"],
            Stage.Names(_stage.UpToNow(subscriber)));
        _stage.EndsEqual(subscriber);
    }

    private Subscription Plug(string[] devpaths)
    {
        const string Rules = "version: 1\nsubsystem: card\nrules:\n  - {name: late, match: {sysname: \"late*\"}, wait: [{exists: ready}], timeout: 10min}\n";
        var subscriber = _stage.Begin(Rules, "card");
        Directory.CreateDirectory(_stage.Sysfs.Root + "/class/card");
        foreach (var devpath in devpaths)
            _stage.Kernel.Send("add", _stage.Sysfs.AddDevice(devpath, "card"));
        Assert.Equal(devpaths.Length, _stage.UpToNow(subscriber).Count);
        return subscriber;
    }

    /// <summary>Only the controller's own remove arrives.</summary>
    private void Lose()
    {
        _stage.Kernel.Send("remove", Controller, "card");
        Unplug();
    }

    private void Unplug()
    {
        Directory.Delete(_stage.Sysfs.Root + Controller, recursive: true);
        Directory.Delete(_stage.Sysfs.Root + "/class/card", recursive: true);
        Directory.CreateDirectory(_stage.Sysfs.Root + "/class/card");
    }
}
