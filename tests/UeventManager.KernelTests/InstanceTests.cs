using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A device that is created again under the same name is another device.</summary>
public sealed class InstanceTests
{
    private const int Rounds = 400;
    private const int Names = 4;
    private const string Rules = """
        version: 1
        subsystem: twin
        rules:
          - name: ready
            wait:
              - exists: ready
            timeout: 10min
            attach:
              attributes: [generation]
        """;

    [Fact]
    public void A_device_re_created_while_it_is_looked_at_is_never_announced_with_its_successors_files()
    {
        var random = Seed.Random();
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        Directory.CreateDirectory(sysfs.Root + "/class/twin");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        using var subscription = daemon.Subscribe();
        using var injector = new UeventInjector(sandbox);

        var newest = Churn(random, sysfs, injector);
        var events = EventsUntilNewest(subscription, newest);

        foreach (var ofOneName in events.GroupBy(one => one.Device.DevPath))
        {
            var expected = "add";
            foreach (var one in ofOneName)
            {
                Assert.True(one.Action == expected, $"{one.Action} where {expected} was due: {one}");
                expected = expected == "add" ? "remove" : "add";
                if (one.Action == "add")
                    Assert.True(Generation(one) == one.Device.Attribute("generation"), $"announced with another's files: {one}");
            }
        }

        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), daemon.List().Select(device => device.DevPath).Order(StringComparer.Ordinal));
    }

    /// <summary>Makes, completes, removes and makes again, as fast as it can; ends with one complete device under each name.</summary>
    private static Dictionary<string, string> Churn(Random random, FakeSysfs sysfs, UeventInjector injector)
    {
        var present = new FakeDevice?[Names];
        for (var round = 0; round < Rounds; round++)
        {
            var name = random.Next(Names);
            Remove(injector, present[name]);
            present[name] = Make(sysfs, injector, name, round, complete: random.Next(2) == 0);
            if (random.Next(4) == 0)
                present[name]!.Write("ready", "");
        }

        for (var name = 0; name < Names; name++)
        {
            Remove(injector, present[name]);
            present[name] = Make(sysfs, injector, name, Rounds + name, complete: true);
        }

        return present.ToDictionary(device => device!.DevPath, device => File.ReadAllText(device!.Path + "/generation"));
    }

    private static FakeDevice Make(FakeSysfs sysfs, UeventInjector injector, int name, int generation, bool complete)
    {
        var device = sysfs.AddDevice($"/devices/virtual/twin/t{name}", "twin");
        device.Write("generation", $"{generation}");
        if (complete)
            device.Write("ready", "");
        injector.Send("add", device, $"GENERATION={generation}");
        return device;
    }

    /// <summary>In the kernel's order: device_del() sends the uevent before the directory goes.</summary>
    private static void Remove(UeventInjector injector, FakeDevice? device)
    {
        if (device is null)
            return;
        injector.Send("remove", device);
        device.Remove();
    }

    private static List<EventView> EventsUntilNewest(Subscription subscription, Dictionary<string, string> newest)
    {
        var deadline = Deadline.Seconds(30);
        var events = new List<EventView>();
        var due = new Dictionary<string, string>(newest);
        while (due.Count > 0)
        {
            var one = subscription.WaitForEvent(
                candidate => candidate.Device.Subsystem == "twin", deadline, $"the last of {string.Join(", ", due.Keys)}");
            events.Add(one);
            if (one.Action == "add" && due.GetValueOrDefault(one.Device.DevPath) == Generation(one))
                due.Remove(one.Device.DevPath);
        }

        return events;
    }

    private static string? Generation(EventView one) => one.Device.Property("GENERATION");
}
