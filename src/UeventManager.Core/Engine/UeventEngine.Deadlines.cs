using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // The time of an event is over: its rule says what happens. A read that still hangs is given up.
    private void DeadlineReached(Device device, long nowUsec)
    {
        if (device.Wait is not { } wait || wait.Decided)
            return;
        if (wait.FollowUp is not null)
        {
            EndWait(device);
            return;
        }
        if (wait.InFlight is { Attaching: true } attaching)
        {
            // Every condition held; only what was to be attached hangs. The event goes out without it.
            Emit(new EngineCommand(CommandKind.Abandon, device, Look: attaching, Number: attaching.Id));
            Counters.LooksAbandoned++;
            Held(device, wait, attaching, FindingsOf(wait, attaching), nowUsec);
            return;
        }
        JudgeUnanswered(wait);
        Abandon(device, wait);
        LeaveReconcile(device);
        if (device.State == DeviceState.Announced)
            ChangesTimedOut(device, wait, nowUsec);
        else
            AddTimedOut(device, wait, nowUsec);
    }

    // A look that hangs has told nothing yet: then the rule is the one that is about to be in force, and what it has no
    // answer to is missing.
    private static void JudgeUnanswered(Wait wait)
    {
        if (wait.InFlight is not { Attaching: false } look || look.Rule is not { } rule)
            return;
        if (wait.Rule == rule)
            return;
        wait.Rule = rule;
        wait.Items = new Settle.ItemState[rule.Items.Count];
        for (var i = 0; i < wait.Items.Length; i++)
            wait.Items[i].Seen = "no answer";
    }

    private void AddTimedOut(Device device, Wait wait, long nowUsec)
    {
        var missing = MissingOf(device);
        if (wait.Gone)
        {
            Counters.Vanished++;
            Report(Incident.Vanished, device);
            Drop(device, nowUsec);
            return;
        }
        switch (wait.Rule?.Rule.OnTimeout ?? TimeoutPolicy.Hold)
        {
            case TimeoutPolicy.Deliver:
                Counters.DeliveredUnsettled++;
                Report(Incident.DeliveredUnsettled, device, missing);
                EndedLooks++;
                device.Instance = wait.LastSeen;
                _nextLooks.Clear(wait.NextLook);
                Decide(device, wait, new Findings(false, wait.Rule!.Rule.Name, missing, null, null, null));
                break;
            case TimeoutPolicy.Drop:
                Counters.Dropped++;
                Report(Incident.Dropped, device, missing);
                Drop(device, nowUsec);
                break;
            default:
                Counters.Held++;
                Report(Incident.Held, device, missing);
                device.State = DeviceState.Held;
                Unblock(device, nowUsec);
                _nextLooks.Set(wait.NextLook, nowUsec + Settle.LookTimes.HeldUsec);
                break;
        }
    }

    private void Drop(Device device, long nowUsec)
    {
        device.Instance = device.Wait!.LastSeen;
        EndWait(device);
        device.State = DeviceState.Dropped;
        Unblock(device, nowUsec);
    }

    private void ChangesTimedOut(Device device, Wait wait, long nowUsec)
    {
        var policy = wait.Rule?.Rule.OnTimeout ?? TimeoutPolicy.Hold;
        for (var i = 0; i < wait.Queue.Count; i++)
        {
            var pending = wait.Queue[i];
            if (pending.Complete || pending.TimedOut || pending.DeadlineUsec > nowUsec)
                continue;
            if (policy == TimeoutPolicy.Drop)
            {
                Counters.Dropped++;
                Recycle(pending);
                wait.Queue.RemoveAt(i--);
                continue;
            }
            // Whatever is held before it in the queue says less than this one: one of them stays.
            for (var j = i - 1; j >= 0 && wait.Queue[j].TimedOut; j--, i--)
            {
                Counters.Merged++;
                Recycle(wait.Queue[j]);
                wait.Queue.RemoveAt(j);
            }
            pending.TimedOut = true;
            if (policy == TimeoutPolicy.Hold)
            {
                Counters.Held++;
                continue;
            }
            Counters.DeliveredUnsettled++;
            pending.Findings = new Findings(false, wait.Rule!.Rule.Name, Missing(wait), null, null, null);
            pending.Complete = true;
        }
        Report(policy switch
        {
            TimeoutPolicy.Drop => Incident.Dropped,
            TimeoutPolicy.Deliver => Incident.DeliveredUnsettled,
            _ => Incident.ChangeHeld,
        }, device, Missing(wait));
        if (wait.Rule is { } rule)
            SetDeadlines(device, wait, rule);
        if (wait.Queue.Count == 0)
        {
            EndWait(device);
            return;
        }
        TryRelease(device, nowUsec);
        if (device.Wait == wait && wait.InFlight is null && HasUnserved(wait))
            ScheduleLook(device, wait, nowUsec);
    }
}
