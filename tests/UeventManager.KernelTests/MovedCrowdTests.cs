using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A rename above many waiting devices, whose looks then have an old path.</summary>
public sealed class MovedCrowdTests
{
    private const string Rules = """
        version: 1
        subsystem: kid
        rules:
          - name: kid
            wait: [{attribute: state, equals: ok}]
            timeout: 10min
        """;

    [Fact]
    public void Devices_below_a_renamed_one_wait_on_and_are_announced_below_its_last_name()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        var parent = sysfs.AddDevice("/devices/p", "par");
        injector.Send("add", parent);
        string[] kids = ["k1", "k2", "k3"];
        foreach (var kid in kids)
        {
            var device = sysfs.AddDevice($"/devices/p/{kid}", "kid");
            device.Write("state", "no\n");
            injector.Send("add", device);
        }

        for (var i = 0; i < 10; i++)
        {
            var (from, to) = (parent.DevPath, i % 2 == 0 ? "/devices/q" : "/devices/p");
            parent = sysfs.Rename(parent, to);
            injector.Send("move", parent, $"DEVPATH_OLD={from}");
            Eventually.SameSet(() => kids.Select(kid => $"{to}/{kid}"), () => Waiting(daemon), Deadline.Default, "all wait below the new name");
        }

        Assert.DoesNotContain(subscription.Picture.Keys, path => path.Contains("/k", StringComparison.Ordinal));
        foreach (var kid in kids)
            File.WriteAllText($"{sysfs.Root}{parent.DevPath}/{kid}/state", "ok\n");
        var added = kids.Select(kid => subscription.WaitForEvent(one => one.Is("add", kid)).Device.DevPath);
        Assert.Equal(kids.Select(kid => $"{parent.DevPath}/{kid}"), added);
    }

    private static IEnumerable<string> Waiting(DaemonProcess daemon) =>
        daemon.List(new { unsettled = true }).Where(device => !device.Settled && device.Subsystem == "kid").Select(device => device.DevPath);
}
