using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Ordering;

// The looks at the device, and their verdict.
public sealed partial class Pending
{
    internal Look? InFlight { get; private set; }

    /// <summary>A reason to look came while a look was under way.</summary>
    internal bool LookAgain { get; private set; }

    /// <summary>Whether the last look was at a change of a device that is announced.</summary>
    internal bool IsOfChange { get; private set; }

    /// <summary>When the last look began that was answered in full.</summary>
    internal long LookedUsec { get; private set; }

    /// <summary>The same of the last one that the history remembers.</summary>
    internal long RememberedUsec { get; set; }

    internal StableMemory[] Stable { get; private set; } = [];

    internal DeviceInstance LastSeen { get; private set; }

    /// <summary>The one that the add is for, if it was there when it was first looked at.</summary>
    internal DeviceInstance FirstSeen { get; private set; }

    /// <summary>No directory was there at the last look.</summary>
    internal bool Gone { get; private set; }

    /// <summary>Why the last look could not be made; 0 if it was.</summary>
    internal int LookErrno { get; private set; }

    /// <summary>Since when none could be made.</summary>
    internal long BlindSinceUsec { get; private set; }

    /// <summary>A look begins.</summary>
    internal void BeginLook(Look look, int stableCount)
    {
        IsOfChange = look.Action == WaitingActions.Change && FollowUp is null;
        if (Stable.Length < stableCount)
            Stable = new StableMemory[stableCount];
        (InFlight, LookAgain) = (look, false);
    }

    /// <summary>It must be looked at once more when the look under way has ended.</summary>
    internal void LookOnceMore() => LookAgain = true;

    /// <summary>A look was answered in full.</summary>
    internal void EndLook(long startedUsec) => (InFlight, LookedUsec) = (null, startedUsec);

    /// <summary>A look could not be made: it says nothing.</summary>
    internal void FailLook(int errno, long nowUsec)
    {
        if (LookErrno == 0)
            BlindSinceUsec = nowUsec;
        (LookErrno, InFlight) = (errno, null);
    }

    /// <summary>Looks can be made again.</summary>
    internal void SeeAgain() => (LookErrno, BlindSinceUsec) = (0, 0);

    /// <summary>Nobody waits for the look's answers any more.</summary>
    internal void AbandonLook() => (InFlight, LookAgain) = (null, false);

    /// <summary>A look has found an instance at the device's place, or none.</summary>
    internal void Sees(DeviceInstance instance)
    {
        Gone = !instance.IsKnown;
        if (instance.IsKnown)
            LastSeen = instance;
        if (!FirstSeen.IsKnown)
            FirstSeen = instance;
    }

    /// <summary>The add is of another instance than before.</summary>
    internal void ForgetFirst() => FirstSeen = default;

    /// <summary>Puts a rule in force of which no look has said anything yet, or none.</summary>
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

    /// <summary>What looks have said is void: the device has moved, is another, or is looked at by other rules.</summary>
    internal void ResetVerdict()
    {
        Begin(null);
        (Stable, Gone) = ([], false);
    }

    /// <summary>Takes what the last look of another run saw.</summary>
    internal void Restore(DeviceInstance first, DeviceInstance last) => (FirstSeen, LastSeen) = (first, last);

    /// <summary>What the last look saw missing, one text each; null if nothing.</summary>
    internal List<string>? Missing()
    {
        List<string>? missing = LookErrno == 0 ? null : [$"the device's directory ({ErrnoName.Of(LookErrno)})"];
        for (var i = 0; i < Items.Length; i++)
        {
            if (!Items[i].Held)
                (missing ??= []).Add(Items[i].Describe(Rule!.Items[i]));
        }
        return missing;
    }
}
