using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Scenario;

/// <summary>What drivers do with a device after its add: attributes late, in pieces, never, wrong at first, taken away again.</summary>
internal sealed class Drivers(EngineWorld world, Timeline timeline, Random random)
{
    private static readonly string[] s_names = ["ready", "state", "extra", "note"];

    public void Probe(ModelDevice device)
    {
        foreach (var name in s_names)
        {
            if (random.Next(10) == 0)
                continue;
            var at = Delay();
            if (at == 0)
                Set(device, name, random.Next(3) == 0 ? "down" : "up");
            else
                world.In(at, () => Set(device, name, random.Next(3) == 0 ? "down" : "up"));
            if (random.Next(3) == 0)
                world.In(at + Delay(), () => Set(device, name, "up"));
        }
    }

    /// <summary>Something changes that no uevent tells.</summary>
    public void Flip(ModelDevice device)
    {
        var name = s_names[random.Next(s_names.Length)];
        if (random.Next(3) > 0)
        {
            Set(device, name, random.Next(3) == 0 ? "down" : "up");
            return;
        }
        device.Delete(name);
        timeline.Add(world.Now, $"driver  {device.Path}/{name} goes");
    }

    public void Block(ModelDevice device)
    {
        if (device.Find("state") is not { } file)
            return;
        file.Blocks = true;
        timeline.Add(world.Now, $"driver  {device.Path}/state blocks");
        world.In(1 + random.Next(random.Next(2) == 0 ? 3_000 : 600_000), () =>
        {
            file.Blocks = false;
            timeline.Add(world.Now, $"driver  {device.Path}/state blocks no longer");
        });
    }

    private void Set(ModelDevice device, string name, string value)
    {
        if (!device.Exists)
            return;
        if (device.Find(name) is { } file)
            file.Value = value;
        else
            device.Write(name, value);
        timeline.Add(world.Now, $"driver  {device.Path}/{name} = {value}");
    }

    private long Delay() => random.Next(6) switch
    {
        0 or 1 => 0,
        2 => random.Next(200),
        3 => random.Next(3_000),
        4 => random.Next(30_000),
        _ => random.Next(400_000),
    };
}
