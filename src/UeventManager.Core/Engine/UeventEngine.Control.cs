using UeventManager.Core.History;
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
        Tap?.RulesReplaced(rules, nowUsec);
        BeginStep(nowUsec);
        _rules = rules;
        foreach (var device in _tree.All().ToList())
        {
            device.Rules = rules.For(device.Subsystem);
            if (device.Pending is not { FollowUp: null } pending || (device.State == DeviceState.Announced && !pending.HasUnserved))
                continue;
            _history.Note(device, MomentKind.RulesReplaced);
            _settlement.VoidDecision(pending);
            pending.Add?.Void();
            pending.ResetVerdict();
            _settlement.LookAnew(device, pending, nowUsec);
        }
    }

    /// <summary>Announces a device that waits or is held, or a change of one that does, by hand: unsettled, with what is missing.</summary>
    /// <returns>False if it is not known or waits for nothing.</returns>
    public bool ReleaseByHand(Device device, long nowUsec)
    {
        Tap?.ReleasedByHand(device, nowUsec);
        BeginStep(nowUsec);
        if (device is not { InTree: true, Pending: { FollowUp: null } pending })
            return false;
        _history.Note(device, MomentKind.ReleasedByHand);
        if (device.State == DeviceState.Announced)
            return _settlement.ReleaseChanges(device, pending, nowUsec);
        // What is complete only waits for its turn, and keeps it.
        if (pending.Add is not { IsDecided: false, IsComplete: false } add)
            return true;
        add.ReleaseByHand();
        _settlement.Abandon(device, pending);
        _settlement.DecideByHand(device, pending);
        return true;
    }
}
