using System.Globalization;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// <c>ueventctl retell</c> beside the distribution's udevd: programs that know only udev get complete devices, and no gate stays shut.
/// </summary>
public sealed class RetellTests : IDisposable
{
    private const string Settled = "E:UEVENT_SETTLED=1";
    private const string Shut = "E:UEVENT_SETTLED=0";
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly UdevdProcess _udevd;
    private readonly List<RunningProcess> _retells = [];
    private DaemonProcess _daemon = null!;

    public RetellTests() => _udevd = UdevdProcess.Start(_sandbox);

    public void Dispose()
    {
        _retells.ForEach(one => TestContext.Current.TestOutputHelper?.WriteLine($"retell said:\n{one.Error}"));
        TestContext.Current.TestOutputHelper?.WriteLine($"udev's rules:\n{_sandbox.Run($"ls -l {_udevd.Run}/udev/rules.d {_udevd.Run}/uevent-manager; head -50 {_udevd.Database}/n*").Output}");
        _udevd.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void A_device_that_udevd_announced_too_early_is_announced_again_once_complete()
    {
        using var daemon = StartDaemon("");
        using var consumer = daemon.Subscribe(new { filter = new { subsystems = new[] { "net" }, sysnames = new[] { "v*", "x*" } } });
        using var retell = Retell();
        using var programs = Monitor();
        AddPair("v0", "x0");
        programs.WaitForLine(line => IsTold(line, "add", "v0"), Deadline.Default, "udevd tells of the add");
        Complete("v0");
        consumer.WaitForEvent(one => one.IsAt("add", "/devices/virtual/net/v0"));
        programs.WaitForLine(line => IsTold(line, "move", "v0"), Deadline.Default, "udevd announces devices again");
        Eventually.Holds(() => daemon.Counters()["retold"] == 1, Deadline.Default, "the daemon knows of one");
        // Whoever was complete in time is not told again, and our own subscribers hear nothing of it.
        Complete("x0");
        AddPair("v1", "x1");
        programs.WaitForLine(line => IsTold(line, "add", "x1"), Deadline.Default, "udevd tells of the next");
        _sandbox.Run("echo change > /sys/class/net/x0/uevent").Ok();
        programs.WaitForLine(line => IsTold(line, "change", "x0"), Deadline.Default, "udevd tells of a change");
        Assert.DoesNotContain(programs.Lines, line => IsTold(line, "move", "x0") || IsTold(line, "move", "x1"));
        Assert.Equal(1, daemon.Counters()["retold"]);
        Assert.DoesNotContain(consumer.EventsUntil(one => one.IsAt("change", "/devices/virtual/net/x0")), one => one.Action == "move");
    }

    [Fact]
    public void A_gate_is_shut_only_until_its_device_is_complete_and_for_no_other_device()
    {
        AddPair("old0", "old1");
        Eventually.Holds(() => Entry("old0").Length > 0, Deadline.Default, "udevd knows the first pair");
        using var daemon = StartDaemon("gate: ready");
        using var retell = Retell();
        AddPair("v0", "x0");
        Eventually.Holds(() => Entry("x0").Contains(Settled), Deadline.Default, "the gate of a device that is complete at once");
        Eventually.Holds(() => Entry("v0").Contains(Shut), Deadline.Default, "the gate of one that is not");
        Assert.Contains("E:SYSTEMD_READY=0", Entry("v0"));
        Assert.DoesNotContain("G:settled", Entry("v0"));
        // Neither a plain change nor a coldplug opens it, and neither shuts that of a device which udev knew before.
        foreach (var action in new[] { "change", "add" })
        {
            foreach (var name in new[] { "v0", "old0" })
                _sandbox.Run($"echo {action} > /sys/class/net/{name}/uevent").Ok();
        }
        _udevd.Settle(_sandbox);
        Assert.Contains(Shut, Entry("v0"));
        Assert.DoesNotContain(Entry("old0"), line => line.Contains("SYSTEMD_READY", StringComparison.Ordinal) || line == Shut);
        Complete("v0");
        Eventually.Holds(() => Entry("v0").Contains(Settled), Deadline.Default, "the gate opens");
        Assert.Contains("G:settled", Entry("v0"));
        Assert.DoesNotContain(Entry("v0"), line => line.Contains("SYSTEMD_READY", StringComparison.Ordinal));
        foreach (var action in new[] { "change", "add" })
            _sandbox.Run($"echo {action} > /sys/class/net/v0/uevent").Ok();
        _udevd.Settle(_sandbox);
        Assert.Contains(Settled, Entry("v0"));
    }

    [Fact]
    public void Behind_a_blocking_gate_programs_first_see_the_complete_device_and_no_wait_is_endless()
    {
        using var daemon = StartDaemon("gate: block");
        using var retell = Retell();
        using var programs = Monitor("--property");
        // A worker waits two seconds: where that is too short to look, another pair is tried.
        for (var i = 0; ; i++)
        {
            var (name, began) = ($"v{i}", MonotonicClock.Usec);
            AddPair(name, $"x{i}");
            // Its worker waits: what comes behind it is told meanwhile.
            Eventually.Holds(() => daemon.List(new { unsettled = true }).Any(one => one.SysName == name), Deadline.Default, "the daemon waits");
            programs.WaitForLine(line => line == $"INTERFACE=x{i}", Deadline.Default, "the other is told of");
            var before = programs.Lines.Contains($"INTERFACE={name}");
            var isInTime = MonotonicClock.Usec - began < 1_500_000;
            Complete(name);
            programs.WaitForLine(line => line == $"INTERFACE={name}", Deadline.Default, "the blocked one is told of");
            Eventually.Holds(() => Entry(name).Contains(Settled), Deadline.Default, "its gate is open");
            if (!isInTime && i < 4)
                continue;
            Assert.False(before, "it was told of before it was complete");
            break;
        }
        // One that never completes is told of all the same, shut.
        AddPair("v9", "x9");
        programs.WaitForLine(line => line == "INTERFACE=v9", Deadline.Default, "the worker goes on");
        Assert.Contains(Shut, Entry("v9"));
        Complete("v9");
        Eventually.Holds(() => Entry("v9").Contains(Settled), Deadline.Default, "and is retold");
    }

    [Theory]
    [InlineData("retell ends")]
    [InlineData("retell is killed")]
    [InlineData("the daemon is killed")]
    public void Retell_leaves_no_gate_shut_when_it_ends(string how)
    {
        using var daemon = StartDaemon("gate: ready");
        using var retell = Retell();
        AddPair("v0", "x0");
        Eventually.Holds(() => Entry("v0").Contains(Shut), Deadline.Default, "the gate is shut");
        switch (how)
        {
            case "retell ends":
                retell.Signal(Syscalls.SIGTERM);
                Assert.Equal(0, retell.WaitForExit(Deadline.Default));
                break;
            case "retell is killed":
                retell.Signal(Syscalls.SIGKILL);
                retell.WaitForExit(Deadline.Default);
                break;
            default:
                daemon.Kill();
                break;
        }
        // The link leads nowhere from then on, whoever made it.
        Eventually.Holds(() => _sandbox.Run(string.Join(' ', _udevd.Inside("test", "-e", "/run/uevent-manager/gate"))).ExitCode != 0, Deadline.Default, "nobody opens gates");
        AddPair("v1", "x1");
        Eventually.Holds(() => Entry("v1").Length > 0, Deadline.Default, "udevd is done with a new one");
        Assert.DoesNotContain(Shut, Entry("v1"));
        // What the unit runs behind each end.
        if (how == "retell is killed")
            _sandbox.Run(string.Join(' ', _udevd.Inside(Repository.Ueventctl, "retell", "--open"))).Ok();
        Eventually.Holds(() => Entry("v0").Contains(Settled), Deadline.Default, "what was shut is open");
        Assert.DoesNotContain(Entry("v0"), line => line.Contains("SYSTEMD_READY", StringComparison.Ordinal));
    }

    [Fact]
    public void After_a_restart_a_gate_that_was_shut_before_is_opened_once_its_device_is_complete()
    {
        using var daemon = StartDaemon("gate: ready");
        using (var first = Retell())
        {
            AddPair("v0", "x0");
            Eventually.Holds(() => Entry("v0").Contains(Shut), Deadline.Default, "the gate is shut");
            first.Signal(Syscalls.SIGKILL);
            first.WaitForExit(Deadline.Default);
        }
        Complete("v0");
        Eventually.Holds(() => daemon.List().Any(one => one.SysName == "v0"), Deadline.Default, "it is announced while nobody retells");
        using var second = Retell();
        Eventually.Holds(() => Entry("v0").Contains(Settled), Deadline.Default, "the next one opens it");
    }

    private DaemonProcess StartDaemon(string gate) => _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions
    {
        Rules = $$"""
            version: 1
            subsystem: net
            rules:
              - name: named
                on: [add]
                match: {sysname: "v*"}
                wait: [{attribute: ifalias, equals: ready}]
                timeout: 10min
                {{gate}}
            """,
    });

    private RunningProcess Retell()
    {
        var process = _udevd.Retell(_sandbox, _daemon);
        _retells.Add(process);
        return process;
    }

    private RunningProcess Monitor(params string[] options)
    {
        var process = _sandbox.Start(_udevd.Inside(["stdbuf", "-oL", "udevadm", "monitor", "--udev", .. options]));
        process.WaitForLine(line => line.StartsWith("UDEV - the event", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        return process;
    }

    // It creates the socket before it writes that line, and ends it with an empty one.
    private static bool IsTold(string line, string action, string name) =>
        line.StartsWith("UDEV ", StringComparison.Ordinal) && line.Contains($" {action} ", StringComparison.Ordinal) && line.Contains($"/net/{name} ", StringComparison.Ordinal);

    private void AddPair(string one, string other) => _sandbox.Run($"ip link add {one} type veth peer name {other}").Ok();

    private void Complete(string name) => _sandbox.Run($"echo ready > /sys/class/net/{name}/ifalias").Ok();

    private string[] Entry(string name)
    {
        var index = int.Parse(_sandbox.Run($"cat /sys/class/net/{name}/ifindex").Ok().Output, CultureInfo.InvariantCulture);
        var path = $"{_udevd.Database}/n{index}";
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }
}
