using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>What a person sees on a terminal and a pipe does not.</summary>
public sealed class TerminalTests
{
    [Fact]
    public void Wait_shows_what_is_missing_and_takes_it_away()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var wait = OnTerminal(sandbox, daemon, "wait net:uem-a net:uem-b");
        wait.WaitForLine(line => line.Contains("net:uem-a", StringComparison.Ordinal) && line.Contains("no such device yet", StringComparison.Ordinal), Deadline.Default, "what it waits for");
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.Equal(0, wait.WaitForExit(Deadline.Default));
        // Up over the two lines, and all below erased; then the answer.
        Assert.Contains(wait.Lines, line => line.Contains("\e[2A\e[J", StringComparison.Ordinal));
        Assert.Equal(["/devices/virtual/net/uem-a", "/devices/virtual/net/uem-b"], wait.Lines.TakeLast(2).Select(line => line[(line.LastIndexOf('J') + 1)..].TrimEnd('\r')));
    }

    [Fact]
    public void Status_clears_the_screen_each_second()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var status = OnTerminal(sandbox, daemon, "status --watch");
        Eventually.Holds(() => status.Lines.Count(line => line.Contains("\e[H\e[2J", StringComparison.Ordinal)) > 1, Deadline.Default, "a second screen");
        daemon.Terminate();
        Assert.Equal(4, status.WaitForExit(Deadline.Default));
    }

    private static RunningProcess OnTerminal(Sandbox sandbox, DaemonProcess daemon, string command)
    {
        Requires.Tools("script");
        return sandbox.Start(["script", "-qefc", $"{Repository.Ueventctl} {command} --socket {daemon.SocketPath}", "/dev/null"]);
    }
}
