using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Ordering;

// The looks at the device and their verdict.
public sealed partial class Pending
{
    internal Look? InFlight { get; private set; }

    /// <summary>True if a reason for another look came while a look was under way.</summary>
    internal bool LookAgain { get; private set; }

    /// <summary>Whether the last look was at a change of an announced device.</summary>
    internal bool IsOfChange { get; private set; }

    /// <summary>The beginning of the last look that was answered in full.</summary>
    internal long LookedUsec { get; private set; }

    /// <summary>The same for the last look in the history.</summary>
    internal long RememberedUsec { get; set; }

    internal StableMemory[] Stable { get; private set; } = [];

    internal DeviceInstance LastSeen { get; private set; }

    /// <summary>The instance at the first look, which the add belongs to; unknown if no directory was there.</summary>
    internal DeviceInstance FirstSeen { get; private set; }

    /// <summary>True if the last look found no directory.</summary>
    internal bool Gone { get; private set; }

    /// <summary>The errno of the last look if it failed; else 0.</summary>
    internal int LookErrno { get; private set; }

    /// <summary>The time since which every look has failed.</summary>
    internal long BlindSinceUsec { get; private set; }

    /// <summary>Begins a look.</summary>
    internal void BeginLook(Look look, int stableCount)
    {
        IsOfChange = look.Action == WaitingActions.Change && FollowUp is null;
        if (Stable.Length < stableCount)
            Stable = new StableMemory[stableCount];
        (InFlight, LookAgain) = (look, false);
    }

    /// <summary>Requests another look after the one under way.</summary>
    internal void LookOnceMore() => LookAgain = true;

    /// <summary>Ends a look that was answered in full.</summary>
    internal void EndLook(long startedUsec) => (InFlight, LookedUsec) = (null, startedUsec);

    /// <summary>Ends a look that failed and therefore decides nothing.</summary>
    internal void FailLook(int errno, long nowUsec)
    {
        if (LookErrno == 0)
            BlindSinceUsec = nowUsec;
        (LookErrno, InFlight) = (errno, null);
    }

    /// <summary>Notes that a look has succeeded again.</summary>
    internal void SeeAgain() => (LookErrno, BlindSinceUsec) = (0, 0);

    /// <summary>Gives up the look under way.</summary>
    internal void AbandonLook() => (InFlight, LookAgain) = (null, false);

    /// <summary>Notes the instance that a look found at the device's path, or that it found none.</summary>
    internal void Sees(DeviceInstance instance)
    {
        Gone = !instance.IsKnown;
        if (instance.IsKnown)
            LastSeen = instance;
        if (!FirstSeen.IsKnown)
            FirstSeen = instance;
    }

    /// <summary>Forgets the first instance, because the add belongs to another one.</summary>
    internal void ForgetFirst() => FirstSeen = default;

    /// <summary>Puts a rule in force, or none, without any answers yet.</summary>
    internal void Begin(BoundRule? rule)
    {
        Rule = rule;
        if (rule is null)
        {
            Items = [];
            return;
        }
        if (_items.Length == rule.Items.Count)
            Array.Clear(_items);
        else
            _items = new ItemState[rule.Items.Count];
        Items = _items;
    }

    /// <summary>Voids the verdict: the device has moved, is another instance, or has other rules.</summary>
    internal void ResetVerdict()
    {
        Begin(null);
        (Stable, Gone) = ([], false);
    }

    /// <summary>Takes over the instances that another run's looks saw.</summary>
    internal void Restore(DeviceInstance first, DeviceInstance last) => (FirstSeen, LastSeen) = (first, last);

    /// <summary>The missing conditions of the last look, one text each; null if none.</summary>
    /// <param name="onlyRequired">Leaves optional items out.</param>
    internal List<string>? Missing(bool onlyRequired = false)
    {
        List<string>? missing = LookErrno == 0 ? null : [$"the device's directory ({ErrnoName.Of(LookErrno)})"];
        for (var i = 0; i < Items.Length; i++)
        {
            if (!Items[i].Held && !(onlyRequired && Rule!.Items[i].OptionalUsec is not null))
                (missing ??= []).Add(Items[i].Describe(Rule!.Items[i]));
        }
        return missing;
    }
}
