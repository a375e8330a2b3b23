using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>A change that makes a device less complete is not delivered, and every command shows it.</summary>
public sealed class UnfinishedChangeTests
{
    [Fact]
    public void A_change_that_is_not_delivered_is_seen_by_every_command_and_waited_for()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var injector = new UeventInjector(sandbox);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = """
                version: 1
                subsystem: lp
                rules:
                  - name: backed
                    on: [add, change]
                    wait: [{exists: backing_file}]
                    timeout: 200ms
                """,
        });
        using var subscription = daemon.Subscribe();
        var before = NowUsec();
        var device = sysfs.AddDevice("/devices/virtual/lp/lp0", "lp");
        device.Write("backing_file", "/disk\n");
        injector.Send("add", device);
        var add = subscription.WaitForEvent(one => one.Is("add", "lp0"));
        Assert.InRange(add.Json.GetProperty("realtimeUsec").GetInt64(), before, NowUsec());
        Assert.All(
            daemon.Call("Explain", new { device = device.DevPath }).GetProperty("history").EnumerateArray(),
            moment => Assert.InRange(moment.GetProperty("realtimeUsec").GetInt64(), before, NowUsec()));
        Assert.Equal(0, Ctl($"wait lp:lp0 --timeout {10 * TestTime.Factor}s").ExitCode);

        File.Delete(device.Path + "/backing_file");
        injector.Send("change", device);
        Eventually.Holds(() => daemon.Call("Explain", new { device = device.DevPath }).TryGetProperty("unfinished", out _), Deadline.Default, "the change has arrived");
        Assert.Contains("not delivered, missing: exists: backing_file", Ctl("info lp:lp0").Output, StringComparison.Ordinal);
        Assert.Contains("lp0", Ctl("list --unsettled").Output, StringComparison.Ordinal);
        Assert.Contains("lp0", Ctl("status").Output, StringComparison.Ordinal);
        Assert.Contains("NO", Ctl("explain lp:lp0").Output, StringComparison.Ordinal);
        Assert.Equal(3, Ctl("wait lp:lp0 --timeout 1s").ExitCode);

        device.Write("backing_file", "/other\n");
        injector.Send("change", device);
        subscription.WaitForEvent(one => one.Is("change", "lp0"));
        Assert.Equal(0, Ctl($"wait lp:lp0 --timeout {10 * TestTime.Factor}s").ExitCode);
        Assert.DoesNotContain("not delivered", Ctl("info lp:lp0").Output, StringComparison.Ordinal);

        // Another action ends such a change, and says itself what the device lacks.
        File.Delete(device.Path + "/backing_file");
        injector.Send("change", device);
        injector.Send("bind", device);
        var bind = subscription.WaitForEvent(one => one.Is("bind", "lp0"));
        Assert.False(bind.Json.GetProperty("device").GetProperty("settled").GetBoolean());
        Assert.Contains("(1 not settled)", Ctl("status").Output, StringComparison.Ordinal);
        Assert.Contains("lp:lp0  for exists: backing_file", Ctl("status").Output, StringComparison.Ordinal);
        Assert.Contains("NO", Ctl("explain lp:lp0").Output, StringComparison.Ordinal);
        Assert.Equal(3, Ctl("wait lp:lp0 --timeout 1s").ExitCode);
        device.Write("backing_file", "/third\n");
        injector.Send("bind", device);
        subscription.WaitForEvent(one => one.Is("change", "lp0"));
        Assert.Equal(0, Ctl($"wait lp:lp0 --timeout {10 * TestTime.Factor}s").ExitCode);
        Assert.DoesNotContain("not settled", Ctl("status").Output, StringComparison.Ordinal);

        CommandResult Ctl(string command) => sandbox.Run($"{Repository.Ueventctl} {command} --socket {daemon.SocketPath}");
    }

    private static long NowUsec() => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
