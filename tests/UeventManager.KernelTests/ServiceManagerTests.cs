using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Under a service manager a restart loses nothing: the sockets and the state outlive the process.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _directory = new("unit");
    private readonly RunningProcess _manager;
    private int _seen;

    public ServiceManagerTests()
    {
        var python = Requires.Tool("python3");
        var script = Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/service-manager.py");
        _manager = _sandbox.Start(
        [
            python, script, _directory.Path, Repository.Ueventctl, "daemon", "--sysfs", _sysfs.Root, "--rules", _directory.Path, "--socket", _directory.Combine("own"),
        ]);
    }

    private string Socket => _directory.Combine("subscribers");

    public void Dispose()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{_manager.Output}\n{_manager.Error}");
        _manager.CloseInput();
        _manager.WaitForExit(Deadline.Default);
        _sandbox.Dispose();
        _sysfs.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void An_orderly_restart_keeps_every_event_as_the_kernel_sent_it()
    {
        using var injector = new UeventInjector(_sandbox);
        var device = _sysfs.AddDevice("/devices/virtual/unit/u0", "unit");
        Do("start");
        WaitFor("notify READY=1");
        string cursor;
        using (var subscription = Subscription.Open(Socket).WaitReady())
        {
            injector.Send("change", device, "N=1");
            cursor = subscription.NextEvent().Cursor;
            injector.Send("change", device, "N=2");
            subscription.NextEvent();
        }
        Do("stop");
        WaitFor("notify STOPPING=1");
        WaitFor("notify FDSTORE=1 FDNAME=state");
        Assert.Equal("ended 0", WaitFor("ended"));
        Assert.False(File.Exists(_directory.Combine("own.state")));
        // Nothing of this is to be seen in the tree later.
        injector.Send("change", device, "N=3");
        injector.Send("add", "/devices/virtual/unit/passing", "unit");
        injector.Send("remove", "/devices/virtual/unit/passing", "unit");
        // The unit's socket takes connections while nobody serves them.
        using var early = VarlinkProbe.Connect(Socket);
        Do("start");
        WaitFor("notify FDSTOREREMOVE=1 FDNAME=state");
        WaitFor("notify READY=1");
        using var resumed = Subscription.Open(early, new { cursor });
        string[] expected = ["change 2", "change 3", "add ", "remove "];
        Assert.Equal(expected, Enumerable.Range(0, 4).Select(_ => resumed.NextEvent()).Select(one => $"{one.Action} {one.Device.Property("N")}"));
        Assert.Empty(resumed.Gaps);
    }

    [Fact]
    public void A_start_that_fails_leaves_the_hand_over_in_the_descriptor_store()
    {
        using var injector = new UeventInjector(_sandbox);
        var cursor = CursorOfARun(injector);
        File.WriteAllText(_directory.Combine("bad.yaml"), "nonsense");
        Do("start");
        Do("wait");
        WaitFor("ended 1");
        Assert.DoesNotContain("FDSTOREREMOVE", _manager.Output, StringComparison.Ordinal);
        File.Delete(_directory.Combine("bad.yaml"));
        Do("start");
        WaitFor("notify READY=1");
        using var resumed = Subscription.Open(Socket, new { cursor }).WaitReady();
        Assert.Empty(resumed.Gaps);
    }

    [Fact]
    public void After_a_kill_the_next_run_has_no_old_state_and_says_so()
    {
        using var injector = new UeventInjector(_sandbox);
        var cursor = CursorOfARun(injector);
        Do("start");
        WaitFor("notify READY=1");
        Do("kill");
        WaitFor("ended -9");
        injector.Send("add", _sysfs.AddDevice("/devices/virtual/unit/u1", "unit"));
        Do("start");
        WaitFor("notify READY=1");
        using var late = Subscription.Open(Socket, new { cursor });
        Assert.Equal("restarted", late.WaitForGap(Deadline.Default).GetProperty("reason").GetString());
        Assert.Equal(_sysfs.DevPaths().Order(StringComparer.Ordinal), late.Picture.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_engines_own_loop_shows_that_it_lives_and_a_reload_is_told()
    {
        Do("start");
        WaitFor("notify READY=1 STATUS=0 devices");
        WaitFor("notify WATCHDOG=1");
        WaitFor("notify WATCHDOG=1");
        Do("hup");
        WaitFor("notify RELOADING=1 MONOTONIC_USEC=");
        WaitFor("notify READY=1");
    }

    // The cursor of the one event of a run that has ended in order.
    private string CursorOfARun(UeventInjector injector)
    {
        Do("start");
        WaitFor("notify READY=1");
        string cursor;
        using (var subscription = Subscription.Open(Socket).WaitReady())
        {
            injector.Send("add", _sysfs.AddDevice("/devices/virtual/unit/u0", "unit"));
            cursor = subscription.NextEvent().Cursor;
        }
        Do("stop");
        WaitFor("ended 0");
        return cursor;
    }

    private void Do(string what) => _manager.Say(what);

    // The next line that begins so, after the last one waited for.
    private string WaitFor(string start)
    {
        string? found = null;
        Eventually.Holds(
            () =>
            {
                var lines = _manager.Lines;
                for (var i = _seen; i < lines.Count && found is null; i++)
                {
                    if (lines[i].StartsWith(start, StringComparison.Ordinal))
                        (found, _seen) = (lines[i], i + 1);
                }
                return found is not null;
            },
            Deadline.Seconds(30), $"{start}; it said: {_manager.Output}{_manager.Error}");
        return found!;
    }
}
