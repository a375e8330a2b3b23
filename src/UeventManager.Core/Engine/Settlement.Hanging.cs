using UeventManager.Core.Looks;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Engine;

// A value to attach hangs: the event is delivered without it.
internal sealed partial class Settlement
{
    // Every condition held, and only a value to attach hangs. Which value is unknown, so each value is read by itself.
    private void AttachSingly(Device device, Pending pending, Look look, long nowUsec)
    {
        if (look.IsWithoutHung)
        {
            AttachNothing(device, pending, look, nowUsec);
            return;
        }
        GiveUpReads(device, look);
        if (look.IsSingly)
        {
            look.Hung.AddRange(look.Ask);
        }
        else
        {
            foreach (var query in look.Ask)
            {
                if (!look.IsVerifying && !look.AttachFacts[query.Slot].Asked)
                    look.Left.Add(query);
            }
            // If only one value is left, it is the one that hangs.
            if (look.Left.Count == 1)
            {
                look.Hung.AddRange(look.Left);
                look.Left.Clear();
            }
            (look.IsSingly, look.IsVerifying, look.IsVerified) = (true, false, true);
        }
        AttachNext(device, pending, look, nowUsec);
    }

    private void AttachNext(Device device, Pending pending, Look look, long nowUsec)
    {
        look.Ask.Clear();
        if (look.Left.Count == 0 && look is { Rule: not null, Hung: [_, ..] })
        {
            LookWithoutHung(device, pending, look, nowUsec);
            return;
        }
        if (look.Left.Count == 0)
        {
            OnConditionsMet(device, pending, look, LookFindings.Of(device, pending, look), nowUsec);
            return;
        }
        look.Ask.Add(look.Left[0]);
        look.Left.RemoveAt(0);
        _looks.Renew(look);
        SetDeadline(pending, nowUsec + LookTimes.SingleReadUsec);
        Probe(device, look, nowUsec);
    }

    // The first half of this look is old by now, and an event must not mix two looks (G11).
    private void LookWithoutHung(Device device, Pending pending, Look look, long nowUsec)
    {
        SysfsQuery[] hung = [.. look.Hung];
        EndLook(pending, look, nowUsec);
        StartLook(device, nowUsec, repeated: false, hung);
        if (pending.InFlight is not null)
            SetDeadline(pending, nowUsec + LastLookUsec(pending));
    }

    // Only a value to attach hangs, and no time is left: the event is delivered without the values that have no answer.
    private void AttachNothing(Device device, Pending pending, Look attaching, long nowUsec)
    {
        GiveUpReads(device, attaching);
        attaching.IsVerified = true;
        OnConditionsMet(device, pending, attaching, LookFindings.Of(device, pending, attaching), nowUsec);
    }

    private void GiveUpReads(Device device, Look look)
    {
        _output.Emit(new EngineCommand(CommandKind.Abandon, device, Look: look, Number: look.Id));
        Counters.LooksAbandoned++;
    }
}
