namespace UeventManager.Tests.Engine;

/// <summary>The change that was promised when something was missing follows, whatever happens in between.</summary>
public sealed class PromiseTests
{
    [Theory]
    [InlineData("")]
    [InlineData("- {name: rest, wait: [{exists: ready}]}")]
    public void A_change_that_waits_for_nothing_promises_another_one_also_beside_rules_that_wait(string other)
    {
        var world = new EngineWorld($$"""
            - {name: a, match: {exists: v}, on: [add], wait: [{exists: ready}], timeout: 20s, attach: {attributes: [v]} }
            {{other}}
            """);
        var device = world.Add("a").Write("ready", "").Write("v", "1");
        world.Run(1_000_000);
        world.Sees("add a");
        device.Delete("ready");
        world.Change("a");
        world.Run(1_000_000);
        world.Sees("change a unsettled");
        device.Write("ready", "");
        world.Run(3_000_000);
        world.Sees("change a synthetic");
        Assert.Null(world.Last.Findings.Missing);
    }

    [Fact]
    public void A_leaders_promise_outlives_a_later_member()
    {
        var world = new EngineWorld("""
            - name: camera
              match: {sysname: "p"}
              wait: [{exists: ready}, {exists: extra, optional: 100ms}]
              timeout: 20s
              group: {members: "video*"}
            - name: video
              match: {sysname: "video*"}
              wait: [{attribute: name, notEmpty: true}]
              group: {leader: parent}
            """);
        var leader = world.Add("p").Write("ready", "");
        world.Add("p/video0").Write("name", "x");
        world.Run(1_000_000);
        world.Sees("add p", "add p/video0");
        Assert.Equal(["exists: extra"], world.Seen[0].Findings.Missing!);
        world.Add("p/video1").Write("name", "x");
        world.Run(1_000_000);
        world.Sees("add p/video1");
        leader.Write("extra", "");
        world.Run(5_000_000);
        world.Sees("change p synthetic");
    }

    [Fact]
    public void A_promise_outlives_a_change_that_is_dropped()
    {
        var world = new EngineWorld("""
            - name: r
              wait: [{exists: ready}, {exists: late, optional: 100ms}]
              timeout: 3s
              onTimeout: drop
            """);
        var device = world.Add("a").Write("ready", "");
        world.Run(500_000);
        world.Sees("add a");
        world.ReplaceRules(TestRules.Of("""
            - name: r
              wait: [{exists: ready}, {exists: late, optional: 100ms}]
              timeout: 1s
              onTimeout: drop
            """));
        device.Delete("ready");
        world.Change("a");
        world.Run(1_200_000);
        world.Sees();
        device.Write("ready", "").Write("late", "");
        world.Run(1_500_000);
        world.Sees("change a synthetic");
    }
}
