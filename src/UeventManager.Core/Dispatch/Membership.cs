using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>What a subscriber with a filter is told of a device that comes into its filter, changes within it, or leaves it: live and in a replay.</summary>
internal static class Membership
{
    /// <summary>Decides it for one event.</summary>
    /// <param name="isWanted">Whether the filter wants the device as it is now.</param>
    /// <param name="wasMember">Whether the subscriber knows the device.</param>
    /// <param name="action">The event's action; then the one that the subscriber is told: an add if it did not know the device, a remove if that leaves.</param>
    /// <returns>Whether it knows the device now, and whether it is told anything.</returns>
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
