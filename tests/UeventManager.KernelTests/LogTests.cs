using System.Text.RegularExpressions;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The log has times, and with --debug what was seen and why.</summary>
public sealed partial class LogTests
{
    private const string Rules = """
        version: 1
        subsystem: net
        rules:
          - name: with-alias
            match: {sysname: "uem*"}
            wait:
              - {attribute: ifalias, equals: ready}
              - exists: queues
            timeout: 60s
        """;

    [Fact]
    public void A_file_gets_times_and_words_and_no_priorities_or_numbers()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        var ready = daemon.SaidOnce(line => line.Contains("ready ", StringComparison.Ordinal));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d ready \d+\.\d+ ms after start; ", ready);
        Assert.Matches(@"^\S+ warning: there are no rules", daemon.SaidOnce(line => line.Contains("there are no rules", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("$(stat -L -c %d:%i /proc/self/fd/2)", "<6>ready ")]
    [InlineData("1:1", "ready ")]
    public void Log_lines_have_priorities_only_if_standard_error_is_the_journal(string stream, string expected)
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Prefix = ["sh", "-c", $"JOURNAL_STREAM={stream} exec \"$@\"", "sh"] });
        var ready = daemon.SaidOnce(line => line.Contains("ready ", StringComparison.Ordinal));
        Assert.Equal(expected[0] == '<', ready.StartsWith(expected, StringComparison.Ordinal));
        Assert.Equal(expected[0] == '<', !Time().IsMatch(ready));
    }

    [Fact]
    public void A_terminal_gets_the_time_of_day()
    {
        Requires.Tools("script");
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("log");
        var daemon = sandbox.Start(["script", "-qefc", $"{Repository.Ueventctl} daemon --rules {scratch.Path} --socket {scratch.Combine("socket")}", "/dev/null"]);
        var ready = daemon.WaitForLine(line => line.Contains("ready ", StringComparison.Ordinal), Deadline.Default, "the line");
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3}  ready ", ready);
        daemon.Signal(Syscalls.SIGTERM);
        daemon.WaitForExit(Deadline.Default);
    }

    [Fact]
    public void Debug_logs_uevents_looks_and_decisions_and_without_it_none_is()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules, Arguments = ["--debug"] });
        using var quiet = DaemonProcess.Start(sandbox, new DaemonOptions { Rules = Rules });
        using var subscription = daemon.Subscribe();
        sandbox.Run("ip link add uem-a type veth peer name vem-b").Ok();
        Says(daemon, @" debug: uevent \d+: add /devices/virtual/net/uem-a \(net\), a device");
        Says(daemon, @" debug: uevent \d+: add /devices/virtual/net/uem-a/queues/rx-0 \(queues\), not a device");
        Says(daemon, @" debug: look at /devices/virtual/net/uem-a \(net\), to settle: .*ifalias: ''");
        Says(daemon, @" debug: look at /devices/virtual/net/uem-a \(net\), to settle: .*queues: there");
        Says(daemon, @" debug: decided: /devices/virtual/net/uem-a \(net\) waits by rule with-alias, for: .*ifalias");
        Says(daemon, @" debug: decided: add /devices/virtual/net/vem-b \(net\) is delivered after [\d.]+ ms by rule none, settled");
        sandbox.Run("ip link set uem-a alias ready").Ok();
        subscription.WaitForEvent(one => one.Is("add", "uem-a"));
        Says(daemon, @" debug: look at /devices/virtual/net/uem-a \(net\), to settle: .*ifalias: 'ready'");
        Says(daemon, @" debug: decided: add /devices/virtual/net/uem-a \(net\) is delivered after [\d.]+ ms by rule with-alias, settled");
        Assert.DoesNotContain("debug:", quiet.Log, StringComparison.Ordinal);
    }

    private static void Says(DaemonProcess daemon, string pattern) =>
        Eventually.Holds(() => Regex.IsMatch(daemon.Log, pattern), Deadline.Default, $"the log says {pattern}");

    [GeneratedRegex(@"^\d{4}-")]
    private static partial Regex Time();
}
