using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Each sample runs here.</summary>
public sealed class SampleTests
{
    private const int Sigint = 2;

    private static readonly string Script = Path.Combine(Repository.Root, "samples/subscribe.py");

    [Fact]
    public void The_subscriber_in_the_documentation_fits_on_twenty_lines()
    {
        var code = File.ReadLines(Script).Count(line => line.Trim() is not "" && !line.StartsWith('#') && !line.StartsWith('"'));
        Assert.InRange(code, 1, 20);
    }

    [Fact]
    public void The_subscriber_in_the_documentation_understands_the_protocol()
    {
        using var stub = new StubService(
            """{"parameters":{"state":[{"devpath":"/devices/a"}],"ready":true},"continues":true}""",
            """{"parameters":{"events":[{"action":"add","device":{"devpath":"/devices/b","settled":true}},{"action":"add","device":{"devpath":"/devices/c","settled":false}}]},"continues":true}""",
            """{"parameters":{"gap":{"reason":"restarted"}},"continues":true}""");
        using var python = RunningProcess.Start(Requires.Tool("python3"), [Script, stub.SocketPath, "net", "block"]);
        Assert.Equal(0, python.WaitForExit(Deadline.Default));
        Assert.Equal("add /devices/b True\nadd /devices/c False\n", python.Output);
        Assert.Contains("\"more\": true", stub.Call, StringComparison.Ordinal);
        Assert.Contains("""{"subsystems": ["net", "block"]}""", stub.Call, StringComparison.Ordinal);
    }

    [Fact]
    public void The_subscriber_in_the_documentation_prints_real_events_of_the_daemon()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var python = sandbox.Start([Requires.Tool("python3"), Script, daemon.SocketPath, "net"]);
        daemon.WaitForSubscribers(1);
        daemon.RunInTurn(sandbox, "ip link add uem-a type veth peer name uem-b", "ip link del uem-a");
        python.WaitForLine(line => line == "add /devices/virtual/net/uem-a True", Deadline.Default, "the add");
        python.WaitForLine(line => line == "remove /devices/virtual/net/uem-a True", Deadline.Default, "the remove");
        Assert.DoesNotContain(python.Lines, line => line.Contains("/queues/", StringComparison.Ordinal));
        python.Signal(Sigint);
        Assert.Equal((0, ""), (python.WaitForExit(Deadline.Default), python.Error));
    }

    [Fact]
    public void Every_sample_says_how_it_is_used_and_finds_the_daemon_that_the_environment_names()
    {
        Requires.Tools("python3", "jq");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var environment = new Dictionary<string, string> { ["UEVENTCTL"] = Repository.Ueventctl, ["UEVENT_MANAGER_SOCKET"] = daemon.SocketPath };
        string[] samples = [Script, Path.Combine(Repository.Root, "samples/monitor.sh"), Built("Subscribe"), Built("NodeDevices")];
        foreach (var sample in samples)
        {
            var usage = sandbox.Start([sample, "--help"], environment);
            Assert.Equal((0, ""), (usage.WaitForExit(Deadline.Default), usage.Error));
            Assert.Contains($"{Path.GetFileName(sample)} [SOCKET]", usage.Output, StringComparison.Ordinal);
        }
        foreach (var sample in samples)
            sandbox.Start([sample], environment);
        daemon.WaitForSubscribers(samples.Length);
        // A script fails as the command that it is about.
        Assert.Equal(4, sandbox.Start([samples[1], "/nowhere/socket"], environment).WaitForExit(Deadline.Default));
        var nowhere = sandbox.Start([Script, "/nowhere/socket"]);
        Assert.Equal(1, nowhere.WaitForExit(Deadline.Default));
        Assert.Equal("subscribe.py: /nowhere/socket: [Errno 2] No such file or directory", nowhere.Error.Trim());
    }

    [Fact]
    public void The_subscriber_in_csharp_prints_the_state_and_the_events_and_goes_on_after_a_restart()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var sample = sandbox.Start([Built("Subscribe"), daemon.SocketPath, "net"]);
        sample.WaitForLine(line => line.StartsWith("state: ", StringComparison.Ordinal) && !line.Contains("restarted", StringComparison.Ordinal), Deadline.Default, "the state");
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        sample.WaitForLine(line => line == "add net /devices/virtual/net/uem-a", Deadline.Default, "the add");
        daemon.Kill();
        sample.WaitForErrorLine(line => line.Contains("attempt", StringComparison.Ordinal), Deadline.Default, "the loss");
        var next = sandbox.Start([Repository.Ueventctl, "daemon", "--socket", daemon.SocketPath, "--rules", daemon.RulesDirectory]);
        sample.WaitForLine(line => line.StartsWith("state: ", StringComparison.Ordinal) && line.EndsWith(", restarted", StringComparison.Ordinal), Deadline.Default, "the new state");
        sandbox.Run("ip link del uem-a").Ok();
        sample.WaitForLine(line => line == "remove net /devices/virtual/net/uem-a", Deadline.Default, "the remove");
        sample.Signal(Sigint);
        Assert.Equal(0, sample.WaitForExit(Deadline.Default));
        next.Signal(Syscalls.SIGTERM);
        next.WaitForExit(Deadline.Default);
    }

    [Fact]
    public void The_node_device_list_follows_what_happens_and_never_asks_sysfs()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(
            sandbox, new DaemonOptions { Rules = File.ReadAllText(Path.Combine(Repository.Root, "samples/NodeDevices/net.yaml")) });
        var sample = sandbox.Start([Built("NodeDevices"), daemon.SocketPath]);
        sample.WaitForLine(line => line == "created net_lo_00_00_00_00_00_00 parent computer", Deadline.Default, "the loopback");
        sandbox.Run("ip link add uem-a address 02:00:00:00:00:0a type veth peer name uem-b").Ok();
        // One that is renamed while it waits comes under its new name only.
        sample.WaitForLine(line => line == "created net_uem_a_02_00_00_00_00_0a parent computer", Deadline.Default, "the interface");
        daemon.RunInTurn(sandbox, "ip link set uem-a name uem-z", "ip link del uem-z");
        sample.WaitForLine(line => line == "deleted net_uem_z_02_00_00_00_00_0a", Deadline.Default, "the removal");
        string[] own = [.. sample.Lines.Where(line => line.Contains("02_00_00_00_00_0a", StringComparison.Ordinal))];
        Assert.Equal(
            ["created net_uem_a_02_00_00_00_00_0a parent computer", "deleted net_uem_a_02_00_00_00_00_0a", "created net_uem_z_02_00_00_00_00_0a parent computer", "deleted net_uem_z_02_00_00_00_00_0a"], own);
        Assert.All(Directory.GetFiles(Path.Combine(Repository.Root, "samples/NodeDevices"), "*.cs"), file =>
            Assert.DoesNotContain(new[] { "File.", "Directory.", "Delay(", "Sleep(", "Timer", "\"/sys" }, File.ReadAllText(file).Contains));
    }

    [Fact]
    public void The_shell_sample_prints_a_line_for_each_interface()
    {
        Requires.Tools("jq");
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var script = sandbox.Start(
            [Path.Combine(Repository.Root, "samples/monitor.sh"), daemon.SocketPath], new Dictionary<string, string> { ["UEVENTCTL"] = Repository.Ueventctl });
        daemon.WaitForSubscribers(1);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.Matches("^uem-a [0-9]+ µs$", script.WaitForLine(line => line.StartsWith("uem-a ", StringComparison.Ordinal), Deadline.Default, "the add"));
        Assert.Equal(0, daemon.Terminate());
        daemon.StartAgain();
        sandbox.Run("ip link add uem-c type bridge").Ok();
        script.WaitForLine(line => line.StartsWith("uem-c ", StringComparison.Ordinal), Deadline.Default, "an add after the restart");
    }

    // `make test` builds the samples with everything else.
    internal static string Built(string sample)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
        var path = Path.Combine(Repository.Root, "samples", sample, "bin", configuration, "net10.0", sample);
        Assert.True(File.Exists(path), $"{path} does not exist: run `make test`");
        return path;
    }
}
