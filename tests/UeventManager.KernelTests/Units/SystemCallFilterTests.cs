using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Units;

/// <summary>The daemon works under its system call filter.</summary>
public sealed class SystemCallFilterTests
{
    [Fact]
    public void The_daemon_does_all_its_work_under_the_units_filter_without_privileges()
    {
        Requires.Tools("setpriv", "perl");
        using var sandbox = Sandbox.Create();
        using var tree = new InstalledTree();
        var filter = WriteFilter(tree);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Prefix =
            [
                "unshare", "--mount", "--propagation", "private", "sh", "-c", Hide(new UnitFile(tree.Service)), "sh",
                "setpriv", "--bounding-set=-all", "--no-new-privs", .. Sandbox.AsNobody, .. SystemCallFilter.Launcher(filter),
            ],
            Rules = """
                version: 1
                subsystem: net
                rules:
                  - name: filtered
                    wait: [{attribute: address, notEmpty: true}, {count: "queues/rx-*", atLeast: 1}, {stable: {for: 5ms, paths: ["queues/*"]}}]
                    attach: {attributes: [ifindex], links: [subsystem]}
                """,
        });
        Assert.Contains("Seccomp:\t2", File.ReadAllText($"/proc/{daemon.Pid}/status"), StringComparison.Ordinal);
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.Equal("filtered", subscription.WaitForEvent(one => one.Is("add", "uem-a")).Device.Rule);
        daemon.Signal(Syscalls.SIGHUP);
        Eventually.Holds(() => daemon.Log.Contains("rules reloaded", StringComparison.Ordinal), Deadline.Default, "it reloads");
        Eventually.Holds(() => daemon.List().Any(device => device.DevPath.EndsWith("/uem-b", StringComparison.Ordinal)), Deadline.Default, "its peer is announced");
        daemon.Call("Get", new { device = "net:uem-a" });
        daemon.Call("Status");
        sandbox.Run("ip link del uem-a").Ok();
        subscription.WaitForEvent(one => one.Is("remove", "uem-a"));
        Assert.Equal(0, daemon.Terminate());
        Assert.Contains("handed over to the next start", daemon.Log, StringComparison.Ordinal);
        daemon.StartAgain();
        Assert.DoesNotContain("is not used", daemon.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_call_filter_forbids_calls_that_the_daemon_never_makes()
    {
        using var sandbox = Sandbox.Create();
        using var tree = new InstalledTree();
        var filter = WriteFilter(tree);
        foreach (var (attempt, ok) in new[] { ("true", true), ("chroot / true", false), ("mount -t tmpfs t /mnt", false), ("chown 1 /etc/hostname", false) })
        {
            var process = sandbox.Start([.. SystemCallFilter.Launcher(filter), .. attempt.Split(' ')]);
            var code = process.WaitForExit(Deadline.Default);
            Assert.True(code == 0 == ok, $"{attempt}: {code} {process.Error}");
        }
    }

    // What ProtectKernelTunables=, ProtectProc= and ProcSubset= make of /sys and /proc.
    private static string Hide(UnitFile unit) =>
        $"mount --bind /sys /sys && mount -o remount,bind,ro /sys && mount -t proc -o {(unit.One("ProcSubset") == "pid" ? "subset=pid," : "")}hidepid={unit.One("ProtectProc")} p /proc && exec \"$@\"";

    private static string WriteFilter(InstalledTree tree)
    {
        var unit = new UnitFile(tree.Service);
        Assert.Equal("EPERM", unit.One("SystemCallErrorNumber"));
        var path = Path.Combine(tree.Root, "filter.bpf");
        SystemCallFilter.Write(SystemCallFilter.Allowed(unit), path);
        File.SetUnixFileMode(tree.Root, (UnixFileMode)0b111_101_101);
        return path;
    }
}
