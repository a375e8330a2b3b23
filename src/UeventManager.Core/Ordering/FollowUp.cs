using UeventManager.Core.Rules;

namespace UeventManager.Core.Ordering;

/// <summary>Optional items were missing when an event was delivered: they are looked for until the delivering rule's time is over.</summary>
/// <param name="Rule">The delivering rule.</param>
/// <param name="ArrivedUsec">Arrival of the delivered event.</param>
/// <param name="DeadlineUsec">When the rule's time is over.</param>
/// <param name="Udev">What udev must be done with, of the delivered event.</param>
internal sealed record FollowUp(BoundRule Rule, long ArrivedUsec, long DeadlineUsec, UdevMark Udev = default);
