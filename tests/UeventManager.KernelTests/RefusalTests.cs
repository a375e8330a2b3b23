using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>What cannot work is refused at the start, with the fix.</summary>
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
    public void A_sys_where_nothing_is_mounted_is_refused_with_the_fix_unless_it_was_named()
    {
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("refused");
        var daemon = $"{Repository.Ueventctl} daemon --socket {scratch.Combine("socket")} --rules {scratch.Path}";
        var monitor = $"{Repository.Ueventctl} monitor --standalone --rules {scratch.Path}";
        string[] commands = [daemon, daemon + " --check", monitor, $"{Repository.Ueventctl} rules test net:lo --rules {scratch.Path}"];
        foreach (var command in commands)
        {
            var found = sandbox.Run($"unshare --mount sh -c 'mount -t tmpfs none /sys && exec {command}'");
            Assert.Equal(1, found.ExitCode);
            Assert.Contains("/sys is not a sysfs", found.Error + found.Output, StringComparison.Ordinal);
            Assert.Contains("mount -t sysfs", found.Error + found.Output, StringComparison.Ordinal);
            AssertNoStackTrace(found.Error);
        }
        Assert.Contains("/sys is not a sysfs, and is used as it is", sandbox.Run($"unshare --mount sh -c 'mount -t tmpfs none /sys && exec {daemon} --check --sysfs /sys'").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_rules_are_reported_with_the_searched_directories_and_the_solution()
    {
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("norules");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = "version: 1\nsubsystem: net\nrules: []\n" });
        var expected = $"there are no rules, so every event is delivered at once; searched: {daemon.RulesDirectory} (name a directory with rules with --rules";
        Assert.Contains(expected, daemon.Log, StringComparison.Ordinal);
        var monitor = sandbox.Start([Repository.Ueventctl, "monitor", "--standalone", "--rules", scratch.Path]);
        Eventually.Holds(() => monitor.Error.Contains($"searched: {scratch.Path} (", StringComparison.Ordinal), Deadline.Default, "monitor says it too");
        File.WriteAllText(Path.Combine(daemon.RulesDirectory, "10-test.yaml"), "version: 1\nsubsystem: net\nrules: [{name: one}]\n");
        sandbox.Run($"{Repository.Ueventctl} reload --socket {daemon.SocketPath}").Ok();
        File.Delete(Path.Combine(daemon.RulesDirectory, "10-test.yaml"));
        sandbox.Run($"{Repository.Ueventctl} reload --socket {daemon.SocketPath}").Ok();
        Eventually.Holds(() => daemon.Log.Split('\n').Count(line => line.Contains(expected, StringComparison.Ordinal)) == 2, Deadline.Default, "after a reload too");
        Assert.Contains("no rules, so every event is delivered at once", sandbox.Run($"{Repository.Ueventctl} daemon --check --socket {scratch.Combine("socket")} --rules {scratch.Path}").Ok().Output, StringComparison.Ordinal);
        Assert.Contains($"no rule in {scratch.Path} (", sandbox.Run($"{Repository.Ueventctl} rules check --rules {scratch.Path}").Ok().Output, StringComparison.Ordinal);
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
        daemon.SaidOnce(line => line.Contains("20-bad.yaml:1:10: ", StringComparison.Ordinal));
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
