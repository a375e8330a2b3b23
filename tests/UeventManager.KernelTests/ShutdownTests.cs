using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>An orderly end, whatever is going on.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public void Sigterm_ends_the_daemon_with_success_and_leaves_everything_that_is_not_its_own()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var device = sysfs.AddDevice("/devices/virtual/keep/k0", "keep");
        using var daemon = DaemonProcess.Start(
            sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = "version: 1\nsubsystem: keep\nrules:\n  - name: any\n" });
        var foreign = Path.Combine(daemon.RuntimeDirectory, "foreign");
        File.WriteAllText(foreign, "kept");
        using var subscription = daemon.Subscribe();
        Assert.Equal(0, daemon.Terminate());
        Assert.Equal("kept", File.ReadAllText(foreign));
        Assert.True(File.Exists(Path.Combine(daemon.RulesDirectory, "10-test.yaml")));
        Assert.Equal([device.DevPath], sysfs.DevPaths());
    }

    [Fact]
    public void Sigterm_ends_the_daemon_in_the_middle_of_a_storm_and_of_waits()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = "version: 1\nsubsystem: storm\nrules:\n  - name: never\n    wait: [{exists: never}]\n    timeout: 10min\n",
        });
        using var injector = new UeventInjector(sandbox);
        for (var i = 0; i < 200; i++)
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/storm/s{i}", "storm"));
        Assert.Equal(0, daemon.Terminate());
    }

    [Fact]
    public void A_killed_daemon_does_not_keep_the_next_one_from_starting()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        daemon.Kill();
        var next = sandbox.Start([Repository.Ueventctl, "daemon", "--socket", daemon.SocketPath, "--rules", daemon.RulesDirectory]);
        using var probe = Eventually.Get(() => VarlinkProbe.TryConnect(daemon.SocketPath), Deadline.Default, "the next daemon listens");
        Assert.NotEmpty(probe.CallMore(VarlinkProbe.Devices + "List")[0].GetProperty("devices").EnumerateArray());
        next.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, next.WaitForExit(Deadline.Default));
    }
}
