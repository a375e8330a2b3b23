using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Hostile;

/// <summary>
/// Without these one user who may read events keeps everybody else from them, or the service manager from seeing that the daemon lives.
/// How late they come is in <c>make bench</c>; here they must come at all, while it goes on.
/// </summary>
public sealed class FloodTests
{
    private const int Events = 40;
    private const int Signs = 3;

    [Theory]
    [InlineData("calls of List")]
    [InlineData("calls of GetInfo")]
    [InlineData("calls of Explain")]
    [InlineData("names that are none")]
    [InlineData("calls of Wait")]
    [InlineData("filters that cost, and a hang-up")]
    [InlineData("connections")]
    [InlineData("half requests")]
    public void During_a_flood_of_one_user_others_get_events_and_the_watchdog_is_fed(string what)
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, 300).Select(i => sysfs.AddDevice($"/devices/virtual/hostile/h{i}", "hostile", "PAD=" + new string('p', 300))).ToList();
        using var manager = new NotifySocket();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = manager.Path, ["WATCHDOG_USEC"] = "500000" },
        });
        using var injector = new UeventInjector(sandbox);
        using var subscription = Subscription.Open(Users.As(Users.Bystander, daemon.Connect), new { stateless = true }).WaitReady();
        manager.Read();
        var signs = manager.Alive;
        using (var flood = Flood.Begin(what, daemon.SocketPath))
        {
            Eventually.Holds(() => flood.Rounds > 3, Deadline.Default, "the flood has begun");
            var deadline = Deadline.Seconds(60);
            for (var i = 0; i < Events || manager.Alive < signs + Signs; i++)
            {
                injector.Send("change", devices[i % devices.Count], $"N={i}");
                subscription.WaitForEvent(one => one.Device.Property("N") == $"{i}", deadline, $"event {i} after {flood.Rounds} rounds of the flood");
                manager.Read();
                Assert.False(deadline.Passed, $"{manager.Alive - signs} signs of life");
            }
            // Whoever may see to it is served in the middle of it.
            daemon.Call("Settle");
            Assert.Equal(0, daemon.Counters()["connectionsFailed"]);
        }
        Eventually.Holds(() => daemon.Counters()["connections"] <= 2, Deadline.Default, "nothing is left of it");
        Assert.DoesNotContain("xception", daemon.Log, StringComparison.Ordinal);
    }
}
