using UeventManager.Core.Ordering;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Engine;

/// <summary>
/// The table of docs/internals/device-life.md: what each input does to a device in each state, and what subscribers see of it. The device is <c>d</c>; a
/// move makes it <c>e</c>.
/// </summary>
internal static class LifeTable
{
    /// <summary>Nothing can be put to the test there.</summary>
    public const string Impossible = "–";

    /// <summary>The same state, and nothing is seen.</summary>
    public const string Same = "=";

    private const string Rule = """
        - name: ready
          match: {sysname: "[dep]"}
          wait: [{exists: ready}]
          timeout: 2s
          onTimeout: POLICY
        """;

    /// <summary>How a device gets into a state. The string is its name.</summary>
    public static IReadOnlyDictionary<string, Func<string, (EngineWorld World, string Name)>> States { get; } =
        new Dictionary<string, Func<string, (EngineWorld, string)>>
        {
            ["unknown"] = policy => (World(policy), "d"),
            ["waiting"] = policy => Waiting(policy),
            ["deciding"] = policy => Waiting(policy),
            ["queued"] = policy => Queued(policy),
            ["held"] = _ => TimedOut("hold"),
            ["dropped"] = _ => TimedOut("drop"),
            ["announced"] = policy => Announced(policy),
            ["changing"] = policy => Changing(policy),
        };

    /// <summary>What is done to it.</summary>
    public static IReadOnlyDictionary<string, Action<EngineWorld, string>> Inputs { get; } = new Dictionary<string, Action<EngineWorld, string>>
    {
        ["add"] = (world, name) => Send(world, "add", name),
        ["add of another instance"] = (world, name) =>
        {
            world.Sysfs.Remove(EngineWorld.Dev(name));
            world.Add(name);
        },
        ["bind"] = (world, name) => Send(world, "bind", name),
        ["unbind"] = (world, name) => Send(world, "unbind", name),
        ["change"] = (world, name) => Send(world, "change", name),
        ["online"] = (world, name) => Send(world, "online", name),
        ["offline"] = (world, name) => Send(world, "offline", name),
        ["move"] = (world, name) =>
        {
            Exist(world, name);
            world.Move(name, "e");
        },
        ["remove"] = (world, name) => world.Remove(name),
        ["another event with the same SEQNUM"] = (world, name) => world.Queue(world.Seqnum, world.State(name) == DeviceState.Announced ? "change" : "add", name),
        ["change older than the add"] = (world, name) => world.Queue(1, "change", name),
        ["remove older than the add"] = (world, name) => world.Queue(1, "remove", name),
        ["it is complete"] = (world, name) =>
        {
            Complete(world, name);
            world.Run(31_000_000);
        },
        ["timeout, hold"] = (world, _) => world.Run(2_000_000),
        ["timeout, drop"] = (world, _) => world.Run(2_000_000),
        ["timeout, deliver"] = (world, _) => world.Run(2_000_000),
        ["release by hand"] = (world, name) => world.Release(name),
        ["overrun"] = (world, _) => world.Overrun(),
        ["overrun that lost its remove"] = (world, name) =>
        {
            world.Sysfs.Remove(EngineWorld.Dev(name));
            world.Overrun();
        },
    };

    /// <summary>The table's rows; the first cell is the input.</summary>
    public static IReadOnlyList<string[]> Rows()
    {
        var lines = File.ReadAllLines(Path.Combine(SourceTree.Root, "docs/internals/device-life.md"));
        return [.. lines.SkipWhile(line => !line.StartsWith("| input |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).Select(Cells)];
    }

    /// <summary>Where the device is now, in the table's words.</summary>
    public static string StateOf(EngineWorld world, string name)
    {
        if (new[] { name, "e" }.FirstOrDefault(world.Knows) is not { } known)
            return "unknown";
        var device = world.Device(known);
        return device.State switch
        {
            DeviceState.Announced when device.Pending is { } wait && wait.Events.Any(e => !e.Complete) => "changing",
            DeviceState.Waiting when device.Pending!.Events[0].Complete => "queued",
            var state => state.ToString().ToLowerInvariant(),
        };
    }

    public static void Complete(EngineWorld world, string name) => world.Sysfs.Find(EngineWorld.Dev(name))?.Write("ready", "");

    private static string[] Cells(string line) => [.. line.Trim('|', ' ').Split('|').Select(cell => cell.Trim())];

    private static void Send(EngineWorld world, string action, string name)
    {
        Exist(world, name);
        world.Send(action, name);
    }

    // The kernel announces nothing that is not there, apart from removes.
    private static void Exist(EngineWorld world, string name)
    {
        if (world.Sysfs.Find(EngineWorld.Dev(name)) is null)
            world.Create(name);
    }

    private static EngineWorld World(string policy) => new(Rule.Replace("POLICY", policy, StringComparison.Ordinal));

    private static (EngineWorld World, string Name) Waiting(string policy)
    {
        var world = World(policy);
        world.Add("d");
        world.Run(1_000);
        return (world, "d");
    }

    // Complete, but below a device whose add waits.
    private static (EngineWorld World, string Name) Queued(string policy)
    {
        var world = World(policy);
        world.Add("p");
        world.Add("p/d").Write("ready", "");
        world.Run(1_000);
        return (world, "p/d");
    }

    private static (EngineWorld World, string Name) TimedOut(string policy)
    {
        var (world, name) = Waiting(policy);
        world.Run(2_000_000);
        return (world, name);
    }

    private static (EngineWorld World, string Name) Announced(string policy)
    {
        var (world, name) = Waiting(policy);
        Complete(world, name);
        world.Run(10_000);
        return (world, name);
    }

    private static (EngineWorld World, string Name) Changing(string policy)
    {
        var (world, name) = Announced(policy);
        world.Sysfs.Find(EngineWorld.Dev(name))!.Delete("ready");
        world.Change(name);
        world.Run(1_000);
        return (world, name);
    }
}
