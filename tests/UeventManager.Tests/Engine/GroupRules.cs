using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Engine;

/// <summary>Rules of groups, and how a member is tied to its leader.</summary>
internal static class GroupRules
{
    /// <summary>The leader: as many members as its attribute says.</summary>
    public const string Function = """
        - name: function
          match: {sysname: "p*"}
          wait:
            - {count: "vf*", equals: {attribute: numvfs}}
          timeout: 100ms
          group: {members: "vf*"}
          attach: {attributes: [numvfs, name]}
        """;

    /// <summary>A member.</summary>
    public const string Virtual = """
        - name: virtual
          match: {sysname: "q*"}
          on: [add]
          wait:
            - exists: ready
          timeout: 60ms
          group: {leader: physfn}
        """;

    /// <summary>A member that leads others.</summary>
    public const string Between = """
        - name: between
          match: {sysname: "n*"}
          on: [add]
          wait:
            - exists: ready
          group: {leader: physfn, members: "sub*"}
        """;

    /// <summary>In no group.</summary>
    public const string Plain = """
        - name: plain
          match: {sysname: "e*"}
          wait:
            - exists: ready
        """;

    /// <summary>Adds a member that is ready, linked both ways.</summary>
    public static ModelDevice Tie(EngineWorld world, ModelDevice leader, string link, string name)
    {
        var member = world.Add(name);
        leader.Link(link, member);
        return member.Link("physfn", leader).Write("ready", "");
    }
}
