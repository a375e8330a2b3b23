using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The subscriber that the documentation shows is this file, and it runs.</summary>
public sealed class SampleTests
{
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
        Eventually.Holds(() => daemon.Call("Status").GetProperty("subscribers").GetArrayLength() == 1, Deadline.Default, "it subscribes");
        sandbox.Run("ip link add uem-a type veth peer name uem-b && ip link del uem-a").Ok();
        python.WaitForLine(line => line == "add /devices/virtual/net/uem-a True", Deadline.Default, "the add");
        python.WaitForLine(line => line == "remove /devices/virtual/net/uem-a True", Deadline.Default, "the remove");
        Assert.DoesNotContain(python.Lines, line => line.Contains("/queues/", StringComparison.Ordinal));
    }
}
