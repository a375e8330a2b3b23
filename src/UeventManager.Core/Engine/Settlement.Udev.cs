using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// udev's state for the event that is looked at: whether udev has processed it, and which properties are attached.
internal sealed partial class Settlement
{
    // An event that waits for no condition carries the latest properties that udev has reported.
    private UdevMark MarkFor(Device device, Pending pending, Look look)
    {
        if (pending.FollowUp is { } followUp)
            return followUp.Udev;
        if (pending.Add is { Event.IsPicture: false } add)
            return add.Event.Udev;
        // Synthetic events have no SEQNUM.
        return pending.FirstServedBy(look) is { IsPicture: false, Action: not UeventAction.Add, Udev: { SinceUsec: > 0 } mark } ? mark : MarkOf(device);
    }

    // While a change is promised, udev must have processed the event that it was promised for.
    private UdevMark MarkOf(Device device) =>
        PromiseOf(device) is { Udev: { SinceUsec: > 0 } mark } ? mark : _udev.LastOf(device);

    // After udevd's broadcast its database need not be read.
    private void BeginUdev(Device device, Pending pending, Look look, QueryTable table)
    {
        if (!device.Rules.AsksUdev)
            return;
        look.KnowsUdev = _udev.HasBroadcast(device, MarkFor(device, pending, look));
        if (look.KnowsUdev && table.Udev is { } query)
            look.Facts.Put(query.Slot, new Answer { Asked = true });
    }

    private void TakeUdev(Device device, Pending pending, Look look, BoundRule rule, long nowUsec)
    {
        if (rule.Table.Udev is not { } query || !look.Facts[query.Slot].Asked)
            return;
        // If the directory is gone, every answer is no.
        if (look.Instance.IsKnown && look.Facts[query.Slot].Errno == 0)
            SeeFile(pending, look, look.Facts[query.Slot].Udev);
        look.Facts.Udev = _udev.Of(device, MarkFor(device, pending, look), look.Facts[query.Slot]);
        if (look.Facts[query.Slot].Udev is { } file)
            _udev.Saw(device, file, nowUsec);
    }

    // The first look after an event notes the database file, to recognise it again: it was written before the event.
    private static void SeeFile(Pending pending, Look look, UdevFile? file)
    {
        if (look.KnowsUdev)
            return;
        foreach (var queued in pending.Queued)
        {
            if (queued is { Complete: false, Udev.IsSeen: false } && queued.Order <= look.StartedOrder && queued.Udev.Order <= look.StartedOrder)
                queued.Udev = queued.Udev with { IsSeen = true, FirstInode = file?.Inode ?? 0 };
        }
    }

    // One look serves several changes, and udev may have processed only the first of them.
    private bool IsUdevDoneWith(Device device, Pending pending, Look look, PendingEvent queued)
    {
        if (queued.IsRefresh || pending.Rule is not { Table.Udev: { } query } rule)
            return true;
        var before = look.Facts.Udev;
        if (_udev.Covers(device, before, queued.Udev.SinceUsec > 0 ? queued.Udev : _udev.LastOf(device), look.Facts[query.Slot]))
            return true;
        look.Facts.Udev = default;
        var done = true;
        for (var i = 0; i < rule.Items.Count && done; i++)
        {
            if (!rule.WaitsForUdev[i] || rule.Items[i].Condition.Holds(look.Facts))
                continue;
            done = IsExcused(device, rule.Items[i], look, queued.ArrivedUsec);
        }
        look.Facts.Udev = before;
        return done;
    }

    private ReadOnlyMemory<byte> UdevToAttach(Device device, Look look)
    {
        if (look.Rule?.UdevEntry is not { } query)
            return default;
        if (look.Facts.Udev is { IsDone: true, Properties.IsEmpty: false } facts)
            return facts.Properties;
        // An event that waits for udev carries only properties that udev has reported for this very event.
        if (look.Rule.AsksUdev && !look.Facts.Udev.IsDone && device.Pending is { FollowUp: null } pending && !IsPassing(pending, look.Rule))
            return default;
        var latest = _udev.LatestProperties(device, look.AttachFacts[query.Slot]);
        // The entry is that of an earlier event, perhaps of another device: the announced properties are not older.
        return latest.IsEmpty && device.State == DeviceState.Announced && UdevEntry.IsProcessing(look.AttachFacts[query.Slot].Value)
            ? (device.OwnProperties ?? device.Properties).Span.ToArray()
            : latest;
    }

    private bool HasUdevNews(Device device, Look look) =>
        look.Rule is { UdevEntry: not null } rule && UdevToAttach(device, look) is { IsEmpty: false } said
        && UdevNews.Differs(said.Span, device.OwnProperties ?? device.Properties, rule.Rule.Attach.Udev);

    // Under a rule that waits for udev only at an add, a later event carries the properties that udev had reported before. If udev then reports
    // others, a change follows.
    public void RenewUdev(Device device, long nowUsec)
    {
        if (device is not { InTree: true, State: DeviceState.Announced, Pending: null or { FollowUp: not null, IsEmpty: true } }
            || LastRule(device) is not { UdevEntry: not null, AsksUdev: true } rule)
        {
            return;
        }
        var wanted = rule.Rule.Attach.Udev;
        var known = device.OwnProperties ?? device.Properties;
        if (!UdevNews.Differs(_udev.ReportOf(device), known, wanted))
            return;
        var change = _events.New(UeventAction.Change, device, nowUsec);
        change.Properties.Set(UdevNews.Without(change.Properties, wanted));
        Pass(device, change, nowUsec);
    }

    // The rule of the last announced event, as it is now.
    private static BoundRule? LastRule(Device device) =>
        device.Findings.Rule is { } name ? device.Rules.Rules.FirstOrDefault(rule => rule.Rule.Name == name) : null;

    // Tells whether udev announced a new device to its listeners before the device was complete, apart from its rule's conditions on udev itself.
    private void JudgeUdev(Device device, Pending pending, Look look, long nowUsec)
    {
        if (device.State == DeviceState.Announced || pending.Add is null)
            return;
        ref var report = ref _udev.ReportOf(device);
        if (report is not { FirstUsec: > 0, IsCounted: false } || look.StartedUsec < report.FirstUsec)
            return;
        if (IsCompleteButForUdev(device, pending, look))
            CountUdev(device, nowUsec);
        else
            report.IsEarly = true;
    }

    private static bool IsCompleteButForUdev(Device device, Pending pending, Look look)
    {
        if (pending.Rule is not { } rule)
            return true;
        for (var i = 0; i < pending.Items.Length; i++)
        {
            if (!pending.Items[i].Held && !rule.WaitsForUdev[i] && !IsExcused(device, rule.Items[i], look, pending.Add!.Event.ArrivedUsec))
                return false;
        }
        return true;
    }

    // A device that is removed or dropped before it was complete was also announced too early.
    public void CountEarly(Device device, long nowUsec)
    {
        if (_udev.ReportOf(device).IsEarly)
            CountUdev(device, nowUsec);
    }

    // Counts each device once, if it arrived while udevd's broadcasts were received.
    public void CountUdev(Device device, long nowUsec)
    {
        ref var report = ref _udev.ReportOf(device);
        if (report is not { FirstUsec: > 0, IsCounted: false })
            return;
        report.IsCounted = true;
        _output.Emit(new EngineCommand(CommandKind.UdevLead, device, Number: report.IsEarly ? Math.Max(0, nowUsec - report.FirstUsec) : -1));
    }
}
