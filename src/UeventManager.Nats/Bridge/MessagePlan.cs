using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>Turns the daemon's events and states into messages. It has no clock and reads nothing.</summary>
/// <param name="host">The host's name.</param>
/// <param name="boot">The host's boot id.</param>
/// <param name="instance">The bridge's id.</param>
internal sealed class MessagePlan(string host, string boot, string instance)
{
    /// <summary>The prefix of the ids of transactions with a move.</summary>
    public const string MovePrefix = "move:";

    private const string GroupPrefix = "group:";
    private const string StatePrefix = "state:";
    private int _states;

    /// <summary>The messages for events that share one cursor: one event, or those of a group.</summary>
    /// <param name="events">The events in order.</param>
    /// <param name="ledger">The content of the stream.</param>
    public IReadOnlyList<OutMessage> OfEvents(IReadOnlyList<UeventEvent> events, HostLedger ledger)
    {
        var draft = new MessageDraft(host);
        bool moves = false;
        foreach (UeventEvent one in events.Where(static one => !one.Device.IsKobject))
        {
            byte[] line = FleetLine.WithHost(host, UeventJson.Write(one));
            if (one.Action == "remove")
            {
                draft.Gone(ledger.SubjectOf(one.Device.DevPath) ?? Subject(one.Device), one.Device.DevPath, line);
                continue;
            }
            // A device with another subsystem than before gets another subject.
            if (ledger.SubjectOf(one.Device.DevPath) is { } known && known != Subject(one.Device))
                draft.Gone(known, one.Device.DevPath, null);
            draft.Put(Subject(one.Device), FleetLine.WithoutAction(one.Device), line);
            if (one.OldDevPath is not { } old || old == one.Device.DevPath)
                continue;
            moves = true;
            if (ledger.SubjectOf(old) is { } left)
                draft.Gone(left, old, null);
            // The kernel reports only the device that moves, not its descendants.
            foreach ((string devpath, string subject) in ledger.Below(old))
            {
                if (ledger[subject]?.Device is not { } json || FleetJson.ReadDevice(json) is not { } before)
                    continue;
                UeventDevice now = before.Rebased(old, one.RawOldDevPath, one.Device.DevPath, one.Device.RawDevPath);
                UeventEvent told = one with { Device = FleetLine.WithAction(now, "move"), OldDevPath = devpath, RawOldDevPath = before.RawDevPath, Seqnum = null, Synthetic = true };
                draft.Put(Subject(now), now, FleetLine.WithHost(host, UeventJson.Write(told)));
                draft.Gone(subject, devpath, null);
            }
        }
        string cursor = events[^1].Cursor;
        return draft.ToMessages(cursor, null, (moves ? MovePrefix : GroupPrefix) + cursor, number => $"{boot}:{cursor}:{number}");
    }

    /// <summary>The messages that update the stream to a state.</summary>
    /// <param name="devices">The devices of the state.</param>
    /// <param name="cursor">The daemon's cursor after the state.</param>
    /// <param name="gap">Why the state was read.</param>
    /// <param name="ledger">The content of the stream.</param>
    /// <param name="now">CLOCK_MONOTONIC and the wall clock, in microseconds.</param>
    public IReadOnlyList<OutMessage> OfState(IReadOnlyList<UeventDevice> devices, string cursor, string gap, HostLedger ledger, (long Monotonic, long Realtime) now)
    {
        var draft = new MessageDraft(host);
        byte[] Line(UeventDevice device, string action) => FleetLine.WithHost(host, UeventJson.Write(new UeventEvent
        {
            Cursor = cursor,
            Action = action,
            Device = FleetLine.WithAction(device, action),
            Synthetic = true,
            ArrivedUsec = now.Monotonic,
            SettledUsec = now.Monotonic,
            RealtimeUsec = now.Realtime,
        }));
        var there = devices.Select(Subject).ToHashSet(StringComparer.Ordinal);
        // Descendants sort after their ancestors.
        foreach ((_, string subject) in ledger.Devices.Reverse().Where(one => !there.Contains(one.Value)).ToArray())
        {
            if (FleetJson.ReadDevice(ledger[subject]!.Device!) is { } gone)
                draft.Gone(subject, gone.DevPath, Line(gone, "remove"));
        }
        foreach (UeventDevice device in devices)
        {
            string subject = Subject(device);
            byte[]? known = ledger[subject]?.Device;
            if (known is null || !known.AsSpan().SequenceEqual(UeventJson.Write(device)))
                draft.Put(subject, device, Line(device, known is null ? "add" : "change"));
        }
        string id = $"{StatePrefix}{instance}.{++_states}";
        return draft.ToMessages(cursor, gap, id, number => $"{id}:{number}");
    }

    private string Subject(UeventDevice device) => FleetSubjects.Device(host, device.Subsystem, device.DevPath);
}
