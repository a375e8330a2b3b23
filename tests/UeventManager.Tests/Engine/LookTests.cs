using UeventManager.Core.Settle;

namespace UeventManager.Tests.Engine;

/// <summary>A look that comes late delays a device; one that comes too often burns the machine.</summary>
public sealed class LookTests
{
    private const string Ready = """
        - name: ready
          wait: [{exists: ready}]
          timeout: 10s
        """;

    public static TheoryData<int> Moments => [1, 400, 900, 1_700, 5_300, 33_333, 99_999, 1_234_567, 4_000_001, 9_600_000, 9_998_000];

    [Theory]
    [MemberData(nameof(Moments))]
    public void A_late_file_is_noticed_within_a_millisecond_or_a_tenth_of_the_time(int usec)
    {
        var world = new EngineWorld(Ready);
        var device = world.Add("a");
        var start = world.Now;
        world.In(usec, () => device.Write("ready", ""));
        world.Run(12_000_000);
        world.Sees("add a");
        var lag = world.Last.AtUsec - start - usec;
        Assert.InRange(lag - world.ReadUsec, 0, Math.Max(1_000, usec / 10));
        Assert.True(world.Last.Findings.Settled);
        Assert.True(world.Last.AtUsec - start <= 10_000_000, "it was announced only after its timeout");
    }

    [Fact]
    public void A_device_that_waits_ten_seconds_alone_is_looked_at_every_four_milliseconds_at_first()
    {
        var world = new EngineWorld(Ready);
        world.Add("a");
        world.Run(10_000_000);
        Assert.InRange(world.Looks.Count, 1_850, 2_100);
    }

    [Fact]
    public void Devices_that_wait_ten_seconds_together_are_looked_at_some_hundred_times_and_not_thousands()
    {
        const int Devices = 2_000;
        var world = new EngineWorld(Ready) { LookUsec = 20 };
        for (var i = 0; i < Devices; i++)
            world.Add($"d{i}");
        world.Run(10_000_000);
        Assert.InRange(world.Looks.Count / Devices, 30, 200);
    }

    [Theory]
    [InlineData("p", "change", "p/c")]
    [InlineData("p/c", "change", "p")]
    [InlineData("p/c", "bind", "p/c")]
    [InlineData("p/c", "change", "p/new")]
    public void An_event_of_the_device_its_parent_or_its_child_makes_it_look_at_once(string waits, string action, string from)
    {
        var world = new EngineWorld($$"""
            - name: ready
              match: {devpath: "/devices/{{waits}}"}
              wait: [{exists: ready}]
            """);
        world.Add("p");
        world.Add("p/c");
        world.Run(3_000_000);
        world.Sysfs.Find(EngineWorld.Dev(waits))!.Write("ready", "");
        if (from == "p/new")
        {
            // A grandchild is not a child.
            world.Send(action, from);
            world.Run();
            Assert.Equal(Core.Ordering.DeviceState.Waiting, world.State("p/c"));
            return;
        }
        world.Send(action, from);
        var now = world.Now;
        world.Run();
        world.Run(world.ReadUsec);
        Assert.Equal(Core.Ordering.DeviceState.Announced, world.State(waits));
        Assert.Equal(now + world.ReadUsec, world.Last.AtUsec);
    }

    [Fact]
    public void A_device_that_becomes_known_makes_the_ones_below_it_look()
    {
        var world = new EngineWorld("""
            - name: ready
              match: {sysname: c}
              wait: [{exists: ready}]
            """);
        var child = world.Add("p/c");
        world.Run(3_000_000);
        child.Write("ready", "");
        world.Add("p");
        var now = world.Now;
        world.Run(world.ReadUsec);
        world.Sees("add p", "add p/c");
        Assert.Equal(now + world.ReadUsec, world.Last.AtUsec);
    }

    [Fact]
    public void A_look_asks_for_a_path_of_match_and_wait_only_once()
    {
        var world = new EngineWorld("""
            - name: vendor
              match: {attribute: {vendor: "0x8086"}}
              wait: [{attribute: vendor, notEmpty: true}, {not: {attribute: vendor, equals: "0x1234"}}]
            """);
        world.Add("a").Write("vendor", "0x8086");
        world.Run();
        Assert.Equal(1, world.Reading);
        world.Run(world.ReadUsec);
        world.Run(world.ReadUsec);
        world.Sees("add a");
        Assert.Single(world.Looks, l => l.AtUsec == world.Looks[0].AtUsec);
    }

    [Fact]
    public void Looks_beyond_the_budget_come_later_and_are_counted()
    {
        var world = new EngineWorld(Ready) { LookUsec = 5 };
        for (var i = 0; i < 20_000; i++)
            world.Add($"d{i}");
        world.Run();
        var start = world.Now;
        world.LookUsec = 50;
        var before = world.Engine.Counters.Looks;
        world.Run(1_000_000);
        var spent = (world.Engine.Counters.Looks - before) * 50;
        Assert.True(world.Engine.Budget.Deferred > 0, "the lag is not counted");
        Assert.True(world.Engine.Budget.WorstLagUsec > 1_000);
        Assert.InRange(world.Engine.Budget.TooLate, 1, world.Engine.Budget.Deferred);
        Assert.InRange(spent, 100_000, (world.Now - start) * 2 / (2 * LookBudget.Share - 1) + LookBudget.MostCreditUsec + 5_000);
    }

    [Theory]
    [InlineData(3_000, 10_000, false)]
    [InlineData(50_000, 10_000, false)]
    [InlineData(50_001, 10_000, true)]
    [InlineData(250_000, 1_000_000, false)] // Within a tenth of the thirteen seconds that it has waited.
    [InlineData(250_001, 1_000_000, true)]
    public void A_look_counts_as_too_late_only_if_its_lateness_is_noticeable(long lateUsec, long intervalUsec, bool tooLate)
    {
        var budget = new LookBudget();
        budget.Late(lateUsec, intervalUsec);
        Assert.Equal((1, tooLate ? 1 : 0, lateUsec), (budget.Deferred, budget.TooLate, budget.WorstLagUsec));
    }

    [Fact]
    public void A_device_whose_event_arrives_is_looked_at_even_when_the_budget_is_used_up()
    {
        var world = new EngineWorld(Ready) { LookUsec = 50 };
        for (var i = 0; i < 3_000; i++)
            world.Add($"d{i}");
        world.Run(200_000);
        var asked = world.Looks.Count;
        world.LookUsec = 0;
        world.Add("late").Write("ready", "");
        var now = world.Now;
        world.Run();
        Assert.Contains(world.Seen, e => e.Path == "/devices/late" && e.AtUsec == now);
        Assert.True(world.Looks.Count - asked < 200);
    }

    [Theory]
    [InlineData(1_990_000)]
    [InlineData(2_001_000)]
    [InlineData(9_000_000)]
    public void A_question_that_a_late_engine_could_ask_only_at_the_deadline_gets_its_answer(long usec)
    {
        var world = new EngineWorld("""
            - name: two
              match: {attribute: {kind: "1"}}
              wait: [{attribute: size, notEmpty: true}]
              timeout: 2s
            """);
        world.Add("pf").Write("kind", "1").Write("size", "10");
        world.ReadUsec = 20_000;
        world.Run();
        // The engine does something else until then, and the first read has long returned.
        world.Now += usec;
        world.Run(100_000);
        world.Sees("add pf");
        Assert.Empty(world.Incidents);
    }
}
