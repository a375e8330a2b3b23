using UeventManager.Core.Rules;

namespace UeventManager.Core.Ordering;

/// <summary>
/// The search for what was missing when an event was delivered, or when another action ended a waiting change: it ends at the rule's timeout.
/// </summary>
/// <param name="Rule">The rule of that event.</param>
/// <param name="ArrivedUsec">Arrival of that event.</param>
/// <param name="DeadlineUsec">The end of the rule's timeout.</param>
/// <param name="Udev">The event that udev must have processed.</param>
/// <param name="IsOfChange">True if the event was a waiting change: the verdict that was delivered before it is outdated.</param>
internal sealed record FollowUp(BoundRule Rule, long ArrivedUsec, long DeadlineUsec, UdevMark Udev = default, bool IsOfChange = false);
