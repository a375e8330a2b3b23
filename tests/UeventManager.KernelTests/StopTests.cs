using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A failure at the end is reported in one line, and loses neither the exit status nor a cursor.</summary>
public sealed class StopTests : IDisposable
{
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _scratch = new("stop");

    public StopTests() => _sysfs.SetSeqnum(1);

    private string Socket => _scratch.Combine("d/socket");

    public void Dispose()
    {
        _sandbox.Dispose();
        _sysfs.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_socket_on_a_file_system_that_became_read_only_stays_and_the_cursors_live()
    {
        var inside = _scratch.Combine("d");
        _sandbox.Run($"mkdir {inside} && mount -t tmpfs none {inside}").Ok();
        using var first = Start(_scratch.Combine("kept"));
        // The file system is mounted where only the sandbox sees it.
        var socket = $"/proc/{first.Pid}/root{Socket}";
        var cursor = CursorAt(socket);
        _sandbox.Run($"mount -o remount,ro {inside}").Ok();
        Assert.Equal(0, Stop(first));
        Assert.Single(first.ErrorLines, line => line.Contains("cannot be removed", StringComparison.Ordinal) && line.Contains(Socket, StringComparison.Ordinal));
        Assert.Contains("handed over to the next start", first.Error, StringComparison.Ordinal);
        _sandbox.Run($"mount -o remount,rw {inside}").Ok();
        using var second = Start(_scratch.Combine("kept"));
        ResumesAt($"/proc/{second.Pid}/root{Socket}", cursor);
        Assert.Equal(0, Stop(second));
        Assert.Equal("", _sandbox.Run($"ls {inside}").Ok().Output);
    }

    [Fact]
    public void A_removed_directory_is_created_again_for_the_hand_over()
    {
        using var first = Start();
        var cursor = CursorAt(Socket);
        Directory.Delete(_scratch.Combine("d"), recursive: true);
        Assert.Equal(0, Stop(first));
        Assert.Equal([Socket + ".state"], Directory.GetFileSystemEntries(_scratch.Combine("d")));
        using var second = Start();
        ResumesAt(Socket, cursor);
    }

    [Fact]
    public void Without_a_descriptor_store_the_hand_over_is_in_a_file()
    {
        var gone = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = _scratch.Combine("nobody"), ["FDSTORE"] = "8" };
        using var first = Start(gone);
        var cursor = CursorAt(Socket);
        Assert.Equal(0, Stop(first));
        Assert.True(File.Exists(Socket + ".state"));
        using var second = Start(gone);
        ResumesAt(Socket, cursor);
    }

    [Fact]
    public void A_daemon_that_ends_leaves_the_socket_of_another_one_that_took_its_path()
    {
        using var first = Start();
        CursorAt(Socket);
        File.Delete(Socket);
        using var second = Start();
        CursorAt(Socket);
        Assert.Equal(0, Stop(first));
        CursorAt(Socket);
        Assert.Equal(0, Stop(second));
        Assert.False(File.Exists(Socket));
    }

    private RunningProcess Start(string runtime) => Start(new Dictionary<string, string> { ["RUNTIME_DIRECTORY"] = runtime });

    private RunningProcess Start(IReadOnlyDictionary<string, string>? environment = null) => _sandbox.Start(
        [Repository.Ueventctl, "daemon", "--sysfs", _sysfs.Root, "--socket", Socket, "--rules", _scratch.Path],
        environment);

    private static int Stop(RunningProcess daemon)
    {
        daemon.Signal(Syscalls.SIGTERM);
        return daemon.WaitForExit(Deadline.Default);
    }

    private string CursorAt(string socket)
    {
        using var injector = new UeventInjector(_sandbox);
        using var subscription = Subscription.Open(Eventually.Get(() => VarlinkProbe.TryConnect(socket), Deadline.Default, "a daemon listens")).WaitReady();
        var name = $"s{Guid.NewGuid():N}";
        injector.Send("add", _sysfs.AddDevice($"/devices/virtual/stop/{name}", "stop"));
        return subscription.WaitForEvent(one => one.Is("add", name)).Cursor;
    }

    private static void ResumesAt(string socket, string cursor)
    {
        using var resumed = Subscription.Open(Eventually.Get(() => VarlinkProbe.TryConnect(socket), Deadline.Default, "a daemon listens"), new { cursor }).WaitReady();
        Assert.Empty(resumed.Gaps);
    }
}
