namespace UeventManager.Tests.Engine;

/// <summary>Worlds in which udevd tells what it is done with.</summary>
internal static class UdevRules
{
    public const string Disk = """
        - name: disk
          on: [add, change]
          wait: [{udev: true}]
          timeout: 5s
          attach: {udev: ["ID_*"]}
        """;

    public static EngineWorld Begin(string rules = Disk, bool hasHeard = true)
    {
        var world = new EngineWorld(rules);
        world.ListenToUdev();
        if (hasHeard)
        {
            world.Add("other", "x");
            world.Tell(world.Seqnum, "add", "other");
            world.Run(10_000);
            world.Sees("add other");
        }
        return world;
    }

    /// <summary>Adds a disk, and has udevd tell of it.</summary>
    public static void Announce(EngineWorld world, params string[] properties)
    {
        world.Add("sda", "block");
        world.Tell(world.Seqnum, "add", "sda", properties);
        world.Run(10_000);
        world.Sees("add sda");
    }

    public static string? Fs(EngineWorld world) => world.Last.Properties.GetValueOrDefault("ID_FS_TYPE");
}
