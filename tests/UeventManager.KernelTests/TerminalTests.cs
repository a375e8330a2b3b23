using System.Text.RegularExpressions;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>What is shown only on a terminal.</summary>
public sealed partial class TerminalTests
{
    [Fact]
    public void Wait_on_a_terminal_shows_what_is_missing_and_clears_it_at_the_end()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var wait = OnTerminal(sandbox, daemon, "wait net:uem-a net:uem-b");
        wait.WaitForLine(line => line.Contains("net:uem-a", StringComparison.Ordinal) && line.Contains("no such device yet", StringComparison.Ordinal), Deadline.Default, "what it waits for");
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        Assert.Equal(0, wait.WaitForExit(Deadline.Default));
        // Up over the headline and two lines, and all below erased; then the answer.
        Assert.Contains(wait.Lines, line => line.Contains("\e[3A\e[J", StringComparison.Ordinal));
        Assert.Contains(wait.Lines, line => HowLong().IsMatch(Plain(line)));
        Assert.Equal(["/devices/virtual/net/uem-a", "/devices/virtual/net/uem-b"], wait.Lines.TakeLast(2).Select(line => line[(line.LastIndexOf('J') + 1)..].TrimEnd('\r')));
    }

    [Fact]
    public void Wait_fits_a_terminal_that_is_smaller_than_what_it_waits_for()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var names = string.Join(' ', Enumerable.Range(0, 12).Select(i => $"net:uem-with-a-long-name-{i}"));
        var wait = OnTerminal(sandbox, daemon, $"wait {names} --timeout 24h", rows: 6, columns: 30);
        Eventually.Holds(() => wait.Lines.Count(line => line.Contains("\e[5A\e[J", StringComparison.Ordinal)) > 2, Deadline.Default, "it is written over");
        Assert.All(wait.Lines, line => Assert.True(Plain(line).Length <= 30, Plain(line)));
        Assert.Contains(wait.Lines, line => Plain(line).Contains("and 9 more", StringComparison.Ordinal));
        wait.Signal(Syscalls.SIGTERM);
        wait.WaitForExit(Deadline.Default);
    }

    [Fact]
    public void Status_on_a_small_terminal_keeps_its_first_lines_and_shows_the_time()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        var status = OnTerminal(sandbox, daemon, "status --watch", rows: 8, columns: 40);
        Eventually.Holds(() => Frames(status).Count > 2, Deadline.Default, "a second screen");
        foreach (var frame in Frames(status).SkipLast(1))
        {
            var lines = frame.Split('\n').Select(Plain).Where(line => line.Length > 0).ToArray();
            Assert.InRange(lines.Length, 3, 7);
            Assert.Matches("^uevent-manager  [0-9:]{8}", lines[0]);
            Assert.StartsWith("version", lines[1], StringComparison.Ordinal);
            Assert.Matches("^… [0-9]+ more lines", lines[^1]);
            Assert.All(lines, line => Assert.True(line.Length <= 40, line));
        }
        daemon.Terminate();
        Assert.Equal(4, status.WaitForExit(Deadline.Default));
    }

    [Fact]
    public void Only_monitor_on_a_terminal_has_headings()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var monitor = OnTerminal(sandbox, daemon, "monitor");
        monitor.WaitForLine(line => Plain(line).StartsWith("TIME ", StringComparison.Ordinal), Deadline.Default, "the headings");
        var piped = sandbox.Start([Repository.Ueventctl, "monitor", "--socket", daemon.SocketPath]);
        daemon.WaitForSubscribers(2);
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        var line = Plain(monitor.WaitForLine(line => line.Contains("uem-a", StringComparison.Ordinal), Deadline.Default, "the event"));
        // Each column stands below its heading.
        var heading = Plain(monitor.Lines.First(one => Plain(one).StartsWith("TIME ", StringComparison.Ordinal)));
        Assert.Equal((line.IndexOf("add", StringComparison.Ordinal), line.IndexOf("uem-a", StringComparison.Ordinal)), (heading.IndexOf("ACTION", StringComparison.Ordinal), heading.IndexOf("NAME", StringComparison.Ordinal)));
        piped.WaitForLine(line => line.Contains("uem-a", StringComparison.Ordinal), Deadline.Default, "the event");
        Assert.DoesNotContain("TIME", piped.Output, StringComparison.Ordinal);
    }

    private static List<string> Frames(RunningProcess status) => [.. string.Join('\n', status.Lines).Split("\e[H", StringSplitOptions.RemoveEmptyEntries)];

    private static string Plain(string line) => Sequence().Replace(line, "").TrimEnd('\r');

    private static RunningProcess OnTerminal(Sandbox sandbox, DaemonProcess daemon, string command, int rows = 24, int columns = 80)
    {
        Requires.Tools("script", "stty");
        return sandbox.Start(["script", "-qefc", $"stty rows {rows} cols {columns}; exec {Repository.Ueventctl} {command} --socket {daemon.SocketPath}", "/dev/null"]);
    }

    [GeneratedRegex("\e\\[[?0-9;]*[a-zA-Z]")]
    private static partial Regex Sequence();

    [GeneratedRegex("^waiting for [0-9]+\\.[0-9] s of 5s")]
    private static partial Regex HowLong();
}
