using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Units;

/// <summary>The forwarder works with the restrictions of its unit.</summary>
public sealed class ForwardUnitTests
{
    [Fact]
    public void The_forwarder_does_all_its_work_under_its_units_filter_capabilities_and_read_only_system()
    {
        Requires.Tools("setpriv", "perl", "udevadm");
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var rootless = Sandbox.CreateRootless();
        using var tree = new InstalledTree();
        tree.Run("install-udev");
        var unit = new UnitFile(Path.Combine(tree.UnitDirectory, "uevent-forward@.service"));
        var filter = Path.Combine(tree.Root, "filter.bpf");
        SystemCallFilter.Write(SystemCallFilter.Allowed(unit), filter);
        var capabilities = string.Join(',', unit.One("CapabilityBoundingSet").Split(' ').Select(name => "+" + name["CAP_".Length..].ToLowerInvariant()));
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        sandbox.Run("ip netns add uem1").Ok();
        // ProtectSystem=strict with ReadWritePaths=/run, as far as a sandbox can be read-only.
        Assert.Equal(("strict", "/run"), (unit.One("ProtectSystem"), unit.One("ReadWritePaths")));
        var forward = sandbox.Start(
        [
            "unshare", "--mount", "--propagation", "slave", "sh", "-c", "mount -o remount,bind,ro / && exec \"$@\"", "sh",
            "setpriv", "--bounding-set", "-all," + capabilities, "--no-new-privs", .. SystemCallFilter.Launcher(filter),
            Repository.Ueventctl, "forward", "--socket", daemon.SocketPath, "--pid", ForwardTests.PidOf(container), "--pid", ForwardTests.PidOf(rootless), "--watch", "/run/netns",
            "--run-udev", run.Path,
        ]);
        forward.WaitForErrorLine(line => line.Contains("settled events are forwarded", StringComparison.Ordinal), Deadline.Default, "it is ready");
        var status = File.ReadAllText($"/proc/{forward.Pid}/status");
        Assert.Contains("Seccomp:\t2", status, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t00000000002810c0", status, StringComparison.Ordinal);
        ForwardTests.BindRun(container, run.Path);
        ForwardTests.BindRun(rootless, run.Path);
        var clients = new[] { LibudevClient.Start(container, "net", "-", "settled"), LibudevClient.Start(rootless, "net", "-", "settled") };
        var listed = UdevMonitor.Start(sandbox, ["ip", "netns", "exec", "uem1"], [Requires.Tool("udevadm")]);
        daemon.RunInTurn(sandbox, "ip link add uem-a type bridge", "ip link set uem-a name uem-b", "ip link del uem-b");
        foreach (var client in clients)
            client.WaitForLine(line => line.StartsWith("remove uem-b ", StringComparison.Ordinal), Deadline.Default, "the remove");
        listed.WaitForLine(line => line.Contains(" remove ", StringComparison.Ordinal) && line.EndsWith("uem-b (net)", StringComparison.Ordinal), Deadline.Default, "the remove");
        sandbox.Run("ip netns del uem1").Ok();
        forward.WaitForErrorLine(line => line.Contains("/run/netns/uem1 is gone", StringComparison.Ordinal), Deadline.Default, "a namespace that goes");
        forward.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, forward.WaitForExit(Deadline.Default));
    }
}
