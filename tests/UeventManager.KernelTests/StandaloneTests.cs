using System.Text.Json;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>The first try: real devices without root and without a daemon.</summary>
public sealed class StandaloneTests
{
    [Fact]
    public void Monitor_standalone_prints_real_devices_as_json_without_root_or_daemon()
    {
        using var sandbox = Sandbox.Create();
        var monitor = Start(sandbox, "--json");
        var add = UntilHeard(sandbox, monitor, line => new EventView(JsonDocument.Parse(line).RootElement) is var one && one.Is("add", "uem-a"));
        var one = new EventView(JsonDocument.Parse(add).RootElement);
        Assert.True(one.Device.Settled, add);
        Assert.Equal("/devices/virtual/net/uem-a", one.Device.DevPath);
        Assert.Equal("net", one.Device.Subsystem);
        Assert.Equal("uem-a", one.Device.Property("INTERFACE"));
        Assert.True(one.SettledUsec >= one.ArrivedUsec, add);
        monitor.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, monitor.WaitForExit(Deadline.Default));
    }

    [Fact]
    public void Monitor_standalone_prints_one_line_an_event_for_people()
    {
        using var sandbox = Sandbox.Create();
        var monitor = Start(sandbox);
        var line = UntilHeard(sandbox, monitor, line => line.Split(' ').Contains("add") && line.Contains("uem-a", StringComparison.Ordinal));
        Assert.Contains("net", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
    }

    private static RunningProcess Start(Sandbox sandbox, params IReadOnlyList<string> options)
    {
        Requires.Tools("setpriv");
        return sandbox.Start(
        [
            "setpriv", .. Sandbox.AsNobody,
            Repository.Ueventctl, "monitor", "--standalone", "--rules", Path.Combine(Repository.Root, "rules"), .. options,
        ]);
    }

    /// <summary>It does not say when it listens: so a device comes and goes until it has been heard.</summary>
    private static string UntilHeard(Sandbox sandbox, RunningProcess monitor, Func<string, bool> wanted)
    {
        var heard = Eventually.Get(
            () =>
            {
                Assert.False(monitor.HasExited, $"monitor exited: {monitor.Error}");
                sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
                var line = SpinWait.SpinUntil(() => monitor.Lines.Any(wanted), TestTime.Seconds(0.2)) ? monitor.Lines.First(wanted) : null;
                sandbox.Run("ip link del uem-a").Ok();
                return line;
            },
            Deadline.Default, "monitor prints a veth");
        return heard;
    }
}
