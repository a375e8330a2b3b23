namespace UeventManager.Tests.Engine;

/// <summary>A rule for changes, and a device that is announced under it.</summary>
internal static class ChangeRules
{
    /// <summary>As many links as an attribute says.</summary>
    public const string Count = """
        - name: count
          on: [change]
          wait: [{count: "virtfn*", equals: {attribute: numvfs}}]
          timeout: 2s
        """;

    /// <summary>A device <c>a</c> without links that everybody knows.</summary>
    public static (EngineWorld World, Simulation.Model.ModelDevice Device) Announced(string rule)
    {
        var world = new EngineWorld(rule);
        var device = world.Add("a").Write("numvfs", "0").Write("ready", "");
        world.Run(1_000);
        world.Sees("add a");
        return (world, device);
    }
}
