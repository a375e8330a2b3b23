using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>What cannot work is refused at the start, with the fix, instead of failing in silence later.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_sysfs_of_another_network_namespace_is_refused_with_the_fix()
    {
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("refused");
        var daemon = sandbox.StartWithForeignSysfs(
            [Repository.Ueventctl, "daemon", "--sysfs", "/sys", "--socket", scratch.Combine("socket"), "--rules", scratch.Path]);
        Assert.NotEqual(0, daemon.WaitForExit(Deadline.Default));
        Assert.Contains("namespace", daemon.Error, StringComparison.Ordinal);
        Assert.Contains("mount -t sysfs", daemon.Error, StringComparison.Ordinal);
        AssertNoStackTrace(daemon.Error);
        Assert.False(File.Exists(scratch.Combine("socket")), "a refused daemon left a socket behind");
    }

    [Fact]
    public void Bad_rules_are_refused_with_every_mistake_at_its_place()
    {
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("refused");
        File.WriteAllText(scratch.Combine("10-bad.yaml"), """
            version: 1
            subsystem: net
            rules:
              - name: first
                wait:
                  - exits: queues
              - name: second
                timeout: soon
            """);
        var daemon = sandbox.Start([Repository.Ueventctl, "daemon", "--socket", scratch.Combine("socket"), "--rules", scratch.Path]);
        Assert.Equal(1, daemon.WaitForExit(Deadline.Default));
        Assert.Contains("10-bad.yaml:6:9: ", daemon.Error, StringComparison.Ordinal);
        Assert.Contains("exists", daemon.Error, StringComparison.Ordinal);
        Assert.Contains("10-bad.yaml:8:", daemon.Error, StringComparison.Ordinal);
        AssertNoStackTrace(daemon.Error);
    }

    [Fact]
    public void Bad_rules_that_are_allowed_are_left_out_and_named()
    {
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("allowed");
        File.WriteAllText(scratch.Combine("20-bad.yaml"), "version: 2\n");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Rules = "version: 1\nsubsystem: net\nrules:\n  - name: good\n    wait: [{exists: ifindex}]\n",
            Arguments = ["--rules", scratch.Path, "--allow-bad-rules"],
        });
        Assert.Contains("20-bad.yaml:1:10: ", daemon.Log, StringComparison.Ordinal);
        Assert.Equal(1, daemon.Call("Status").GetProperty("rules").GetInt64());
    }

    [Fact]
    public void A_second_daemon_does_not_take_the_socket_of_the_first()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var second = sandbox.Start([Repository.Ueventctl, "daemon", "--socket", daemon.SocketPath, "--rules", daemon.RulesDirectory]);
        Assert.NotEqual(0, second.WaitForExit(Deadline.Default));
        Assert.Contains(daemon.SocketPath, second.Error, StringComparison.Ordinal);
        Assert.NotEmpty(daemon.List());
    }

    private static void AssertNoStackTrace(string text) => Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
}
