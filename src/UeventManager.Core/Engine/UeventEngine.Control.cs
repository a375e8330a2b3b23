using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    /// <summary>
    /// Puts other rules in force. Waiting and held devices are looked at under the new rules, and their timeouts still count from arrival; dropped
    /// and announced devices are untouched.
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

    /// <summary>
    /// Announces a waiting or held device, or a waiting change of an announced one, by hand: unsettled, with the missing conditions.
    /// </summary>
    /// <returns>False if the device is unknown or waits for nothing.</returns>
    public bool ReleaseByHand(Device device, long nowUsec)
    {
        Tap?.ReleasedByHand(device, nowUsec);
        BeginStep(nowUsec);
        if (device is not { InTree: true, Pending: { FollowUp: null } pending })
            return false;
        _history.Note(device, MomentKind.ReleasedByHand);
        if (device.State == DeviceState.Announced)
            return _settlement.ReleaseChanges(device, pending, nowUsec);
        // A complete event keeps its place in the order.
        if (pending.Add is not { IsDecided: false, IsComplete: false } add)
            return true;
        add.ReleaseByHand();
        _settlement.Abandon(device, pending);
        _settlement.DecideByHand(device, pending);
        return true;
    }
}
