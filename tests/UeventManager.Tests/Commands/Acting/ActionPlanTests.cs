using System.Collections.Immutable;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Acting;

namespace UeventManager.Tests.Commands.Acting;

/// <summary>A program that runs too early acts on the wrong device, and a cursor that is too new loses an event.</summary>
public sealed class ActionPlanTests
{
    private static readonly ImmutableDictionary<string, UeventDevice> Nothing = ImmutableDictionary<string, UeventDevice>.Empty;

    [Fact]
    public void Programs_for_one_device_run_one_after_another_and_others_do_not_wait()
    {
        var plan = new ActionPlan();
        Add(plan, 1, Of("add", "/devices/a"));
        Add(plan, 2, Of("change", "/devices/a"));
        Add(plan, 3, Of("add", "/devices/b"));
        List<PlannedAction> first = Taken(plan);
        Assert.Equal(["add of /devices/a", "add of /devices/b"], Texts(first));
        plan.End(first[1]);
        Assert.Null(plan.Committed);
        Assert.Empty(Taken(plan));
        plan.End(first[0]);
        Assert.Equal("1", plan.Committed!.Cursor);
        PlannedAction last = Assert.Single(Taken(plan));
        plan.End(last);
        Assert.Equal("3", plan.Committed!.Cursor);
        Assert.Equal(0, plan.Unfinished);
    }

    [Fact]
    public void The_order_survives_renames_of_the_device_and_of_one_above_it()
    {
        var plan = new ActionPlan();
        Add(plan, 1, Of("add", "/devices/p/a"));
        Add(plan, 2, Of("move", "/devices/q", "/devices/p"));
        Add(plan, 3, Of("change", "/devices/q/a"));
        Add(plan, 4, Of("move", "/devices/q/b", "/devices/q/a"));
        Add(plan, 5, Of("remove", "/devices/q/b"));
        // What takes a place comes after what left it.
        Add(plan, 6, Of("add", "/devices/q/a"));
        var order = new List<string>();
        while (Taken(plan) is { Count: > 0 } ready)
        {
            order.Add(string.Join(" + ", Texts(ready)));
            ready.ForEach(plan.End);
        }
        Assert.Equal(["add of /devices/p/a + move of /devices/q", "change of /devices/q/a", "move of /devices/q/b", "remove of /devices/q/b + add of /devices/q/a"], order);
    }

    [Fact]
    public void A_group_counts_once_all_its_members_have_ended()
    {
        var plan = new ActionPlan();
        Add(plan, 1, Of("add", "/devices/a"), Of("add", "/devices/b"), Of("add", "/devices/c"));
        List<PlannedAction> all = Taken(plan);
        Assert.Equal(3, all.Count);
        plan.End(all[2]);
        plan.End(all[0]);
        Assert.Null(plan.Committed);
        plan.End(all[1]);
        Assert.Equal("1", plan.Committed!.Cursor);
    }

    [Fact]
    public void A_gap_comes_after_everything_before_it_and_before_everything_after_it()
    {
        var plan = new ActionPlan();
        Add(plan, 1, Of("add", "/devices/a"));
        Add(plan, 2, new ActionRequest("gap", null, new UeventGap { Reason = "restarted" }, "2", false), Of("add", "/devices/b"));
        Add(plan, 3, Of("add", "/devices/c"));
        PlannedAction before = Assert.Single(Taken(plan));
        plan.End(before);
        PlannedAction gap = Assert.Single(Taken(plan));
        Assert.Equal("gap (restarted)", gap.Request.ToString());
        plan.End(gap);
        Assert.Equal(["add of /devices/b", "add of /devices/c"], Texts(Taken(plan)));
    }

    [Fact]
    public void Skipped_events_move_the_cursor_but_not_past_running_programs()
    {
        var plan = new ActionPlan();
        Add(plan, 1);
        Assert.Equal("1", plan.Committed!.Cursor);
        Add(plan, 2, Of("add", "/devices/a"));
        Add(plan, 3);
        Assert.Equal("1", plan.Committed!.Cursor);
        plan.End(Assert.Single(Taken(plan)));
        Assert.Equal("3", plan.Committed!.Cursor);
    }

    /// <summary>Any order in which programs end: nothing of a device overtakes, and the cursor is never past what still runs.</summary>
    [Fact]
    public void Order_and_cursor_are_right_in_any_order_of_ends()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
            Exercise(random);
    }

    private static void Exercise(Random random)
    {
        var plan = new ActionPlan();
        var running = new List<PlannedAction>();
        var open = new List<(long Cursor, int Device)>();
        // Where the device with this number is: its path changes, its number does not.
        string[] paths = [.. Enumerable.Range(0, 6).Select(i => $"/devices/d{i}")];
        var deviceOf = new Dictionary<ActionRequest, (long Cursor, int Device)>(ReferenceEqualityComparer.Instance);
        long cursor = 0;
        while (cursor < 60 || running.Count > 0)
        {
            if (cursor < 60 && random.Next(2) == 0)
            {
                cursor++;
                int device = random.Next(paths.Length);
                string old = paths[device];
                bool moves = random.Next(4) == 0;
                if (moves)
                    paths[device] = $"/devices/m{cursor}";
                ActionRequest request = moves ? Of("move", paths[device], old) : Of("change", old);
                deviceOf[request] = (cursor, device);
                open.Add((cursor, device));
                Add(plan, cursor, request);
                running.AddRange(Taken(plan));
            }
            else if (running.Count > 0)
            {
                PlannedAction ended = running[random.Next(running.Count)];
                running.Remove(ended);
                (long Cursor, int Device) key = deviceOf[ended.Request];
                Assert.Equal(key, open.First(one => one.Device == key.Device));
                open.Remove(key);
                plan.End(ended);
                long committed = long.Parse(plan.Committed?.Cursor ?? "0", CultureInfo.InvariantCulture);
                Assert.Equal(open.Count == 0 ? cursor : open.Min(static one => one.Cursor) - 1, committed);
                running.AddRange(Taken(plan));
            }
        }
        Assert.Equal(0, plan.Unfinished);
    }

    private static void Add(ActionPlan plan, long cursor, params ActionRequest[] requests) =>
        plan.Add(new ActionBatch(cursor.ToString(CultureInfo.InvariantCulture), Nothing), requests);

    private static List<PlannedAction> Taken(ActionPlan plan)
    {
        var taken = new List<PlannedAction>();
        while (plan.TryTake(out PlannedAction? action))
            taken.Add(action);
        return taken;
    }

    private static IEnumerable<string> Texts(IEnumerable<PlannedAction> actions) => actions.Select(static action => action.Request.ToString());

    private static ActionRequest Of(string action, string path, string? old = null) => new(action, ActionTestEvents.Event(action, path, old), null, null, false);
}
