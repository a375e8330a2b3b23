using System.Collections.Immutable;
using UeventManager.Client;
using UeventManager.Commands.Acting;

namespace UeventManager.Tests.Commands.Acting;

/// <summary>After a gap a program is run for exactly the differences: otherwise it acts twice, or not at all.</summary>
public sealed class ActionStreamTests
{
    [Fact]
    public void A_first_state_is_forwarded_only_if_requested()
    {
        Assert.Equal([], Run(new ActionStream(Plan(out ActionPlan plan), All, null, false, runsInitial: false), plan, State(null, "/devices/a")));
        Assert.Equal("9", plan.Committed!.Cursor);
        Assert.Equal(["add of /devices/a", "add of /devices/a/b"],
            Run(new ActionStream(Plan(out plan), All, null, false, runsInitial: true), plan, State(null, "/devices/a/b", "/devices/a")));
        // A file that is there counts more than the option.
        Assert.Equal(["gap (restarted)"], Run(new ActionStream(Plan(out plan), All, Picture("/devices/a"), false, runsInitial: true), plan, State("restarted", "/devices/a")));
    }

    [Fact]
    public void A_gap_is_followed_by_removes_from_below_and_then_by_adds_from_above_and_changes()
    {
        var stream = new ActionStream(Plan(out ActionPlan plan), All, Picture("/devices/a", "/devices/a/b", "/devices/same", "/devices/other"), false, false);
        var state = new StateChange(
            [ActionTestEvents.Device("/devices/new/below"), ActionTestEvents.Device("/devices/new"), ActionTestEvents.Device("/devices/same"), ActionTestEvents.Device("/devices/other", ("MODE", "2"))])
        {
            Cursor = "9",
            Gap = new UeventGap { Reason = "restarted" },
        };
        Assert.Equal(
            ["gap (restarted)", "remove of /devices/a/b", "remove of /devices/a", "add of /devices/new", "add of /devices/new/below", "change of /devices/other"],
            Run(stream, plan, state));
        Assert.Equal("9", plan.Committed!.Cursor);
        Assert.Equal(4, plan.Committed.Picture.Count);
    }

    [Fact]
    public void A_different_device_at_the_same_path_is_removed_and_added()
    {
        ImmutableDictionary<string, UeventDevice> known = new[] { ActionTestEvents.Device("/devices/eth0", ("IFINDEX", "3")) }.ToImmutableDictionary(static device => device.DevPath);
        var state = new StateChange([ActionTestEvents.Device("/devices/eth0", ("IFINDEX", "7"))]) { Cursor = "9", Gap = new UeventGap { Reason = "restarted" } };
        Assert.Equal(["gap (restarted)", "remove of /devices/eth0", "add of /devices/eth0"], Run(new ActionStream(Plan(out ActionPlan plan), All, known, false, false), plan, state));
        // After a boot nothing was removed, and everything is new.
        Assert.Equal(["gap (restarted)", "add of /devices/eth0"], Run(new ActionStream(Plan(out plan), All, known, isOtherBoot: true, false), plan, state));
    }

    [Fact]
    public void After_a_kill_a_started_run_is_repeated_or_its_device_reported_gone()
    {
        var stream = new ActionStream(Plan(out ActionPlan plan), All, Picture("/devices/a", "/devices/b", "/devices/c"), false, false) { Uncertain = new HashSet<string> { "/devices/a", "/devices/b" } };
        Assert.Equal(["gap (restarted)", "remove of /devices/a", "add of /devices/b"], Run(stream, plan, State("restarted", "/devices/b", "/devices/c")));
        // Where the cursor resumes, the events themselves come again.
        stream = new ActionStream(Plan(out plan), All, Picture("/devices/a"), false, false) { Uncertain = new HashSet<string> { "/devices/a" } };
        Run(stream, plan, new ReadyChange());
        Assert.Equal(["gap (restarted)"], Run(stream, plan, State("restarted", "/devices/a")));
    }

    [Theory]
    [InlineData("SEQNUM=5", "", false)]
    [InlineData("SEQNUM=5", "SEQNUM=5", false)]
    [InlineData("SEQNUM=5", "SEQNUM=6", true)]
    [InlineData("", "SEQNUM=6", true)]
    [InlineData("RESIZE=1", "", false)]
    [InlineData("SYNTH_UUID=0", "SYNTH_UUID=1", false)]
    [InlineData("MODE=1", "MODE=2", true)]
    public void After_a_gap_a_device_counts_as_changed_only_by_its_own_properties_and_values(string before, string now, bool isChange)
    {
        ImmutableDictionary<string, UeventDevice> known = new[] { ActionTestEvents.Device("/devices/a", Pairs(before)) }.ToImmutableDictionary(static device => device.DevPath);
        var state = new StateChange([ActionTestEvents.Device("/devices/a", Pairs(now))]) { Cursor = "9" };
        Assert.Equal(isChange ? ["change of /devices/a"] : [], Run(new ActionStream(Plan(out ActionPlan plan), All, known, false, false), plan, state));
    }

    [Fact]
    public void Actions_select_runs_and_not_the_known_devices()
    {
        var adds = new ActionSelection([new DeviceFilter { Subsystems = ["test"], Actions = ["add"] }], withKobjects: false);
        Assert.Empty(adds.Subscribed!.Actions);
        var stream = new ActionStream(Plan(out ActionPlan plan), adds, null, false, false);
        Run(stream, plan, State(null, "/devices/a", "/devices/b"));
        Assert.Equal([], Run(stream, plan, Events(ActionTestEvents.Event("remove", "/devices/a", null, "10"))));
        Assert.Equal("10", plan.Committed!.Cursor);
        // Only what is new: a gap and a remove are none of its actions.
        Assert.Equal(["add of /devices/a"], Run(stream, plan, State("restarted", "/devices/a")));
    }

    [Fact]
    public void With_alternatives_a_device_that_begins_to_match_is_added_and_one_that_ceases_is_removed()
    {
        // The daemon cannot decide it: which actions count depends on what is above, and that only one of them asks.
        var either = new ActionSelection(
            [new DeviceFilter { SysNames = ["a*"], Parents = ["!usb"] }, new DeviceFilter { Properties = new Dictionary<string, string> { ["MODE"] = "1" }, Actions = ["!change"] }], false);
        Assert.Null(either.Subscribed);
        var stream = new ActionStream(Plan(out ActionPlan plan), either, null, false, false);
        Run(stream, plan, State(null));
        Assert.Equal(["add of /devices/a", "add of /devices/x", "remove of /devices/x", "add of /devices/a1", "remove of /devices/a1"], Run(stream, plan, Events(
            ActionTestEvents.Event("add", "/devices/a", null, "1"),
            ActionTestEvents.Event("add", "/devices/x", null, "2"),
            ActionTestEvents.Event("change", "/devices/x", null, "3", ("MODE", "1")),
            ActionTestEvents.Event("change", "/devices/x", null, "4", ("MODE", "1")),
            ActionTestEvents.Event("change", "/devices/x", null, "4", ("MODE", "2")),
            ActionTestEvents.Event("move", "/devices/a1", "/devices/x", "5"),
            ActionTestEvents.Event("move", "/devices/y", "/devices/a1", "6"),
            ActionTestEvents.Event("remove", "/devices/y", null, "7"))));
    }

    [Fact]
    public void The_daemon_is_asked_for_the_devices_of_all_alternatives()
    {
        var adds = new DeviceFilter { Subsystems = ["net"], Actions = ["add"] };
        var ups = new DeviceFilter { Subsystems = ["block"], Variables = new Dictionary<string, string> { ["RESIZE"] = "1" } };
        var either = new ActionSelection([adds, ups], false);
        Assert.Equal(["net", "block"], either.Subscribed!.Alternatives.SelectMany(static one => one.Subsystems));
        Assert.DoesNotContain(either.Subscribed.Alternatives, static one => one.Actions.Count + one.Variables.Count > 0);
        // One that asks for an action alone takes every device.
        Assert.Null(new ActionSelection([adds, new DeviceFilter { Actions = ["bind"] }], false).Subscribed);
        Assert.True(either.WantsGaps);
        Assert.False(new ActionSelection([adds, new DeviceFilter { Actions = ["bind"] }], false).WantsGaps);
        Assert.True(new ActionSelection([adds, new DeviceFilter { Actions = ["gap"] }], false).WantsGaps);
    }

    private static ActionSelection All { get; } = new([], withKobjects: false);

    private static ActionPlan Plan(out ActionPlan plan) => plan = new ActionPlan();

    private static EventsChange Events(params UeventEvent[] events) => new(events);

    private static StateChange State(string? gap, params string[] paths) =>
        new([.. paths.Select(static path => ActionTestEvents.Device(path))]) { Cursor = "9", Gap = gap is null ? null : new UeventGap { Reason = gap } };

    private static ImmutableDictionary<string, UeventDevice> Picture(params string[] paths) =>
        paths.Select(static path => ActionTestEvents.Device(path)).ToImmutableDictionary(static device => device.DevPath);

    private static (string, string)[] Pairs(string text) => text.Length == 0 ? [] : [(text.Split('=')[0], text.Split('=')[1])];

    private static List<string> Run(ActionStream stream, ActionPlan plan, Change change)
    {
        stream.Take(change, 1);
        var order = new List<string>();
        while (plan.TryTake(out PlannedAction? action))
        {
            order.Add(action.Request.ToString());
            plan.End(action);
        }
        return order;
    }
}
