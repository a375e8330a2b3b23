using UeventManager.Client;
using UeventManager.Commands.Retelling;
using UeventManager.Core.Uevents;
using UeventManager.Tests.Uevents;

namespace UeventManager.Tests.Commands.Retelling;

/// <summary>Which devices udevd must announce again, whether the daemon or udevd reports first.</summary>
public sealed class RetellPlanTests
{
    private const long Looked = 1_000;
    private readonly RetellPlan _plan = new();

    [Theory]
    [InlineData("add", true, false, Looked - 1, "v0 early")]
    [InlineData("change", true, false, Looked - 1, "v0 early")]
    [InlineData("add", true, false, Looked + 1, "")]
    [InlineData("add", true, true, Looked - 1, "v0 shut")]
    [InlineData("add", true, true, Looked + 1, "v0 shut")]
    // What is announced by force is told by nobody again, but its gate is opened.
    [InlineData("add", false, false, Looked - 1, "")]
    [InlineData("add", false, true, Looked - 1, "v0 shut")]
    // Nobody waits for completeness at these.
    [InlineData("bind", true, false, Looked - 1, "")]
    [InlineData("bind", true, true, Looked - 1, "v0 shut")]
    public void An_announcement_and_a_broadcast_of_one_event_are_compared(string action, bool settled, bool shut, long heard, string expected)
    {
        foreach (var announcedFirst in new[] { true, false })
        {
            var plan = new RetellPlan();
            if (announcedFirst)
                plan.Take(Event(action, "v0", 7, settled));
            plan.Take(Told(7, "v0", shut, heard));
            Assert.True(announcedFirst || !plan.TryTake(out _), "nothing is known before it is announced");
            if (!announcedFirst)
                plan.Take(Event(action, "v0", 7, settled));
            Assert.Equal(expected, Wanted(plan));
        }
    }

    [Fact]
    public void A_device_without_a_rule_counts_as_complete_even_if_the_daemon_is_late()
    {
        var one = Event("add", "v0", 7);
        _plan.Take(one with { Device = one.Device with { Rule = null } });
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        Assert.Equal("", Wanted(_plan));
    }

    [Fact]
    public void An_early_broadcast_causes_one_retelling()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        Assert.Equal("v0 early", Wanted(_plan));
    }

    [Fact]
    public void The_broadcast_of_a_retelling_causes_no_other_retelling()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(new UdevBroadcast(8, "/devices/v0", IsShut: true, IsRetold: true, HeardUsec: 1));
        Assert.Equal("", Wanted(_plan));
        // What it says of a gate is true of events before it too.
        _plan.Take(Told(9, "v1", shut: true, heard: 1));
        _plan.Take(new UdevBroadcast(10, "/devices/v1", IsShut: false, IsRetold: true, HeardUsec: 1));
        _plan.Take(Event("add", "v1", 9));
        Assert.Equal("v1 shut", Wanted(_plan));
    }

    [Fact]
    public void A_device_that_was_renamed_meanwhile_is_retold_under_its_new_name()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Event("add", "v0/below", 8));
        _plan.Take(Event("move", "v9", 9) with { OldDevPath = "/devices/v0" });
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        _plan.Take(Told(8, "v0/below", shut: true, heard: 1));
        Assert.Equal("v9 shut, v9/below shut", Wanted(_plan));
    }

    [Fact]
    public void A_removed_device_is_not_delivered_although_another_one_has_its_path()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Event("remove", "v0", 8));
        _plan.Take(Event("add", "v0", 9));
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        Assert.Equal("", Wanted(_plan));
        _plan.Take(Told(9, "v0", shut: true, heard: 1));
        Assert.Equal("v0 shut", Wanted(_plan));
    }

    [Fact]
    public void A_change_made_by_the_daemon_is_forwarded_to_clients_of_udev()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Event("change", "v0", null));
        Assert.Equal("v0 early", Wanted(_plan));
    }

    [Fact]
    public void A_gate_is_opened_once_and_again_only_if_udevd_has_shut_it_since()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        // A change that came before it is opened finds it shut too.
        _plan.Take(Event("change", "v0", 8));
        _plan.Take(Told(8, "v0", shut: true, heard: 2));
        Assert.Equal("v0 shut", Wanted(_plan));
        _plan.Take(new UdevBroadcast(9, "/devices/v0", IsShut: false, IsRetold: true, HeardUsec: 3));
        _plan.Take(Told(10, "v0", shut: true, heard: 4));
        _plan.Take(Event("change", "v0", 10));
        Assert.Equal("v0 shut", Wanted(_plan));
    }

    [Fact]
    public void A_gate_whose_opening_was_lost_is_opened_again()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        Assert.Equal("v0 shut", Wanted(_plan, told: 1));
        _plan.Take(Event("change", "v0", 8));
        _plan.Take(Told(8, "v0", shut: true, heard: 20_000_000));
        Assert.Equal("v0 shut", Wanted(_plan));
    }

    [Fact]
    public void A_gate_that_udevd_left_shut_is_opened_again_at_growing_intervals()
    {
        const long Longest = 10_000_000;
        var shut = new HashSet<string> { "n3" };
        _plan.Take(Event("add", "v0", 7, index: "3"));
        _plan.Take(Event("add", "v1", 8, index: "4"));
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        _plan.Take(Told(8, "v1", shut: true, heard: 1));
        // What waits for its turn is not overdue.
        Assert.Null(_plan.FirstOverdueUsec());
        Assert.Equal("v0 shut, v1 shut", Wanted(_plan, told: 1));
        Assert.Equal(Longest + 1, _plan.FirstOverdueUsec());
        _plan.TakeOverdue(shut, Longest);
        Assert.Equal("", Wanted(_plan));
        // The gate of v1 is open, whoever told of that.
        _plan.TakeOverdue(shut, Longest + 1);
        Assert.Equal("v0 shut", Wanted(_plan, told: Longest + 1));
        Assert.Equal((3 * Longest) + 1, _plan.FirstOverdueUsec());
        _plan.TakeOverdue(shut, 3 * Longest);
        Assert.Equal("", Wanted(_plan));
        _plan.TakeOverdue(shut, (3 * Longest) + 1);
        Assert.Equal("v0 shut", Wanted(_plan, told: 1));
        _plan.Take(new UdevBroadcast(10, "/devices/v0", IsShut: false, IsRetold: true, HeardUsec: 2));
        Assert.Null(_plan.FirstOverdueUsec());
        _plan.TakeOverdue(shut, 100 * Longest);
        Assert.Equal("", Wanted(_plan));
    }

    [Fact]
    public void A_gate_without_a_broadcast_is_opened_because_of_udevs_database()
    {
        const long Overdue = Looked + 10_000_000;
        var shut = new HashSet<string> { "n3", "n6" };
        foreach (var (name, seqnum) in new[] { ("v0", 7), ("v1", 8), ("v2", 9), ("v3", 10) })
            _plan.Take(Event("add", name, seqnum, index: $"{seqnum - 4}"));
        _plan.Take(Told(9, "v2", shut: false, heard: Looked + 1));
        _plan.Take(Event("remove", "v3", 11));
        Assert.Equal(Overdue, _plan.FirstOverdueUsec());
        _plan.TakeOverdue(shut, Overdue - 1);
        Assert.Equal("", Wanted(_plan));
        _plan.TakeOverdue(shut, Overdue);
        Assert.Equal("v0 shut", Wanted(_plan, told: Overdue));
        // Nothing is to be told of any more but by the gate that is to open.
        Assert.Equal(Overdue + 10_000_000, _plan.FirstOverdueUsec());
        _plan.Take(new UdevBroadcast(12, "/devices/v0", IsShut: false, IsRetold: true, HeardUsec: 2));
        Assert.Null(_plan.FirstOverdueUsec());
    }

    [Fact]
    public void An_early_device_whose_gate_was_shut_since_is_retold_first()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        _plan.Take(Event("change", "v0", 8));
        _plan.Take(Told(8, "v0", shut: true, heard: 1));
        Assert.Equal("v0 early, v0 shut", Wanted(_plan));
    }

    [Fact]
    public void A_shut_gate_of_an_event_that_is_never_announced_by_its_number_is_opened_with_its_device()
    {
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        Assert.Equal("", Wanted(_plan));
        _plan.Take(Event("change", "v0", 9));
        Assert.Equal("v0 shut", Wanted(_plan));
        // Whichever comes first; but a later one says nothing of an earlier device there.
        _plan.Take(Event("add", "v1", 12));
        _plan.Take(Told(11, "v1", shut: true, heard: 1));
        Assert.Equal("v1 shut", Wanted(_plan));
        _plan.Take(Event("add", "v2", 14));
        _plan.Take(Told(15, "v2", shut: true, heard: 1));
        Assert.Equal("", Wanted(_plan));
    }

    [Fact]
    public void The_gate_of_a_known_device_is_opened_at_once_and_that_of_its_successor_once_announced()
    {
        _plan.Take(new StateChange([Event("add", "v0", 1).Device, Event("add", "v1", 1).Device]), newest: 20);
        _plan.Take(Told(19, "v0", shut: true, heard: 1));
        Assert.Equal("v0 shut", Wanted(_plan));
        // That its former one has gone is still to be read from the daemon.
        _plan.Take(Told(23, "v1", shut: true, heard: 1));
        Assert.Equal("", Wanted(_plan));
        _plan.Take(Event("remove", "v1", 22));
        _plan.Take(Event("add", "v1", 23));
        Assert.Equal("v1 shut", Wanted(_plan));
    }

    [Fact]
    public void A_shut_gate_found_in_the_database_is_opened_at_once_or_at_its_announcement()
    {
        _plan.Take(Event("add", "v0", 7, index: "3"));
        _plan.TakeShut(new HashSet<string> { "n3", "n4" });
        Assert.Equal("v0 shut", Wanted(_plan));
        _plan.Take(Event("add", "v1", 8, index: "4"));
        _plan.Take(Event("change", "v1", 9, index: "4"));
        Assert.Equal("v1 shut", Wanted(_plan));
        _plan.TakeShut(new HashSet<string> { "n5" });
        _plan.TakeShut(new HashSet<string>());
        _plan.Take(Event("add", "v2", 10, index: "5"));
        Assert.Equal("", Wanted(_plan));
    }

    [Fact]
    public void Beyond_the_remembered_gates_the_database_tells_whether_one_is_shut()
    {
        for (var seqnum = 1; seqnum <= RetellPlan.MostEvents; seqnum++)
            _plan.Take(Told(seqnum, $"v{seqnum}", shut: true, heard: 1));
        Assert.False(_plan.HasForgotten);
        _plan.Take(Told(RetellPlan.MostEvents + 1, "w", shut: true, heard: 1));
        Assert.True(_plan.HasForgotten);
    }

    [Theory]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7", "7 /devices/v0")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7|UEVENT_SETTLED=0", "7 /devices/v0 shut")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7|UEVENT_SETTLED=1", "7 /devices/v0")]
    [InlineData("ACTION=move|DEVPATH=/devices/v0|SEQNUM=7|SYNTH_ARG_UEVENTMANAGER=settled", "7 /devices/v0 retold")]
    [InlineData("ACTION=remove|DEVPATH=/devices/v0|SEQNUM=7", "")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7|UEVENT_MANAGER=1", "")]
    public void A_message_of_udevd_is_read(string properties, string expected)
    {
        var message = UdevDatagram.Raw("net", null, [.. properties.Split('|'), "SUBSYSTEM=net"]);
        Assert.Equal(UdevRejection.None, UdevMessageParser.TryParse(message, out var parsed));
        Assert.Equal(expected, Text(UdevBroadcast.Of(parsed, 1)));
    }

    private static string Text(UdevBroadcast? one) =>
        one is null ? "" : $"{one.Seqnum} {one.DevPath}{(one.IsShut ? " shut" : "")}{(one.IsRetold ? " retold" : "")}";

    private static string Wanted(RetellPlan plan, long told = 0)
    {
        var all = new List<string>();
        while (plan.TryTake(out var one))
        {
            all.Add($"{one.Device.DevPath["/devices/".Length..]} {(one.Reason == RetellReason.Shut ? "shut" : "early")}");
            (one.Device.IsWanted, one.Device.RetoldUsec) = (false, told);
        }
        return string.Join(", ", all);
    }

    private static UdevBroadcast Told(long seqnum, string name, bool shut, long heard) => new(seqnum, $"/devices/{name}", shut, IsRetold: false, heard);

    private static UeventEvent Event(string action, string name, long? seqnum, bool settled = true, string? index = null) => new()
    {
        Cursor = "c",
        Action = action,
        Device = new UeventDevice
        {
            DevPath = $"/devices/{name}",
            Subsystem = "net",
            SysName = name,
            Settled = settled,
            Rule = "rule",
            Properties = index is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["IFINDEX"] = index },
        },
        Seqnum = seqnum,
        Synthetic = seqnum is null,
        ArrivedUsec = 0,
        SettledUsec = Looked,
    };
}
