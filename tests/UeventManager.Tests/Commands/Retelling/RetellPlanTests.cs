using UeventManager.Client;
using UeventManager.Commands.Retelling;

namespace UeventManager.Tests.Commands.Retelling;

/// <summary>Which devices udevd has to tell again, whoever speaks first.</summary>
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
    public void What_no_rule_is_for_was_complete_however_late_the_daemon_reads_of_it()
    {
        var one = Event("add", "v0", 7);
        _plan.Take(one with { Device = one.Device with { Rule = null } });
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        Assert.Equal("", Wanted(_plan));
    }

    [Fact]
    public void One_announcement_is_told_again_once()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        _plan.Take(Told(7, "v0", shut: false, heard: 1));
        Assert.Equal("v0 early", Wanted(_plan));
    }

    [Fact]
    public void The_echo_of_a_retelling_causes_none()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(new UdevBroadcast(8, "/devices/v0", IsShut: true, IsRetold: true, HeardUsec: 1));
        Assert.Equal("", Wanted(_plan));
        Assert.Empty(_plan.Unmatched);
    }

    [Fact]
    public void A_device_that_was_renamed_meanwhile_is_told_again_under_its_name_now()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Event("add", "v0/below", 8));
        _plan.Take(Event("move", "v9", 9) with { OldDevpath = "/devices/v0" });
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        _plan.Take(Told(8, "v0/below", shut: true, heard: 1));
        Assert.Equal("v9 shut, v9/below shut", Wanted(_plan));
    }

    [Fact]
    public void A_device_that_has_gone_is_not_told_of_though_another_stands_there()
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
    public void A_change_of_our_own_is_news_to_programs_of_udev()
    {
        _plan.Take(Event("add", "v0", 7));
        _plan.Take(Event("change", "v0", null));
        Assert.Equal("v0 early", Wanted(_plan));
    }

    [Fact]
    public void A_shut_gate_of_an_event_that_was_never_announced_is_known()
    {
        _plan.Take(Told(7, "v0", shut: true, heard: 1));
        _plan.Take(Told(8, "v1", shut: false, heard: 1));
        Assert.Equal([7L], _plan.Unmatched.Select(one => one.Seqnum));
        Assert.False(_plan.MayBeMatched);
        _plan.Take(Event("change", "v0", 9));
        Assert.True(_plan.MayBeMatched);
        for (var seqnum = 10; seqnum < 10 + RetellPlan.MostEvents; seqnum++)
            _plan.Take(Told(seqnum, "v2", shut: true, heard: 1));
        Assert.DoesNotContain(_plan.Unmatched, one => one.Seqnum == 7);
        Assert.Equal(RetellPlan.MostEvents, _plan.Unmatched.Count());
    }

    [Theory]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7", "7 /devices/v0")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7|UEVENT_SETTLED=0", "7 /devices/v0 shut")]
    [InlineData("ACTION=move|DEVPATH=/devices/v0|SEQNUM=7|SYNTH_ARG_UEVENTMANAGER=settled", "7 /devices/v0 retold")]
    [InlineData("ACTION=remove|DEVPATH=/devices/v0|SEQNUM=7", "")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=7|UEVENT_MANAGER=1", "")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0", "")]
    [InlineData("ACTION=add|SEQNUM=7", "")]
    [InlineData("ACTION=add|DEVPATH=/devices/v0|SEQNUM=99999999999999999999", "")]
    public void A_message_of_udevd_is_read(string properties, string expected)
    {
        byte[] body = System.Text.Encoding.UTF8.GetBytes(properties.Replace('|', '\0') + "\0");
        byte[] message = [.. "libudev\0"u8, 0xfe, 0xed, 0xca, 0xfe, .. BitConverter.GetBytes(40), .. BitConverter.GetBytes(40), .. BitConverter.GetBytes(body.Length), .. new byte[16], .. body];
        Assert.Equal(expected, Text(UdevBroadcast.Parse(message, 1)));
        // Whatever is cut off is no message, and nothing to stumble over.
        for (var length = 0; length < message.Length; length++)
            _ = UdevBroadcast.Parse(message.AsSpan(0, length), 1);
        message[16] = 200;
        message[17] = 200;
        Assert.Null(UdevBroadcast.Parse(message, 1));
    }

    private static string Text(UdevBroadcast? one) =>
        one is null ? "" : $"{one.Seqnum} {one.Devpath}{(one.IsShut ? " shut" : "")}{(one.IsRetold ? " retold" : "")}";

    private static string Wanted(RetellPlan plan)
    {
        var all = new List<string>();
        while (plan.TryTake(out var one))
            all.Add($"{one.Device.Devpath["/devices/".Length..]} {(one.Reason == RetellReason.Shut ? "shut" : "early")}");
        return string.Join(", ", all);
    }

    private static UdevBroadcast Told(long seqnum, string name, bool shut, long heard) => new(seqnum, $"/devices/{name}", shut, IsRetold: false, heard);

    private static UeventEvent Event(string action, string name, long? seqnum, bool settled = true) => new()
    {
        Cursor = "c",
        Action = action,
        Device = new UeventDevice { Devpath = $"/devices/{name}", Subsystem = "net", Sysname = name, Settled = settled, Rule = "rule", Properties = new Dictionary<string, string>() },
        Seqnum = seqnum,
        Synthetic = seqnum is null,
        ArrivedUsec = 0,
        SettledUsec = Looked,
    };
}
