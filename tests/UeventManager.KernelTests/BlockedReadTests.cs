using UeventManager.Core.Settle;
using UeventManager.KernelTests.Harness;
using UeventManager.KernelTests.Scenarios;
using UeventManager.Sysfs;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>G5 on the real kernel: a read that hangs delays its device, as long as its rule says, and nothing else.</summary>
public sealed class BlockedReadTests : IDisposable
{
    private const int Others = 50;
    private const string Rules = """
        version: 1
        subsystem: slow
        rules:
          - {name: number, match: {sysname: "pf*"}, wait: [{attribute: numvfs, equals: "4"}], timeout: TIMEOUT, onTimeout: deliver}
          - {name: held, match: {sysname: "held*"}, wait: [{attribute: numvfs, equals: "4"}], timeout: 500ms}
          - {name: value, match: {sysname: "value*"}, wait: [{attribute: value, equals: "1"}], timeout: 10min, onTimeout: deliver}
          - {name: ready, wait: [{exists: ready}], timeout: 10min}
        """;

    private readonly Stage _stage = new();
    private readonly List<IBlockedFile> _blocked = [];
    private int _made;

    public void Dispose()
    {
        foreach (var blocked in _blocked)
            blocked.Dispose();
        _stage.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_blocked_read_delays_only_its_device_is_abandoned_at_the_deadline_and_is_listed_until_it_returns(bool fuse)
    {
        // All the others must settle within it, on any machine.
        var timeout = TestTime.Seconds(1);
        using var subscriber = Begin($"{timeout.TotalSeconds}s");
        var (before, _) = LatencyOfOthers(subscriber);
        var (function, file) = Blocked(fuse);
        var sinceUsec = MonotonicClock.Usec;
        _stage.Kernel.Send("add", function);
        Eventually.Holds(() => file.IsBeingRead, Deadline.Default, "the number is being read");

        var (during, lastUsec) = LatencyOfOthers(subscriber);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Others} others, before: {before}; while a read hangs: {during}");
        Assert.True(file.IsBeingRead);
        var add = subscriber.NextEvent();
        Assert.Equal(("add", function.DevPath, false), (add.Action, add.Device.DevPath, add.Device.Settled));
        Assert.Equal(["attribute: numvfs equals \"4\" (no answer)"], add.Device.Missing);
        Assert.InRange(lastUsec, add.ArrivedUsec, add.ArrivedUsec + (long)timeout.TotalMicroseconds);
        Assert.InRange(TimeSpan.FromMicroseconds(add.SettledUsec - add.ArrivedUsec), timeout, timeout + TestTime.Seconds(20));

        Assert.True(file.IsBeingRead);
        var stuck = Assert.Single(Stuck());
        Assert.Equal((function.DevPath, "numvfs"), (stuck.DevPath, stuck.Attribute));
        Assert.InRange(stuck.SinceUsec, sinceUsec, add.SettledUsec);
        var status = RunningProcess.Start(Repository.Ueventctl, ["status", "--socket", _stage.Daemon.SocketPath]);
        Assert.Equal(0, status.WaitForExit(Deadline.Default));
        Assert.Matches($"{function.DevPath} +numvfs +[0-9.]+ s", status.Output);

        file.Answer("4\n");
        Eventually.Holds(() => Stuck().Count == 0, Deadline.Default, "the read has returned");
        Assert.Equal(0, _stage.Daemon.Counters()["stuckReads"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_removal_is_delivered_although_the_read_still_hangs(bool fuse)
    {
        using var subscriber = Begin("10min");
        var (announced, file) = Announced(subscriber, fuse);
        _stage.Kernel.Send("change", announced);
        Eventually.Holds(() => file.IsBeingRead, Deadline.Default, "the number is being read");
        _stage.Kernel.Send("remove", announced);
        var remove = subscriber.NextEvent();
        Assert.True(remove.IsAt("remove", announced.DevPath), remove.ToString());
        Assert.True(file.IsBeingRead);
        Assert.Equal(announced.DevPath, Assert.Single(Stuck()).DevPath);
    }

    [Fact]
    public void A_device_that_is_looked_at_repeatedly_blocks_only_one_thread()
    {
        using var subscriber = Begin($"{TestTime.Seconds(0.3).TotalMilliseconds}ms");
        var (announced, file) = Announced(subscriber, fuse: false);
        for (var i = 0; i < 5; i++)
        {
            _stage.Kernel.Send("change", announced, $"ROUND={i}");
            var change = subscriber.NextEvent();
            Assert.Equal(("change", false), (change.Action, change.Device.Settled));
        }

        Assert.Single(Stuck());
        file.Answer("4\n");
        Eventually.Holds(() => Stuck().Count == 0, Deadline.Default, "the read has returned");
        _stage.Kernel.Send("change", announced);
        Assert.True(subscriber.NextEvent().Device.Settled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_held_device_is_announced_when_the_read_returns_and_not_at_its_next_look(bool fuse)
    {
        using var subscriber = Begin("10min");
        var function = _stage.Sysfs.AddDevice("/devices/virtual/slow/held0", "slow");
        function.Write("numvfs", "4\n");
        var file = Block(function, fuse);
        _stage.Kernel.Send("add", function);
        Eventually.Holds(() => _stage.Daemon.Call("Status").GetProperty("held").GetInt64() == 1 && Stuck().Count == 1, Deadline.Default, "it is held");
        var returned = MonotonicClock.Usec;
        file.Answer("4\n");
        var add = subscriber.NextEvent();
        Assert.Equal(("add", function.DevPath, true), (add.Action, add.Device.DevPath, add.Device.Settled));
        // It was held after half a second, and would be looked at again so long after that.
        Assert.InRange(add.SettledUsec, returned, add.ArrivedUsec + 500_000 + LookTimes.HeldUsec - 1);
    }

    [Fact]
    public void At_the_limit_of_blocked_reads_other_devices_with_values_wait_for_their_deadline_and_those_without_do_not_wait()
    {
        const int Most = AttributeReaders.MaxStuck + AttributeReaders.DefaultWorkers;
        using var subscriber = Begin("500ms");
        var deadline = Deadline.Seconds(30);
        for (var due = Most; due > 0; due = Most - Stuck().Count)
        {
            Assert.False(deadline.Passed, $"only {Most - due} reads hang");
            var functions = Enumerable.Range(0, due).Select(_ => Blocked(fuse: false).Function).ToList();
            functions.ForEach(function => _stage.Kernel.Send("add", function));
            functions.ForEach(_ => Assert.False(subscriber.NextEvent().Device.Settled));
        }

        var more = Enumerable.Range(0, 8).Select(_ => Blocked(fuse: false).Function).ToList();
        more.ForEach(function => _stage.Kernel.Send("add", function));
        var value = Other("value");
        _stage.Kernel.Send("add", value);
        var ready = Other("ready");
        _stage.Kernel.Send("add", ready);
        var first = subscriber.WaitForEvent(one => one.Device.SysName.StartsWith("ready", StringComparison.Ordinal) || one.Device.DevPath == value.DevPath);
        Assert.Equal((ready.DevPath, true), (first.Device.DevPath, first.Device.Settled));
        more.ForEach(function => Assert.False(subscriber.WaitForEvent(one => one.Device.DevPath == function.DevPath).Device.Settled));
        Assert.Equal(Most, Stuck().Count);

        // One returns: its thread reads on.
        _blocked[0].Answer("4\n");
        Assert.True(subscriber.WaitForEvent(one => one.Device.DevPath == value.DevPath).Device.Settled);
        Assert.Equal(Most - 1, Stuck().Count);
    }

    [Fact]
    public void Sigterm_ends_the_daemon_at_once_although_a_read_hangs()
    {
        using var subscriber = Begin("10min");
        var (function, file) = Blocked(fuse: false);
        _stage.Kernel.Send("add", function);
        Eventually.Holds(() => file.IsBeingRead, Deadline.Default, "the number is being read");
        Assert.Equal(0, _stage.Daemon.Terminate());
    }

    [Fact]
    public void With_an_uninterruptible_read_sigterm_closes_the_sockets_and_the_process_ends_when_the_read_does()
    {
        using var subscriber = Begin("10min");
        var (function, file) = Blocked(fuse: true);
        _stage.Kernel.Send("add", function);
        Eventually.Holds(() => file.IsBeingRead, Deadline.Default, "the number is being read");
        using var idle = _stage.Daemon.Connect();
        Assert.Single(NetlinkListener.Of(_stage.Sandbox));
        _stage.Daemon.Signal(Syscalls.SIGTERM);
        Assert.True(idle.IsClosed(Deadline.Default));
        Eventually.Holds(() => VarlinkProbe.TryConnect(_stage.Daemon.SocketPath) is null, Deadline.Default, "nobody listens");
        Eventually.Holds(() => NetlinkListener.Of(_stage.Sandbox).Count == 0, Deadline.Default, "nobody hears the kernel");
        Assert.True(file.IsBeingRead);
        Assert.True(Directory.Exists($"/proc/{_stage.Daemon.Pid}"));
        var next = _stage.Sandbox.Start(
            [Repository.Ueventctl, "daemon", "--sysfs", _stage.Sysfs.Root, "--socket", _stage.Daemon.SocketPath, "--rules", _stage.Daemon.RulesDirectory]);
        using var probe = Eventually.Get(() => VarlinkProbe.TryConnect(_stage.Daemon.SocketPath), Deadline.Default, "the next daemon listens");
        Assert.False(next.HasExited);
        file.Answer("4\n");
        Assert.Equal(0, _stage.Daemon.WaitForExit());
    }

    private Subscription Begin(string timeout)
    {
        Directory.CreateDirectory(_stage.Sysfs.Root + "/class/slow");
        return _stage.Begin(Rules.Replace("TIMEOUT", timeout, StringComparison.Ordinal), "slow");
    }

    private (FakeDevice Function, IBlockedFile File) Blocked(bool fuse)
    {
        var function = _stage.Sysfs.AddDevice($"/devices/virtual/slow/pf{_made++}", "slow");
        function.Write("numvfs", "4\n");
        return (function, Block(function, fuse));
    }

    private IBlockedFile Block(FakeDevice function, bool fuse)
    {
        _blocked.Add(fuse
            ? new FuseFile(_stage.Sandbox, function.Path + "/numvfs")
            : new FifoFile(function, "numvfs", () => _stage.Daemon.Pid));
        return _blocked[^1];
    }

    private (FakeDevice Function, IBlockedFile File) Announced(Subscription subscriber, bool fuse)
    {
        var function = _stage.Sysfs.AddDevice($"/devices/virtual/slow/pf{_made++}", "slow");
        function.Write("numvfs", "4\n");
        _stage.Kernel.Send("add", function);
        Assert.True(subscriber.NextEvent().Device.Settled);
        return (function, Block(function, fuse));
    }

    private FakeDevice Other(string kind)
    {
        var device = _stage.Sysfs.AddDevice($"/devices/virtual/slow/{kind}{_made++}", "slow");
        device.Write("value", "1\n");
        device.Write("ready", "");
        return device;
    }

    /// <summary>Half of them need a value to be read too. The latencies, and when the last settled.</summary>
    private (string Figures, long LastUsec) LatencyOfOthers(Subscription subscriber)
    {
        var latencies = new List<long>();
        var last = 0L;
        for (var i = 0; i < Others; i++)
        {
            var device = Other(i % 2 == 0 ? "value" : "ready");
            _stage.Kernel.Send("add", device);
            var add = subscriber.NextEvent();
            Assert.Equal((device.DevPath, true), (add.Device.DevPath, add.Device.Settled));
            latencies.Add(add.SettledUsec - add.ArrivedUsec);
            last = add.SettledUsec;
        }

        latencies.Sort();
        return ($"median {latencies[Others / 2]} µs, longest {latencies[^1]} µs", last);
    }

    private List<(string DevPath, string Attribute, long SinceUsec)> Stuck() =>
        _stage.Daemon.Call("Status").TryGetProperty("stuckReads", out var reads)
            ? [.. reads.EnumerateArray().Select(read => (read.GetProperty("devpath").GetString()!, read.GetProperty("attribute").GetString()!, read.GetProperty("sinceUsec").GetInt64()))]
            : [];
}
