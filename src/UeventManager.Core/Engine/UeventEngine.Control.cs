using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>
    /// Puts other rules in force. What waits or is held is looked at under them now, its time still counts from its
    /// arrival; what was dropped or announced is untouched.
    /// </summary>
    public void ReplaceRules(RuleSet rules, long nowUsec)
    {
        BeginStep(nowUsec);
        _rules = rules;
        foreach (var device in _tree.All().ToList())
        {
            device.Rules = rules.For(device.Subsystem);
            if (device.Wait is not { FollowUp: null } wait || (device.State == DeviceState.Announced && !HasUnserved(wait)))
                continue;
            Note(device, MomentKind.RulesReplaced);
            VoidDecision(wait);
            if (device.State != DeviceState.Announced)
                wait.Queue[0].Complete = false;
            (wait.Rule, wait.Items, wait.Stable) = (null, [], []);
            LookAnew(device, wait, nowUsec);
        }
    }

    /// <summary>Announces a device that waits or is held, or a change of one that does, by hand: unsettled, with what is missing.</summary>
    /// <returns>False if it is not known or waits for nothing.</returns>
    public bool ReleaseByHand(Device device, long nowUsec)
    {
        BeginStep(nowUsec);
        if (device is not { InTree: true, Wait: { FollowUp: null } wait })
            return false;
        Note(device, MomentKind.ReleasedByHand);
        if (device.State == DeviceState.Announced)
            return ReleaseChanges(device, wait, nowUsec);
        // What is complete only waits for its turn, and keeps it.
        if (wait.Decided || wait.Queue[0].Complete)
            return true;
        wait.ByHand = true;
        Abandon(device, wait);
        DecideByHand(device, wait);
        return true;
    }

    private void DecideByHand(Device device, Wait wait)
    {
        var missing = MissingOf(device);
        EndedLooks++;
        device.Instance = wait.LastSeen;
        Decide(device, wait, new Findings(false, wait.Rule?.Rule.Name, missing, null, null));
    }

    private bool ReleaseChanges(Device device, Wait wait, long nowUsec)
    {
        if (!HasUnserved(wait))
            return false;
        foreach (var pending in wait.Queue)
        {
            if (!pending.Complete)
                Unsettled(wait, pending);
        }
        Abandon(device, wait);
        TryRelease(device, nowUsec);
        return true;
    }
}
