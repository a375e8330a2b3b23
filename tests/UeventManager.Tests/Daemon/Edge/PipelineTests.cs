using UeventManager.Core.Ordering;
using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Daemon.Edge;

/// <summary>Commands are carried out after their step, so later changes of devices and looks must not count.</summary>
public sealed class PipelineTests
{
    private const string Kid = """
        - name: kid
          match: {sysname: "k*"}
          wait: [{attribute: state, equals: ok}]
          timeout: 60s
        """;

    private const string Slow = """
        - name: slow
          match: {sysname: p}
          wait: [{attribute: state, equals: ok}]
          timeout: 100ms
        """;

    [Fact]
    public void A_look_that_is_given_up_in_the_step_that_asked_for_it_is_not_answered()
    {
        using var world = new PipelineWorld(TestRules.Of(Kid));
        world.Subscribe();
        world.Tree.Device("/devices/p", "par");
        world.Uevent("add", "/devices/p", "par");
        foreach (var kid in new[] { "k1", "k2", "k3" })
        {
            world.Tree.Device($"/devices/p/{kid}", "kid");
            world.Tree.Write($"/devices/p/{kid}/state", "no");
            world.Uevent("add", $"/devices/p/{kid}", "kid");
        }
        // The rename of what is above causes a look at each, and gives it up again: they have another path now.
        for (var i = 0; i < 5; i++)
        {
            world.Until(() => !IsLooking(world));
            world.Move("/devices/p", "/devices/q", "par");
            world.Until(() => !IsLooking(world));
            world.Move("/devices/q", "/devices/p", "par");
        }
        world.Move("/devices/p", "/devices/q", "par");
        Assert.All(world.Pipeline.Engine.Devices.All().Where(device => device.Subsystem == "kid"), kid => Assert.Single(kid.Pending!.Events));
        foreach (var kid in new[] { "k1", "k2", "k3" })
            world.Tree.Write($"/devices/q/{kid}/state", "ok");
        world.Until(() => world.Seen.Count(one => one.StartsWith("add k", StringComparison.Ordinal)) == 3);
        Assert.Equal(["add k1", "add k2", "add k3"], world.Seen.Where(one => one.Contains(" k", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(world.Pipeline.Engine.Devices.All(), device => Assert.StartsWith("/devices/q", device.DevPath, StringComparison.Ordinal));
    }

    // The step in which the first look at a device is given up ends the reconciliation, and announces what the device held behind that.
    [Fact]
    public void A_subscriber_of_the_first_state_does_not_get_it_again()
    {
        using var world = new PipelineWorld(TestRules.Of(Slow));
        world.Tree.Device("/devices/p");
        world.Tree.Fifo("/devices/p/state");
        world.Tree.Device("/devices/p/c");
        var isKnown = false;
        world.Pipeline.Reconciled = () =>
        {
            isKnown = true;
            world.Subscribe();
        };
        world.Pipeline.Engine.Reconcile();
        world.Pipeline.Run();
        world.Scan("/devices/p", "/devices/p/c");
        world.Until(() => isKnown);
        Assert.Equal(["c"], world.State);
        Assert.Empty(world.Seen);
    }

    // Names in a directory of tens of thousands take as long as somebody else's events may not.
    [Theory]
    [InlineData(100, false)]
    [InlineData(2_000, true)]
    public void A_large_directory_is_walked_by_a_worker(int names, bool isLarge)
    {
        using var world = new PipelineWorld(TestRules.Of($$"""
            - name: many
              wait: [{count: "q/*", equals: {{names}}}]
              timeout: 60s
            """));
        world.Tree.Device("/devices/m", "many");
        for (var i = 0; i < names; i++)
            world.Tree.Write($"/devices/m/q/n{i}", "");
        world.Pipeline.Engine.Reconcile();
        world.Pipeline.Run();
        world.Scan();
        world.Subscribe();
        world.Uevent("add", "/devices/m", "many");
        Assert.Equal(isLarge, world.Pipeline.Engine.Devices.All().Single().State == DeviceState.Waiting && IsLooking(world));
        world.Until(() => world.Seen.Count > 0);
        Assert.Equal(["add m"], world.Seen);
    }

    [Fact]
    public void Paths_below_a_missing_path_are_missing_but_not_those_with_only_the_same_prefix()
    {
        using var world = new PipelineWorld(TestRules.Of("""
            - name: linked
              wait: [{exists: uevent}]
              attach: {links: [dev, dev/driver, dev2, dev2/driver, gone, gone/driver]}
            """));
        world.Tree.Device("/devices/l", "linked");
        world.Tree.Device("/devices/other");
        world.Tree.Link("/devices/other/driver", "../l");
        world.Tree.Link("/devices/l/dev2", "../other");
        world.Tree.Link("/devices/l/gone", "../gone");
        world.Pipeline.Engine.Reconcile();
        world.Pipeline.Run();
        world.Scan();
        world.Subscribe();
        world.Uevent("add", "/devices/l", "linked");
        world.Until(() => world.Seen.Count > 0);
        Assert.Equal(
            ["dev2=/devices/other", "dev2/driver=/devices/l", "gone=/devices/gone"],
            world.Pipeline.Engine.Devices.All().Single().Findings.Links!.Select(link => $"{link.Key}={link.Value}"));
    }

    private static bool IsLooking(PipelineWorld world) => world.Pipeline.Engine.Devices.All().Any(device => device.Pending is { IsLooking: true });
}
