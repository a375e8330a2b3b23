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
        BeginStep();
        _rules = rules;
        foreach (var device in _tree.All().ToList())
        {
            device.Rules = rules.For(device.Subsystem);
            if (device.Wait is not { FollowUp: null } wait || (device.State == DeviceState.Announced && !HasUnserved(wait)))
                continue;
            VoidDecision(wait);
            Abandon(device, wait);
            (wait.Rule, wait.Items, wait.Stable) = (null, [], []);
            StartLook(device, nowUsec, repeated: false);
        }
    }

    /// <summary>Announces a device that waits or is held, by hand: unsettled, with what is missing.</summary>
    /// <returns>False if it is not known or waits for nothing.</returns>
    public bool ReleaseByHand(Device device, long nowUsec)
    {
        BeginStep();
        if (device is not { InTree: true, State: DeviceState.Waiting or DeviceState.Held, Wait: { } wait })
            return false;
        var missing = MissingOf(device);
        Abandon(device, wait);
        VoidDecision(wait);
        EndedLooks++;
        if (!device.Instance.IsKnown)
            device.Instance = wait.LastSeen;
        Decide(device, wait, new Findings(false, wait.Rule?.Rule.Name, missing, null, null, null));
        return true;
    }
}
