using System.Globalization;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A stop at any moment keeps every cursor, and is no failure for the service manager.</summary>
public sealed class SignalTests : IDisposable
{
    private const int Rounds = 30;
    private const int MostMsec = 300;
    private static readonly int[] Ends = [Syscalls.SIGTERM, Syscalls.SIGINT, Syscalls.SIGQUIT];
    private static readonly int[] All = [.. Ends, Syscalls.SIGHUP];

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();

    public SignalTests() => _sysfs.SetSeqnum(1);

    public void Dispose()
    {
        _sandbox.Dispose();
        _sysfs.Dispose();
    }

    [Fact]
    public void Signals_at_any_moment_of_many_starts_cost_no_cursor()
    {
        var random = Seed.Random();
        for (var i = 0; i < 50; i++)
            _sysfs.AddDevice($"/devices/virtual/sig/s{i}", "sig");
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions
        {
            Sysfs = _sysfs.Root,
            Rules = "version: 1\nsubsystem: sig\nrules:\n  - name: slow\n    match: {sysname: \"s1*\"}\n    wait: [{attribute: state, equals: x}]\n",
        });
        var cursor = CursorOf(daemon);
        Assert.Equal(0, daemon.Terminate());
        var state = Path.Combine(daemon.RuntimeDirectory, "socket.state");
        for (var round = 0; round < Rounds; round++)
        {
            using var started = _sandbox.Start(
                [Repository.Ueventctl, "daemon", "--sysfs", _sysfs.Root, "--socket", daemon.SocketPath, "--rules", daemon.RulesDirectory]);
            Eventually.Holds(() => started.HasExited || Catches(started.Pid, Syscalls.SIGTERM), Deadline.Default, "it listens to signals");
            var moment = TimeSpan.FromMilliseconds(random.NextDouble() * MostMsec);
            SpinWait.SpinUntil(() => started.HasExited, moment);
            int[] burst = [.. Enumerable.Range(0, random.Next(3)).Select(_ => All[random.Next(All.Length)]), Ends[random.Next(Ends.Length)], All[random.Next(All.Length)]];
            foreach (var signal in burst)
                _ = Syscalls.Kill(started.Pid, signal);
            var what = $"round {round}, after {moment.TotalMilliseconds:F1} ms, signals {string.Join(' ', burst)}";
            Assert.True(started.WaitForExit(Deadline.Seconds(60)) == 0, $"{what}: {started.WaitForExit(Deadline.Default)}; {started.Error}");
            Assert.True(File.Exists(state), $"{what}: no hand-over; {started.Error}");
            Assert.Equal(["rules.d", "socket.state"], Directory.GetFileSystemEntries(daemon.RuntimeDirectory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        }
        daemon.StartAgain();
        using var resumed = daemon.Subscribe(new { cursor });
        Assert.Empty(resumed.Gaps);
    }

    [Fact]
    public void Timeout_which_signals_twice_gets_success()
    {
        Requires.Tools("timeout");
        using var scratch = new ScratchDirectory("twice");
        using var timed = _sandbox.Start(
            ["timeout", "1", Repository.Ueventctl, "daemon", "--sysfs", _sysfs.Root, "--socket", scratch.Combine("socket"), "--rules", scratch.Path]);
        // 124 is what timeout says of a command that it ended; of one that a second signal killed it says the same, so the log decides.
        Assert.Equal(124, timed.WaitForExit(Deadline.Seconds(60)));
        Assert.Contains("handed over", timed.Error, StringComparison.Ordinal);
        Assert.Equal([scratch.Combine("socket.state")], Directory.GetFileSystemEntries(scratch.Path));
    }

    [Theory]
    [InlineData("monitor", 0)]
    [InlineData("monitor --standalone", 0)]
    [InlineData("monitor --kernel", 0)]
    [InlineData("status --watch", 0)]
    [InlineData("wait sig:never --timeout 5min", 130)]
    [InlineData("wait --filter subsystem=never --timeout 5min", 130)]
    public void A_command_that_follows_events_ends_cleanly_after_any_number_of_signals(string command, int status)
    {
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        var random = Seed.Random();
        foreach (var signals in new int[][] { [Syscalls.SIGINT], [Syscalls.SIGTERM, Syscalls.SIGTERM], [Syscalls.SIGINT, Syscalls.SIGTERM] })
        {
            using var running = _sandbox.Start(
                [Repository.Ueventctl, .. command.Split(' ')], daemon.ClientEnvironment(_sysfs.Root));
            Eventually.Holds(() => running.HasExited || Catches(running.Pid, Syscalls.SIGTERM), Deadline.Default, "it listens to signals");
            var moment = TimeSpan.FromMilliseconds(random.NextDouble() * MostMsec);
            SpinWait.SpinUntil(() => running.HasExited, moment);
            foreach (var signal in signals)
                _ = Syscalls.Kill(running.Pid, signal);
            // One that had not begun to wait was interrupted all the same.
            Assert.Contains(running.WaitForExit(Deadline.Seconds(60)), (int[])[status, 130]);
            Assert.Equal("", running.Error);
        }
    }

    [Fact]
    public void SIGHUP_makes_the_daemon_read_its_rules_again()
    {
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = DaemonOptions.NoDevicesRule });
        daemon.Signal(Syscalls.SIGHUP);
        Eventually.Holds(() => daemon.Log.Contains("rules reloaded", StringComparison.Ordinal), Deadline.Default, "a reload");
        Assert.Equal(0, daemon.Terminate());
    }

    private string CursorOf(DaemonProcess daemon)
    {
        using var injector = new UeventInjector(_sandbox);
        using var subscription = daemon.Subscribe();
        injector.Send("add", _sysfs.AddDevice("/devices/virtual/sig/seen", "sig"));
        return subscription.WaitForEvent(one => one.Is("add", "seen")).Cursor;
    }

    private static bool Catches(int pid, int signal)
    {
        try
        {
            var caught = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
            // nsenter, which becomes the program, catches none.
            return caught is not null && (ulong.Parse(caught[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) == 1
                && File.ReadAllText($"/proc/{pid}/comm").StartsWith("ueventctl", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
