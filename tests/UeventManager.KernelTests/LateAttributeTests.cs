using System.Collections.Concurrent;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The main guarantee, under load: a late attribute holds its own device, and no other.</summary>
public sealed class LateAttributeTests
{
    private const int Devices = 1000;
    private const string Rules = """
        version: 1
        subsystem: late
        rules:
          - name: ready
            wait:
              - exists: ready
            timeout: 10min
            attach:
              attributes: [ready]
        """;

    [Fact]
    public async Task A_thousand_devices_that_complete_in_random_order_are_all_announced_and_none_early()
    {
        var random = Seed.Random();
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        Directory.CreateDirectory(sysfs.Root + "/class/late");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);
        var completedUsec = new ConcurrentDictionary<string, long>();
        var arrived = new ConcurrentDictionary<string, EventView>();
        var reader = Task.Run(() => ReadAll(subscription, sysfs, arrived), TestContext.Current.CancellationToken);

        MakeAll(random, sysfs, injector, completedUsec, arrived);
        await reader;

        Assert.Equal(Devices, arrived.Count);
        foreach (var (devpath, add) in arrived)
        {
            Assert.True(add.Device.Settled, add.ToString());
            Assert.Equal("yes", add.Device.Attribute("ready"));
            Assert.True(add.SettledUsec >= completedUsec[devpath], $"{devpath} settled before it was complete");
        }

        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), daemon.List().Select(device => device.DevPath).Order(StringComparer.Ordinal));
        Assert.Equal(0, daemon.Call("Status").GetProperty("waiting").GetInt64());
    }

    /// <summary>Announces and completes in random order; a tenth stays incomplete until everything else has arrived.</summary>
    private static void MakeAll(
        Random random, FakeSysfs sysfs, UeventInjector injector, ConcurrentDictionary<string, long> completedUsec,
        ConcurrentDictionary<string, EventView> arrived)
    {
        var incomplete = new List<FakeDevice>();
        var made = 0;
        while (made < Devices || incomplete.Count > Devices / 10)
        {
            if (made < Devices && random.Next(2) == 0)
            {
                var device = sysfs.AddDevice($"/devices/virtual/late/d{made++}", "late");
                injector.Send("add", device);
                incomplete.Add(device);
            }
            else if (incomplete.Count > 0)
            {
                CompleteOne(random, incomplete, completedUsec);
            }
        }

        Eventually.Holds(() => arrived.Count == Devices - incomplete.Count, Deadline.Seconds(30), "every complete device arrives");
        while (incomplete.Count > 0)
            CompleteOne(random, incomplete, completedUsec);
    }

    private static void CompleteOne(Random random, List<FakeDevice> incomplete, ConcurrentDictionary<string, long> completedUsec)
    {
        var index = random.Next(incomplete.Count);
        // Before the attribute is there: an event that settles earlier than this is surely early.
        completedUsec[incomplete[index].DevPath] = MonotonicClock.Usec;
        incomplete[index].Write("ready", "yes\n");
        incomplete.RemoveAt(index);
    }

    private static void ReadAll(Subscription subscription, FakeSysfs sysfs, ConcurrentDictionary<string, EventView> arrived)
    {
        var deadline = Deadline.Seconds(60);
        while (arrived.Count < Devices)
        {
            var one = subscription.WaitForEvent(candidate => candidate.Device.Subsystem == "late", deadline, $"{arrived.Count} of {Devices} arrived");
            Assert.True(File.Exists($"{sysfs.Root}{one.Device.DevPath}/ready"), $"early: {one}");
            Assert.True(one.Action == "add" && arrived.TryAdd(one.Device.DevPath, one), $"twice: {one}");
        }
    }
}
