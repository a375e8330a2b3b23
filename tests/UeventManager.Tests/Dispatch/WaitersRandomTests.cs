using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Dispatch;

/// <summary>While devices come, go and move at random, each answer to a wait is compared with the true state.</summary>
public sealed class WaitersRandomTests
{
    private const string Ready = """
        - name: ready
          wait: [{exists: ready}]
          timeout: 1s
        """;

    [Fact]
    public void No_waiter_waits_for_a_state_that_already_holds()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        string[] names = ["a", "b", "c", "a/x", "b/x"];
        for (var round = 0; round < 60; round++)
        {
            var world = new EngineWorld(Ready);
            var open = new List<(DeviceWait Wait, Func<bool> IsSo)>();
            for (var step = 0; step < 40; step++)
            {
                Disturb(world, random, names);
                world.Run(random.Next(2) * 1_000);
                if (random.Next(2) == 0)
                    open.Add(RandomWait(world, random, names));
                world.Waiters.Timer(world.Now);
                open.RemoveAll(one => !one.Wait.IsIn);
                Assert.Equal(open.Count, world.Waiters.Count);
                Assert.All(open, one => Assert.False(one.IsSo(), Seed.Replay(seed)));
            }
        }
    }

    private static void Disturb(EngineWorld world, Random random, string[] names)
    {
        var name = names[random.Next(names.Length)];
        var isThere = world.Engine.Devices.Find(System.Text.Encoding.UTF8.GetBytes($"/devices/{name}")) is not null;
        if (!isThere && (!name.Contains('/') || world.Engine.Devices.Find(System.Text.Encoding.UTF8.GetBytes($"/devices/{name[..1]}")) is not null))
        {
            if (world.Add(name) is { } device && random.Next(4) > 0)
                device.Write("ready", "");
        }
        else if (isThere && name.Length == 1 && random.Next(3) == 0)
        {
            var free = names.Where(other => other.Length == 1 && world.Engine.Devices.Find(System.Text.Encoding.UTF8.GetBytes($"/devices/{other}")) is null).ToList();
            if (free.Count > 0)
                world.Move(name, free[0]);
        }
        else if (isThere && !world.Engine.Devices.All().Any(device => device.DevPath.StartsWith($"/devices/{name}/", StringComparison.Ordinal)))
        {
            world.Remove(name);
        }
    }

    // With what it waits for, said as simply as possible.
    private static (DeviceWait Wait, Func<bool> IsSo) RandomWait(EngineWorld world, Random random, string[] names)
    {
        var removed = random.Next(3) == 0;
        var name = names[random.Next(names.Length)];
        var deadline = world.Now + 100_000_000;
        bool IsSettled(Device device) => device is { State: DeviceState.Announced, Findings.Settled: true };
        Func<Device, bool> wants;
        DeviceWait wait;
        var count = 1;
        switch (random.Next(3))
        {
            case 0:
                wait = new NamedWait(name, () => (new DeviceKey(DeviceKeyKind.Path, $"/devices/{name}"), true), removed, deadline) { Answer = _ => { }, Expire = _ => { } };
                wants = device => device.DevPath == $"/devices/{name}";
                break;
            case 1:
                wait = new NamedWait(name, () => (new DeviceKey(DeviceKeyKind.Name, $"net:{name[^1]}"), true), removed, deadline) { Answer = _ => { }, Expire = _ => { } };
                wants = device => device.SysName == name[^1..];
                break;
            default:
                count = removed ? 1 : 1 + random.Next(2);
                wait = new FilteredWait(new DeviceFilter { DevPaths = [Glob.Parse($"/devices/{name[0]}**")] }, count, removed, deadline) { Answer = _ => { }, Expire = _ => { } };
                wants = device => device.DevPath.StartsWith($"/devices/{name[0]}", StringComparison.Ordinal);
                break;
        }
        world.Waiters.Add(wait, world.Now);
        // A name may mean two devices: then it is the first one that is asked about.
        return (wait, () => removed
            ? !world.Engine.Devices.All().Any(wants)
            : wait is FilteredWait ? world.Engine.Devices.All().Count(device => wants(device) && IsSettled(device)) >= count : world.Engine.Devices.All().FirstOrDefault(wants) is { } first && IsSettled(first));
    }
}
