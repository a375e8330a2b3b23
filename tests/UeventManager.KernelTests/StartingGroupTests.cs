using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A subscriber during the start gets each device once: in the state, or as an event after it.</summary>
public sealed class StartingGroupTests
{
    private const int Starts = 8;

    private const string Rules = """
        version: 1
        subsystem: [led, mem]
        rules:
          - name: led
            match: {sysname: "l*"}
            wait: [{exists: ready}]
            timeout: 500ms
            onTimeout: deliver
            attach: {attributes: [gen]}
            group: {members: "m*"}
          - name: mem
            match: {sysname: "m*"}
            wait: [{attribute: state, equals: ok}]
            timeout: 500ms
            onTimeout: deliver
            attach: {attributes: [state]}
            group: {leader: leader}
        """;

    [Fact]
    public void No_device_of_the_state_is_announced_again_after_it()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var leader = sysfs.AddDevice("/devices/l", "led");
        leader.Write("ready", "");
        leader.Write("gen", "1\n");
        foreach (var name in new[] { "m1", "m2", "m3" })
        {
            var member = sysfs.AddDevice($"/devices/{name}", "mem");
            if (name != "m3")
                member.Write("state", "ok\n");
            member.Link("leader", leader.DevPath);
            leader.Link(name, member.DevPath);
        }

        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = Rules });
        for (var i = 0; i < Starts; i++)
        {
            if (i > 0)
            {
                // Without a hand-over: everything is new again.
                daemon.Kill();
                daemon.StartAgain();
            }

            using var subscription = daemon.Subscribe();
            var state = subscription.Picture.Keys.ToList();
            using var injector = new UeventInjector(sandbox);
            injector.Send("change", "/devices/none", "kobjects");
            var behind = subscription.EventsUntil(one => one.Device.DevPath == "/devices/none").Where(one => one.Action == "add").Select(one => one.Device.DevPath);
            Assert.Equal(["/devices/l", "/devices/m1", "/devices/m2", "/devices/m3"], state.Concat(behind).Order(StringComparer.Ordinal));
        }
    }
}
