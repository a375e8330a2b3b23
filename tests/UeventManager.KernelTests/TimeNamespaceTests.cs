using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A command in another time namespace than the daemon counts in the daemon's clock.</summary>
public sealed class TimeNamespaceTests
{
    [Theory]
    [InlineData("864000")]
    [InlineData("-5")]
    public void A_command_counts_in_the_clock_of_the_daemon(string offset)
    {
        using var sandbox = Sandbox.Create();
        Requires.TimeNamespaces(sandbox);
        using var sysfs = new FakeSysfs();
        using var injector = new UeventInjector(sandbox);
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var subscription = daemon.Subscribe();
        injector.Send("add", sysfs.AddDevice("/devices/virtual/lp/lp0", "lp"));
        subscription.WaitForEvent(one => one.Is("add", "lp0"));

        Assert.Matches(@"(?m)^up\s+[0-9.]+ ?(ms|s|min)$", Ctl("status").Output);
        Assert.Contains("lp0", Ctl("monitor --since 1h --count 1 --timeout 60s").Output, StringComparison.Ordinal);

        CommandResult Ctl(string arguments) =>
            sandbox.Run($"unshare --time --monotonic {offset} {Repository.Ueventctl} {arguments} --socket {daemon.SocketPath}").Ok();
    }
}
