using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>After an overrun the daemon finds what the kernel dropped, and every subscriber learns of the loss.</summary>
public sealed class OverrunTests
{
    [Fact]
    public void After_a_kernel_overrun_the_subscriber_is_told_and_its_picture_equals_the_tree()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var old = AddOld(sysfs);
        using var daemon = StartWithSmallBuffer(sandbox, sysfs);
        using var subscription = daemon.Subscribe();
        Assert.Equal(200, subscription.Picture.Count);

        daemon.Freeze();
        using var injector = new UeventInjector(sandbox);
        Flood(sysfs, injector, old);
        var lostBefore = Drops(sandbox);
        daemon.Thaw();

        var gap = subscription.WaitForGap(Deadline.Seconds(30));
        Assert.Equal("kernelOverrun", gap.GetProperty("reason").GetString());
        // The machine's own devices are heard here too, and may be lost while we look.
        Assert.InRange(gap.GetProperty("lost").GetInt64(), lostBefore, Drops(sandbox));
        Eventually.SameSet(sysfs.DevPaths, () => daemon.List().Select(device => device.DevPath), Deadline.Default, "List equals the tree");
        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), subscription.Picture.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("--receive-buffer", daemon.Log, StringComparison.Ordinal);
        Assert.True(daemon.Counters().Values.Contains(gap.GetProperty("lost").GetInt64()), "no counter names what was lost");
    }

    [Fact]
    public void After_an_overrun_the_daemon_still_hears_the_kernel()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var old = AddOld(sysfs);
        using var daemon = StartWithSmallBuffer(sandbox, sysfs);
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        daemon.Freeze();
        Flood(sysfs, injector, old);
        daemon.Thaw();
        subscription.WaitForGap(Deadline.Seconds(30));
        injector.Send("add", sysfs.AddDevice("/devices/virtual/flood/after", "flood"));
        subscription.WaitForEvent(one => one.Is("add", "after"));
    }

    [Fact]
    public void A_cursor_from_before_an_overrun_does_not_resume_over_what_was_lost()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var old = AddOld(sysfs);
        using var daemon = StartWithSmallBuffer(sandbox, sysfs);
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        injector.Send("change", old[^1]);
        var before = subscription.WaitForEvent(one => one.Is("change", old[^1].DevPath.Split('/')[^1])).Cursor;
        daemon.Freeze();
        Flood(sysfs, injector, old);
        daemon.Thaw();
        subscription.WaitForGap(Deadline.Seconds(30));
        using var late = daemon.Subscribe(new { cursor = before });
        Assert.Equal("kernelOverrun", late.WaitForGap(Deadline.Default).GetProperty("reason").GetString());
        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), late.Picture.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_subscriber_that_is_cut_off_within_a_replay_has_a_cursor_that_still_resumes_all_of_it()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var first = daemon.Subscribe();
        for (var i = 0; i < 10; i++)
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/replay/r{i}", "replay"));
        var cursor = first.WaitForEvent(one => one.Is("add", "r0")).Cursor;
        first.WaitForEvent(one => one.Is("add", "r9"));
        using var probe = daemon.Connect();
        probe.Send(VarlinkProbe.Devices + "Subscribe", new { cursor }, more: true);
        var ready = probe.Read("ready", Deadline.Default).Parameters;
        Assert.True(ready.GetProperty("ready").GetBoolean());
        using var again = daemon.Subscribe(new { cursor = ready.GetProperty("cursor").GetString(), filter = new { subsystems = new[] { "replay" } } });
        Assert.Equal("r1", again.NextEvent().Device.SysName);
        Assert.Equal(8, again.EventsUntil(one => one.Is("add", "r9")).Count);
    }

    private static List<FakeDevice> AddOld(FakeSysfs sysfs) =>
        [.. Enumerable.Range(0, 200).Select(i => sysfs.AddDevice($"/devices/virtual/flood/old{i}", "flood"))];

    private static DaemonProcess StartWithSmallBuffer(Sandbox sandbox, FakeSysfs sysfs) =>
        DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Arguments = ["--receive-buffer", "65536"] });

    /// <summary>Half of the old devices go, as many new ones come, and most of the events of both are lost among changes.</summary>
    private static void Flood(FakeSysfs sysfs, UeventInjector injector, List<FakeDevice> old)
    {
        for (var i = 0; i < 100; i++)
        {
            for (var noise = 0; noise < 20; noise++)
                injector.Send("change", old[100 + i]);
            injector.Send("remove", old[i]);
            old[i].Remove();
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/flood/new{i}", "flood"));
        }
    }

    private static long Drops(Sandbox sandbox) => NetlinkListener.Of(sandbox).Sum(listener => listener.Drops);
}
