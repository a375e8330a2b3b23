using UeventManager.KernelTests.Fleet;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Units;

/// <summary>The bridge works with the restrictions of its unit, with every kind of credential.</summary>
public sealed class NatsUnitTests
{
    private const string Unit = "uevent-manager-nats.service";

    [Fact]
    public void Systemd_finds_nothing_to_say_and_its_exposure_is_known()
    {
        using var tree = new InstalledTree();
        tree.Run("install-nats");
        var unit = Path.Combine(tree.UnitDirectory, Unit);
        File.WriteAllText(unit, File.ReadAllText(unit).Replace("=/usr/bin/uevent-nats", "=" + Repository.UeventNats, StringComparison.Ordinal));
        var result = InstalledTree.Analyze("verify", "--man=no", unit, Path.Combine(tree.UnitDirectory, "uevent-manager.socket"));
        Assert.Equal((0, ""), (result.ExitCode, string.Join('\n', (result.Error + result.Output).Split('\n').Where(line => line.Contains("nats", StringComparison.Ordinal)))));
        InstalledTree.Analyze("security", "--offline=true", "--threshold=20", unit).Ok();
        Assert.Contains("/usr/share/bash-completion/completions/uevent-nats", tree.Files());
        tree.Run("uninstall");
        Assert.DoesNotContain(tree.Files(), file => file.Contains("nats", StringComparison.Ordinal) || file.Contains("fleet", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("password")]
    [InlineData("nkey")]
    [InlineData("creds")]
    [InlineData("tls")]
    public void The_bridge_does_all_its_work_as_its_unit_confines_it(string kind)
    {
        Requires.Tools("setpriv", "perl");
        using var sandbox = Sandbox.Create();
        using var identities = NatsIdentities.Of(kind);
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Configuration = identities.Configuration, Setup = ["--server", identities.Url, .. NatsIdentities.Options(identities.Own)] });
        using var daemon = DaemonProcess.Start(sandbox);
        using var tree = new InstalledTree();
        tree.Run("install-nats");
        var unit = new UnitFile(Path.Combine(tree.UnitDirectory, Unit));
        Assert.Equal(("yes", "strict", ""), (unit.One("DynamicUser"), unit.One("ProtectSystem"), unit.One("CapabilityBoundingSet")));
        var filter = Path.Combine(tree.Root, "filter.bpf");
        SystemCallFilter.Write(SystemCallFilter.Allowed(unit), filter);
        // A user of its own and a read-only system, as far as a sandbox has them.
        var bridge = sandbox.Start(
            [
                "unshare", "--mount", "--propagation", "slave", "sh", "-c", "mount -o remount,bind,ro / && exec \"$@\"", "sh",
                "setpriv", .. Sandbox.AsNobody.Take(Sandbox.AsNobody.Count - 1), "--bounding-set", "-all", "--no-new-privs", .. SystemCallFilter.Launcher(filter),
                Repository.UeventNats, "publish", "--host", "confined", "--socket", daemon.SocketPath,
            ],
            new Dictionary<string, string> { ["NATS_URL"] = identities.Url, ["CREDENTIALS_DIRECTORY"] = identities.Own });
        bridge.WaitForErrorLine(line => line.Contains("publishing for 'confined'", StringComparison.Ordinal), Deadline.Seconds(60), "it speaks");
        var status = File.ReadAllText($"/proc/{bridge.Pid}/status");
        Assert.Contains("Seccomp:\t2", status, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        string[] credentials = ["--server", identities.Url, .. NatsIdentities.Options(identities.Own)];
        FleetCommand.Agree(sandbox, daemon, "confined", "the state", credentials: credentials);
        sandbox.Run("ip link add confined0 type veth peer name confined1").Ok();
        FleetCommand.Agree(sandbox, daemon, "confined", "what comes", credentials: credentials);
        server.Kill();
        server.StartAgain();
        sandbox.Run("ip link del confined0").Ok();
        FleetCommand.Agree(sandbox, daemon, "confined", "what comes when the broker is back", 60, credentials: credentials);
        bridge.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, bridge.WaitForExit(Deadline.Default));
    }
}
