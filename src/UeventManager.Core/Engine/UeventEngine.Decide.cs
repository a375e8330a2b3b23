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
            else if (drain.Wait is null)
                Confirm(drain, nowUsec);
            else if (drain.Device.InTree && drain.Device.Wait == drain.Wait && drain.Wait.Decided && drain.Wait.Decision == drain.Decision)
                Complete(drain.Device, drain.Wait, nowUsec);
        }
    }

    /// <summary>Whether everything was drained that had been decided when so many looks had ended.</summary>
    public bool IsDrained(long endedLooks) => !_draining.TryPeek(out var oldest) || oldest.EndedLooks > endedLooks;

    // A look at which everything held. An add is decided and drained; a change needs no drain, but it must be the
    // announced instance's.
    private void Held(Device device, Wait wait, Look look, Findings findings, long nowUsec)
    {
        var file = FileText(look);
        if (look.Action == WaitingActions.Add)
        {
            EndedLooks++;
            device.Instance = look.Instance;
            device.LeaderPath = look.Rule?.LeaderLink is { } link ? look.Facts[link.Slot].LinkTarget : null;
            (wait.FileText, wait.Bare) = (file, null);
            wait.WithFile = look.WithFile;
            if (file is not null)
                Overlay(wait.Queue[0], file);
            EndLook(wait, look, nowUsec);
            Decide(device, wait, findings);
            return;
        }
        if (!device.Instance.IsKnown && look.Instance.IsKnown && HasUnserved(wait))
        {
            // Whether this is the instance that was announced is known once nothing queued says otherwise.
            var adopts = MayAdopt(device);
            if (adopts)
                _draining.Enqueue(new Drain(device, null, 0, ++EndedLooks, look.StartedOrder) { Instance = look.Instance });
            EndLook(wait, look, nowUsec);
            if (!adopts)
                ScheduleLook(device, wait, nowUsec);
            return;
        }
        if (wait.FollowUp is { } followUp)
        {
            EndLook(wait, look, nowUsec);
            FollowUpSettled(device, wait, followUp, findings, file, nowUsec);
            return;
        }
        if (device.Group is { } group && !HasUnserved(wait))
        {
            EndLook(wait, look, nowUsec);
            DecideGroup(group);
            return;
        }
        ServeChanges(device, wait, look, findings, file);
        EndLook(wait, look, nowUsec);
        TryRelease(device, nowUsec);
        if (device.InTree && device.Wait == wait && HasUnserved(wait))
            StartLook(device, nowUsec, repeated: true);
    }

    private static void ServeChanges(Device device, Wait wait, Look look, Findings findings, string? file)
    {
        foreach (var pending in wait.Queue)
        {
            if (pending.Complete)
                continue;
            if (pending.Order > look.StartedOrder || (wait.Rule is not null && !Satisfies(device, wait, look, pending.ArrivedUsec)))
                break;
            if (file is not null)
                Overlay(pending, file);
            pending.Findings = findings;
            pending.LeadsGroup = device.Group is not null && wait.Rule is not null;
            pending.Complete = true;
        }
    }

    private static bool HasUnserved(Wait wait)
    {
        foreach (var pending in wait.Queue)
        {
            if (!pending.Complete)
                return true;
        }
        return false;
    }

    private void DropChanges(Device device, Wait wait, Look look, long nowUsec)
    {
        for (var i = wait.Queue.Count - 1; i >= 0; i--)
        {
            if (wait.Queue[i].Complete || wait.Queue[i].Order > look.StartedOrder)
                continue;
            Recycle(wait.Queue[i]);
            wait.Queue.RemoveAt(i);
            Counters.ChangesOfOtherInstance++;
        }
        EndLook(wait, look, nowUsec);
        wait.FollowUp = null;
        if (wait.Queue.Count == 0)
            EndWait(device);
        else if (HasUnserved(wait))
            StartLook(device, nowUsec, repeated: true);
    }

    private void Decide(Device device, Wait wait, Findings findings)
    {
        var add = wait.Queue[0];
        add.Findings = findings;
        add.Complete = false;
        add.LeadsGroup = device.Group is not null;
        wait.Decided = true;
        wait.Decision++;
        _nextLooks.Clear(wait.NextLook);
        _deadlines.Clear(wait.Deadline);
        _draining.Enqueue(new Drain(device, wait, wait.Decision, EndedLooks, 0));
    }

    private void VoidDecision(Wait wait)
    {
        if (!wait.Decided)
            return;
        Note((Device)wait.NextLook.Owner, MomentKind.Voided);
        LeaveGroup(wait);
        (wait.Decided, wait.FileText, wait.WithFile, wait.BlockedBy) = (false, null, false, null);
        (wait.Queue[0].Complete, wait.Queue[0].LeadsGroup) = (false, false);
        // Its members were to go out with it, their time being over: they go without it.
        if (((Device)wait.NextLook.Owner).Group is { IsLifted: true } group)
            _groupDeadlines.Set(group.Deadline, group.FirstUsec);
    }

    private void Complete(Device device, Wait wait, long nowUsec)
    {
        var add = wait.Queue[0];
        add.Complete = true;
        if (add.Findings.Settled)
            Counters.Settled++;
        // What exists together at start is known together: a member stays until its group is released.
        if (JoinGroup(device, wait, nowUsec))
            return;
        TryRelease(device, nowUsec);
        LeaveReconcile(device);
    }

    private void FollowUpSettled(Device device, Wait wait, FollowUp followUp, Findings findings, string? file, long nowUsec)
    {
        var change = NewEvent(UeventAction.Change, device.Properties.Span, 0, synthetic: true, followUp.ArrivedUsec);
        if (file is not null)
            Overlay(change, file);
        wait.FollowUp = null;
        // What was looked for is all there; what else may be missing by now is none of this announcement's.
        change.Findings = findings with { Missing = null };
        change.Complete = true;
        wait.Queue.Add(change);
        TryRelease(device, nowUsec);
    }

    /// <param name="Device">The device.</param>
    /// <param name="Wait">What was decided of it; null for what a scan said of it.</param>
    /// <param name="Decision">Which decision, for it may be voided.</param>
    /// <param name="EndedLooks">The number of the look that decided.</param>
    /// <param name="LookOrder">For what a scan said: the last event before the look.</param>
    private readonly record struct Drain(Device Device, Wait? Wait, long Decision, long EndedLooks, long LookOrder)
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
