using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Decides what a subscriber with a filter gets when a device enters, changes within, or leaves the filter: live and in a replay.</summary>
internal static class Membership
{
    /// <summary>Decides for one event.</summary>
    /// <param name="isWanted">Whether the filter selects the device now.</param>
    /// <param name="wasMember">Whether the subscriber knows the device.</param>
    /// <param name="action">The event's action; set to the action for the subscriber: add if the device enters, remove if it leaves.</param>
    /// <returns>Whether the subscriber knows the device now, and whether it gets the event.</returns>
    public static (bool IsMember, bool IsTold) After(bool isWanted, bool wasMember, ref UeventAction action)
    {
        var stays = isWanted && action != UeventAction.Remove;
        if (!stays)
            action = UeventAction.Remove;
        else if (!wasMember)
            action = UeventAction.Add;
        return (stays, stays || wasMember);
    }
}
