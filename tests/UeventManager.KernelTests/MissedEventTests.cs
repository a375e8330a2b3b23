using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// Where nobody keeps the kernel's socket, a uevent between two runs that leaves nothing in sysfs is lost. Without these a subscriber that
/// resumes is never told.
/// </summary>
public sealed class MissedEventTests
{
    [Fact]
    public void A_change_between_two_runs_is_a_gap_with_the_state()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var injector = new UeventInjector(sandbox);
        var cursor = Cursor(daemon);
        Assert.Equal(0, daemon.Terminate());
        injector.Send("change", "/devices/virtual/net/lo", "net");
        daemon.StartAgain();
        using var resumed = daemon.Subscribe(new { cursor });
        Assert.Equal("restarted", resumed.WaitForGap(Deadline.Default).GetProperty("reason").GetString());
        Assert.Contains("/devices/virtual/net/lo", resumed.Picture.Keys);
        daemon.SaidOnce(line => line.Contains("may have been lost since the last run", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(7, 7, false)]
    [InlineData(7, 8, true)]
    [InlineData(null, null, true)]
    public void The_kernels_number_decides(int? stop, int? start, bool isGap)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        if (stop is { } before)
            sysfs.SetSeqnum(before);
        sysfs.AddDevice("/devices/virtual/re/a", "re");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var cursor = Cursor(daemon);
        Assert.Equal(0, daemon.Terminate());
        if (start is { } after)
            sysfs.SetSeqnum(after);
        daemon.StartAgain();
        using var resumed = daemon.Subscribe(new { cursor });
        Assert.Equal(isGap, resumed.Gaps.Count == 1);
        Assert.Equal(isGap ? ["/devices/virtual/re/a"] : [], resumed.Picture.Keys);
        // The gap is told once: what comes from now on has cursors of this run.
        cursor = Cursor(daemon);
        using var again = daemon.Subscribe(new { cursor });
        Assert.Empty(again.Gaps);
    }

    [Fact]
    public void A_stateless_subscriber_gets_the_gap_and_all_known_devices()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        string cursor;
        using (var subscription = daemon.Subscribe(new { stateless = true }))
        {
            injector.Send("add", sysfs.AddDevice("/devices/virtual/re/seen", "re"));
            cursor = subscription.NextEvent().Cursor;
            injector.Send("add", sysfs.AddDevice("/devices/virtual/re/unread", "re"));
            subscription.NextEvent();
        }
        Assert.Equal(0, daemon.Terminate());
        sysfs.AddDevice("/devices/virtual/re/meanwhile", "re");
        daemon.StartAgain();
        using var resumed = daemon.Subscribe(new { cursor, stateless = true });
        Assert.Equal(["add unread", "add meanwhile"], Enumerable.Range(0, 2).Select(_ => resumed.NextEvent()).Select(one => $"{one.Action} {one.Device.SysName}"));
        Assert.Equal("restarted", Assert.Single(resumed.Gaps).GetProperty("reason").GetString());
    }

    private static string Cursor(DaemonProcess daemon) => daemon.Call("List").GetProperty("cursor").GetString()!;
}
