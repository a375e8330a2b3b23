using UeventManager.Core.Rules;

namespace UeventManager.Core.Ordering;

/// <summary>
/// The search for optional conditions that were missing at a delivery: it ends at the timeout of the rule that delivered the event.
/// </summary>
/// <param name="Rule">The rule that delivered the event.</param>
/// <param name="ArrivedUsec">Arrival of the delivered event.</param>
/// <param name="DeadlineUsec">The end of the rule's timeout.</param>
/// <param name="Udev">The event that udev must have processed.</param>
internal sealed record FollowUp(BoundRule Rule, long ArrivedUsec, long DeadlineUsec, UdevMark Udev = default);
