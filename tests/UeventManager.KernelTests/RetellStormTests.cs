using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>Gates at their limits: a storm of blocked devices, and a rename by an administrator.</summary>
public sealed class RetellStormTests : IDisposable
{
    private const int Blocked = 60;
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly UdevdProcess _udevd;
    private DaemonProcess? _daemon;
    private RunningProcess? _retell;

    public RetellStormTests() => _udevd = UdevdProcess.Start(_sandbox);

    public void Dispose()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"retell said:\n{_retell?.Error}\n{_sandbox.Run($"ls -la --time-style=full-iso {_udevd.Run}/udev/rules.d {_udevd.Run}/uevent-manager; head -50 {_udevd.Database}/n*").Output}");
        _daemon?.Dispose();
        _udevd.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void Sixty_blocked_devices_hold_up_no_other()
    {
        // By devtype, so that only bridges are gated.
        Retell("{name: a, on: [add], match: {devtype: bridge}, wait: [{attribute: ifalias, equals: ready}], timeout: 10min, gate: block}");
        var programs = _sandbox.Start(_udevd.Inside("stdbuf", "-oL", "udevadm", "monitor", "--udev"));
        programs.WaitForLine(line => line.StartsWith("UDEV - the event", StringComparison.Ordinal), Deadline.Default, "udevadm listens");
        _sandbox.Run($"for i in $(seq {Blocked}); do ip link add late$i type bridge; done").Ok();
        var began = MonotonicClock.Usec;
        _sandbox.Run("ip link add other type veth peer name another").Ok();
        programs.WaitForLine(line => line.Contains(" add ", StringComparison.Ordinal) && line.Contains("/net/other ", StringComparison.Ordinal), Deadline.Default, "udevd tells of the other");
        var other = TimeSpan.FromMicroseconds(MonotonicClock.Usec - began);
        TestContext.Current.TestOutputHelper?.WriteLine($"behind {Blocked} blocked devices another was told of after {other.TotalMilliseconds:0} ms");
        // Two seconds for each that waits, over all of udevd's workers, would be more than this.
        Assert.True(other < TestTime.Seconds(0.5), $"another device was told of after {other}");
        // All are told of, shut, and open once they are complete.
        for (var i = 1; i <= Blocked; i++)
            _sandbox.Run($"echo ready > /sys/class/net/late{i}/ifalias").Ok();
        Eventually.Holds(() => ShutEntries() == 0 && Directory.GetFiles(_udevd.Database, "n*").Length > Blocked, Deadline.Seconds(120), "every gate is open");
    }

    [Fact]
    public void A_name_that_an_administrator_gave_survives_a_retelling()
    {
        Retell("{name: a, on: [add], match: {sysname: \"late*\"}, wait: [{attribute: ifalias, equals: ready}], timeout: 10min, gate: ready}");
        _sandbox.Run("ip link add late0 type veth peer name other0").Ok();
        Eventually.Holds(() => ShutEntries() == 1, Deadline.Default, "the gate is shut");
        _sandbox.Run("ip link set late0 name mine0 && echo ready > /sys/class/net/mine0/ifalias").Ok();
        Eventually.Holds(() => ShutEntries() == 0, Deadline.Default, "the gate is open");
        _udevd.Settle(_sandbox);
        Assert.True(_sandbox.Run("test -e /sys/class/net/mine0 && ! test -e /sys/class/net/late0").ExitCode == 0, "its name is the administrator's");
    }

    private void Retell(string rule)
    {
        _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Rules = $"version: 1\nsubsystem: net\nrules:\n  - {rule}\n" });
        _retell = _udevd.Retell(_sandbox, _daemon);
    }

    private int ShutEntries() => _udevd.Database is { } database && Directory.Exists(database) ? Directory.GetFiles(database, "n*").Count(IsShut) : 0;

    private static bool IsShut(string path)
    {
        try
        {
            return File.ReadAllLines(path).Contains("E:UEVENT_SETTLED=0");
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
