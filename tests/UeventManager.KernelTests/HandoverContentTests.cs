using System.Buffers.Binary;
using System.Numerics;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A hand-over with a right checksum and wrong content costs at most a gap, and one of another clock costs nothing.</summary>
public sealed class HandoverContentTests : IDisposable
{
    private const int HeaderBytes = 512;
    private const int Rounds = 12;

    private const string Rules = """
        version: 1
        subsystem: re
        rules:
          - name: late
            match: {sysname: "late*"}
            wait: [{exists: ready}]
            timeout: 10min
        """;

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();

    public HandoverContentTests() => _sysfs.SetSeqnum(1);

    public void Dispose()
    {
        _sandbox.Dispose();
        _sysfs.Dispose();
    }

    [Fact]
    public void The_daemon_works_after_any_content_of_the_hand_over()
    {
        var random = Seed.Random();
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
        var cursor = Begin(daemon);
        Assert.Equal(0, daemon.Terminate());
        var state = daemon.SocketPath + ".state";
        var good = File.ReadAllBytes(state);
        for (var round = 0; round < Rounds; round++)
        {
            var bad = Changed(good, random);
            File.WriteAllBytes(state, bad);
            File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            daemon.StartAgain();
            using (var subscription = daemon.Subscribe(new { cursor }))
            {
                // With a gap the state that follows is the tree's; without one it was believed, and what it said of devices is made right by events.
                if (subscription.Gaps.Count > 0)
                    Assert.Equal(Settled(), subscription.Picture.Keys.Order(StringComparer.Ordinal));
            }
            Eventually.SameSet(Settled, () => daemon.List().Select(device => device.DevPath), Deadline.Default, $"round {round}: what is listed is what is there");
            Assert.NotEmpty(daemon.Call("Explain", new { device = "re:late" }).GetProperty("state").GetString()!);
            Assert.InRange(PeakKibibytes(daemon.Pid), 0, 256 << 10);
            Assert.Equal(0, daemon.Terminate());
            Assert.DoesNotContain("because of a bug", daemon.Log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_first_looks_after_a_restart_have_a_time_of_day()
    {
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
        Begin(daemon);
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        Assert.Equal(0, daemon.Terminate());
        daemon.StartAgain();
        var history = daemon.Call("Explain", new { device = "re:late" }).GetProperty("history").EnumerateArray().Select(one => one.GetProperty("realtimeUsec").GetInt64()).ToList();
        Assert.Contains(history, usec => usec >= before);
        Assert.DoesNotContain(0, history);
    }

    [Theory]
    [InlineData("864000", "")]
    [InlineData("", "864000")]
    public void In_another_time_namespace_waiting_devices_keep_waiting_without_endless_looks(string before, string after)
    {
        Requires.TimeNamespaces(_sandbox);
        using var scratch = new ScratchDirectory("time");
        Directory.CreateDirectory(scratch.Combine("rules.d"));
        File.WriteAllText(scratch.Combine("rules.d/10-test.yaml"), Rules);
        string cursor;
        using (var first = Start(scratch, before))
        using (var injector = new UeventInjector(_sandbox))
        {
            using (var subscription = Subscription.Open(Listening(scratch)).WaitReady())
            {
                injector.Send("add", _sysfs.AddDevice("/devices/virtual/re/late", "re"));
                injector.Send("add", _sysfs.AddDevice("/devices/virtual/re/now", "re"));
                cursor = subscription.WaitForEvent(one => one.Is("add", "now")).Cursor;
            }
            first.Signal(Syscalls.SIGTERM);
            Assert.Equal(0, first.WaitForExit(Deadline.Default));
        }
        using var second = Start(scratch, after);
        using var resumed = Subscription.Open(Listening(scratch), new { cursor }).WaitReady();
        Assert.Empty(resumed.Gaps);
        Assert.Contains("uses another clock", second.Error, StringComparison.Ordinal);
        using var probe = Listening(scratch);
        var looks = Looks(probe);
        var since = MonotonicClock.Usec;
        Eventually.Holds(() => MonotonicClock.Usec - since > 1_000_000, Deadline.Default, "a second");
        Assert.Equal(1, probe.Call(VarlinkProbe.Devices + "Status").GetProperty("waiting").GetInt64());
        Assert.InRange(Looks(probe) - looks, 0, 500);
        File.WriteAllText(_sysfs.Root + "/devices/virtual/re/late/ready", "");
        // Other kobjects of the machine are told of in between.
        resumed.WaitForEvent(one => one.Is("add", "late"));
        Assert.Empty(resumed.Gaps);
    }

    private static long Looks(VarlinkProbe probe) => probe.Call(VarlinkProbe.Devices + "Status").GetProperty("counters").GetProperty("looks").GetInt64();

    private string Begin(DaemonProcess daemon)
    {
        using var injector = new UeventInjector(_sandbox);
        using var subscription = daemon.Subscribe();
        for (var i = 0; i < 20; i++)
            injector.Send("add", _sysfs.AddDevice($"/devices/virtual/re/d{i}", "re", $"IFINDEX={i + 1}"));
        var cursor = subscription.WaitForEvent(one => one.Is("add", "d10")).Cursor;
        injector.Send("add", _sysfs.AddDevice("/devices/virtual/re/late", "re"));
        injector.Send("remove", "/devices/virtual/re/d0", "re");
        Directory.Delete(_sysfs.Root + "/devices/virtual/re/d0", recursive: true);
        subscription.WaitForEvent(one => one.Is("remove", "d0"));
        return cursor;
    }

    private IEnumerable<string> Settled() => _sysfs.DevPaths().Where(path => !path.EndsWith("/late", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private RunningProcess Start(ScratchDirectory scratch, string offset)
    {
        string[] prefix = offset.Length > 0 ? ["unshare", "--time", "--monotonic", offset] : [];
        return _sandbox.Start([.. prefix, Repository.Ueventctl, "daemon", "--sysfs", _sysfs.Root, "--rules", scratch.Combine("rules.d"), "--socket", scratch.Combine("socket")]);
    }

    private static VarlinkProbe Listening(ScratchDirectory scratch) =>
        Eventually.Get(() => VarlinkProbe.TryConnect(scratch.Combine("socket")), Deadline.Default, "a daemon listens");

    private static long PeakKibibytes(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);

    // Another content, and a header that says that it is right.
    private static byte[] Changed(byte[] good, Random random)
    {
        byte[] bad = [.. good];
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(HeaderBytes, bad.Length);
            bad = random.Next(4) switch
            {
                0 => [.. bad[..at], .. bad[Math.Min(bad.Length, at + random.Next(1, 9))..]],
                1 => [.. bad[..at], 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, .. bad[at..]],
                _ => [.. bad[..at], (byte)(bad[at] ^ (1 << random.Next(8))), .. bad[(at + 1)..]],
            };
        }
        BinaryPrimitives.WriteInt64LittleEndian(bad.AsSpan(16), bad.Length - HeaderBytes);
        uint sum = 0;
        foreach (var one in bad.AsSpan(HeaderBytes))
            sum = BitOperations.Crc32C(sum, one);
        foreach (var one in bad.AsSpan(16, HeaderBytes - 16))
            sum = BitOperations.Crc32C(sum, one);
        BinaryPrimitives.WriteUInt32LittleEndian(bad.AsSpan(12), sum);
        return bad;
    }
}
