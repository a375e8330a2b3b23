using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>On a machine without the rules' devices the package changes nothing.</summary>
public sealed class ShippedRulesTests
{
    [Fact]
    public void The_rules_hold_no_device_of_this_machine()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Arguments = ["--rules", Path.Combine(Repository.Root, "rules")] });
        Assert.True(daemon.Call("Status").GetProperty("rules").GetInt64() > 20, "the shipped rules are in force");
        using var subscription = daemon.Subscribe();
        // Looked at anew each time: other devices of the machine may come and go meanwhile.
        Eventually.SameSet(
            () => Everything(sandbox), () => daemon.List().Where(device => device.Settled).Select(device => device.DevPath),
            Deadline.Default, "all of the machine's devices are announced");
        Eventually.Holds(() => daemon.List(new { unsettled = true }).All(device => device.Settled), Deadline.Default, "nothing waits");
        var announced = daemon.List().Select(device => device.DevPath).ToHashSet(StringComparer.Ordinal);
        subscription.WaitUntil(() => announced.IsSubsetOf(subscription.Picture.Keys), Deadline.Default, "the subscriber knows all of them");
        var status = daemon.Call("Status");
        Assert.Equal((0, 0), (status.GetProperty("waiting").GetInt64(), status.GetProperty("held").GetInt64()));
        Assert.Equal(0, daemon.Counters()["held"]);
        Assert.Contains(subscription.Picture.Values, device => device.Rule is not null);
        foreach (var device in subscription.Picture.Values)
            Assert.True(device.Settled, device.ToString());
    }

    // Independent of what the daemon makes of it: what the links of buses and classes lead to, if it has a uevent file.
    private static IEnumerable<string> Everything(Sandbox sandbox) =>
        sandbox.Run("for one in /sys/bus/*/devices/* /sys/class/*/*; do if [ -L $one ] && [ -e $one/uevent ]; then echo $one; fi; done | xargs readlink -f")
            .Ok().Lines.Select(line => line["/sys".Length..]).Distinct();
}
