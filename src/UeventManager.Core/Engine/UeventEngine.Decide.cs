using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    private readonly Queue<Drain> _draining = new();

    /// <summary>
    /// Everything that could have been queued in the socket when a look ended has been stepped: the receive that began
    /// after it found less than it asked for, or as many datagrams as the queue could hold came since.
    /// </summary>
    /// <param name="endedLooks">The value of <see cref="EndedLooks"/> that the receive began after.</param>
    /// <param name="nowUsec">Now.</param>
    public void Drained(long endedLooks, long nowUsec)
    {
        BeginStep(nowUsec);
        while (_draining.TryPeek(out var drain) && drain.EndedLooks <= endedLooks)
        {
            _draining.Dequeue();
            if (drain.Group is { } group)
                GroupDrained(group, drain.Decision, nowUsec);
            else if (drain.Pending is null)
                Confirm(drain, nowUsec);
            else if (drain.Device.InTree && drain.Device.Pending == drain.Pending && drain.Pending.Add is { IsDecided: true } add && add.Decision == drain.Decision)
                Complete(drain.Device, drain.Pending, add, nowUsec);
        }
    }

    /// <summary>Whether everything was drained that had been decided when so many looks had ended.</summary>
    public bool IsDrained(long endedLooks) => !_draining.TryPeek(out var oldest) || oldest.EndedLooks > endedLooks;

    // A look at which everything held. An add is decided and drained; a change needs no drain, but it must be the
    // announced instance's.
    private void Held(Device device, Pending pending, Look look, Findings findings, long nowUsec)
    {
        var file = FileText(look);
        if (look.Action == WaitingActions.Add)
        {
            EndedLooks++;
            device.Instance = look.Instance;
            device.LeaderPath = look.Rule?.LeaderLink is { } link ? look.Facts[link.Slot].LinkTarget : null;
            pending.Add!.TakeFile(file, look.WithFile);
            EndLook(pending, look, nowUsec);
            Decide(device, pending, findings);
            return;
        }
        if (!device.Instance.IsKnown && look.Instance.IsKnown && pending.HasUnserved)
        {
            // Whether this is the instance that was announced is known once nothing queued says otherwise.
            var adopts = MayAdopt(device);
            if (adopts)
                _draining.Enqueue(new Drain(device, null, 0, ++EndedLooks, look.StartedOrder) { Instance = look.Instance });
            EndLook(pending, look, nowUsec);
            if (!adopts)
                ScheduleLook(device, pending, nowUsec);
            return;
        }
        if (pending.FollowUp is { } followUp)
        {
            EndLook(pending, look, nowUsec);
            FollowUpSettled(device, pending, followUp, findings, file, nowUsec);
            return;
        }
        if (device.Group is { } group && !pending.HasUnserved)
        {
            EndLook(pending, look, nowUsec);
            DecideGroup(group);
            return;
        }
        ServeChanges(device, pending, look, findings, file);
        EndLook(pending, look, nowUsec);
        TryRelease(device, nowUsec);
        if (device.InTree && device.Pending == pending && pending.HasUnserved)
            StartLook(device, nowUsec, repeated: true);
    }

    private static void ServeChanges(Device device, Pending pending, Look look, Findings findings, string? file)
    {
        foreach (var queued in pending.Queued)
        {
            if (queued.Complete)
                continue;
            if (queued.Order > look.StartedOrder || (pending.Rule is not null && !Satisfies(device, pending, look, queued.ArrivedUsec)))
                break;
            if (file is not null)
                queued.Overlay(file);
            queued.Findings = findings;
            queued.LeadsGroup = device.Group is not null && pending.Rule is not null;
            queued.Complete = true;
        }
    }

    private void DropChanges(Device device, Pending pending, Look look, long nowUsec)
    {
        Counters.ChangesOfOtherInstance += pending.Changes.DropServedBy(look.StartedOrder);
        EndLook(pending, look, nowUsec);
        EndFollowUp(pending);
        if (pending.IsEmpty)
            EndPending(device);
        else if (pending.HasUnserved)
            StartLook(device, nowUsec, repeated: true);
    }

    private void Decide(Device device, Pending pending, Findings findings)
    {
        var add = pending.Add!;
        add.Decide(findings, leadsGroup: device.Group is not null);
        _nextLooks.Clear(pending.NextLook);
        _deadlines.Clear(pending.Deadline);
        _draining.Enqueue(new Drain(device, pending, add.Decision, EndedLooks, 0));
    }

    // True if something was decided.
    private bool VoidDecision(Pending pending)
    {
        if (pending.Add is not { IsDecided: true } add)
            return false;
        _history.Note(pending.Device, MomentKind.Voided);
        LeaveGroup(pending);
        SetHold(pending, default);
        add.Void();
        // Its members were to go out with it, their time being over: they go without it.
        if (pending.Device.Group is { IsLifted: true } group)
            _groupDeadlines.Set(group.Deadline, group.FirstUsec);
        return true;
    }

    // Something else stands at its place, or may: what a look has said of the add, or will, is of the past.
    private void VoidAdd(Pending pending, long nowUsec)
    {
        if (VoidDecision(pending))
            Counters.Voided++;
        pending.Add?.Void();
        LookAnew(pending.Device, pending, nowUsec);
    }

    private void Complete(Device device, Pending pending, PendingAdd add, long nowUsec)
    {
        add.Complete();
        if (add.Event.Findings.Settled)
            Counters.Settled++;
        // What exists together at start is known together: a member stays until its group is released.
        if (JoinGroup(device, add, nowUsec))
            return;
        TryRelease(device, nowUsec);
        LeaveReconcile(device);
    }

    private void FollowUpSettled(Device device, Pending pending, FollowUp followUp, Findings findings, string? file, long nowUsec)
    {
        var change = NewEvent(UeventAction.Change, device.Properties.Span, 0, synthetic: true, followUp.ArrivedUsec);
        if (file is not null)
            change.Overlay(file);
        EndFollowUp(pending);
        // What was looked for is all there; what else may be missing by now is none of this announcement's.
        change.Findings = findings with { Missing = null };
        change.Complete = true;
        Enqueue(pending, change);
        TryRelease(device, nowUsec);
    }

    /// <param name="Device">The device.</param>
    /// <param name="Pending">What was decided of it; null for what a scan said of it.</param>
    /// <param name="Decision">Which decision, for it may be voided.</param>
    /// <param name="EndedLooks">The number of the look that decided.</param>
    /// <param name="LookOrder">For what a scan said: the last event before the look.</param>
    private readonly record struct Drain(Device Device, Pending? Pending, long Decision, long EndedLooks, long LookOrder)
    {
        /// <summary>A datagram said it, not a scan.</summary>
        public bool Heard { get; init; }

        /// <summary>Of the add of another instance: what became known below the device until this order goes with the old one; else 0.</summary>
        public long Replaces { get; init; }

        /// <summary>No directory was found.</summary>
        public bool Gone { get; init; }

        /// <summary>A group that was found ready without an event of its leader.</summary>
        public Group? Group { get; init; }

        /// <summary>The instance that the look found.</summary>
        public DeviceInstance Instance { get; init; }

        /// <summary>What a scan said of it: an add for another instance, a change for other properties.</summary>
        public PendingEvent? News { get; init; }
    }
}
