namespace UeventManager.Client.Testing;

// The calls for administrators. No event is ever under way here, so Settle returns at once.
public sealed partial class InMemoryDaemon
{
    /// <summary>The errors that a reload reports, as <c>file:line:column: …</c>; empty for none.</summary>
    public IReadOnlyList<string> RuleErrors { get; set; } = [];

    private byte[] Explain(string name)
    {
        if (Find(name) is not { } device)
            return ServerFrame.Error(Name + "NoSuchDevice", "device", name);
        string[] missing = [.. device.Missing ?? []];
        return ServerFrame.Reply(new DeviceExplanation
        {
            State = device.Settled ? "announced" : "waiting",
            Rule = device.Rule,
            Conditions = [.. missing.Select(text => new ConditionState { Text = text, Held = false, Optional = device.Settled, Looks = 1 })],
            History = [.. _events.Select(e => e.Event).Where(e => e.Device.DevPath == device.DevPath).TakeLast(64).Select(MomentOf)],
        }, WireJson.Default.DeviceExplanation);
    }

    // A waiting device is announced as it is: unsettled.
    private byte[] Release(string name)
    {
        if (Find(name) is not { } device)
            return ServerFrame.Error(ControlName + "NoSuchDevice", "device", name);
        bool waits = _events.FindLast(e => e.Event.Device.DevPath == device.DevPath) is not { Event.Action: not "remove" } && !device.Settled;
        if (waits)
            Send([new InMemoryEvent(Event("add", device, null), null)]);
        return ServerFrame.Reply(new ReleaseReply(waits), WireJson.Default.ReleaseReply);
    }

    private byte[] Reload() => RuleErrors.Count == 0
        ? ServerFrame.Reply(new ReloadReply(0), WireJson.Default.ReloadReply)
        : ServerFrame.Errors(ControlName + "RulesInvalid", RuleErrors);

    private static Moment MomentOf(UeventEvent one) => new() { AtUsec = one.SettledUsec, RealtimeUsec = one.RealtimeUsec, What = "delivered", Detail = one.Action };
}
