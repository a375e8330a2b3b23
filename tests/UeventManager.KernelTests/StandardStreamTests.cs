using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The daemon does not depend on its standard streams.</summary>
public sealed class StandardStreamTests : IDisposable
{
    private const int Devices = 2000;

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _scratch = new("std");

    private string Socket => _scratch.Combine("s/socket");

    public void Dispose()
    {
        _sandbox.Dispose();
        _sysfs.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_log_without_a_reader_stops_neither_the_engine_nor_its_end()
    {
        File.WriteAllText(_scratch.Combine("10-test.yaml"), "version: 1\nsubsystem: log\nrules:\n  - name: never\n    wait: [{exists: never}]\n    timeout: 1ms\n");
        for (var i = 0; i < Devices; i++)
            _sysfs.AddDevice($"/devices/virtual/log/l{i}", "log");
        var fifo = _scratch.Combine("log");
        Syscalls.Check(Syscalls.MakeFifo(fifo, 0x180), "mkfifo");
        // Open, so that the daemon can write; never read, so that a pipe's 64 KiB are all that it can write.
        var unread = Syscalls.Check(Syscalls.Open(fifo, Syscalls.O_RDWR | Syscalls.O_CLOEXEC), "open");
        try
        {
            using var daemon = Start($"2>{fifo}");
            using var probe = Eventually.Get(() => VarlinkProbe.TryConnect(Socket), Deadline.Seconds(60), "it listens");
            Eventually.Holds(
                () => probe.Call(VarlinkProbe.Devices + "Status", deadline: Deadline.Seconds(60)).GetProperty("held").GetInt32() == Devices, Deadline.Seconds(60), "all are held, each with a line");
            daemon.Signal(Syscalls.SIGTERM);
            Assert.Equal(0, daemon.WaitForExit(Deadline.Seconds(60)));
            Assert.True(File.Exists(Socket + ".state"));
        }
        finally
        {
            _ = Syscalls.Close(unread);
        }
    }

    [Fact]
    public void A_closed_standard_stream_is_not_replaced_by_a_file_of_the_daemon()
    {
        using var daemon = Start("<&- >&- 2>&-");
        using var probe = Eventually.Get(() => VarlinkProbe.TryConnect(Socket), Deadline.Default, "it listens");
        // Answered once it is ready: before that there is nothing to hand over.
        probe.Send(VarlinkProbe.Devices + "Status", new { }, more: false);
        probe.Read("Status", Deadline.Default);
        // The runtime itself has opened one for reading before the program began.
        Assert.All(Enumerable.Range(0, 3), descriptor => Assert.Contains(new FileInfo($"/proc/{daemon.Pid}/fd/{descriptor}").LinkTarget, (string[])["/dev/null", "/dev/urandom"]));
        daemon.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, daemon.WaitForExit(Deadline.Default));
        Assert.True(File.Exists(Socket + ".state"));
    }

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    [InlineData("0<&- 2>&-")]
    public void A_closed_standard_error_does_not_stop_programs(string redirections)
    {
        _sysfs.AddDevice("/devices/virtual/re/there", "re");
        using var daemon = Start("2>/dev/null");
        using var probe = Eventually.Get(() => VarlinkProbe.TryConnect(Socket), Deadline.Default, "it listens");
        // It fails, says much, and is tried again: each of it would be said.
        var run = _sandbox.Start(
            ["sh", "-c", $"exec {Repository.Ueventctl} run --socket {Socket} --initial --retry 1 -- sh -c 'head -c 200000 /dev/zero >&2; echo $UEVENT_MANAGER_ATTEMPT; exit 3' {redirections}"]);
        run.WaitForLine(line => line == "2", Deadline.Default, "the second try");
        run.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, run.WaitForExit(Deadline.Default));
    }

    private RunningProcess Start(string redirections) => _sandbox.Start(
        ["sh", "-c", $"exec {Repository.Ueventctl} daemon --sysfs {_sysfs.Root} --rules {_scratch.Path} --socket {Socket} {redirections}"]);
}
