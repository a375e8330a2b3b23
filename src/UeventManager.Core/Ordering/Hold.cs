namespace UeventManager.Core.Ordering;

/// <summary>Why a complete event is not released. G4 and G8 know no other reasons.</summary>
public enum HoldReason : byte
{
    /// <summary>Nothing holds it.</summary>
    None,

    /// <summary>The add of the nearest device above waits.</summary>
    Ancestor,

    /// <summary>A move is not delivered yet, so for subscribers the place still belongs to the device that moved.</summary>
    Move,

    /// <summary>Another announced device has the same name on the bus, device number, ifindex or node.</summary>
    KeyOwner,

    /// <summary>The leader of its group is not ready.</summary>
    Leader,

    /// <summary>Another instance is about to take the place of the device above.</summary>
    Replacement,
}

/// <summary>The one reason besides its own conditions why an event waits, and the device that causes it.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="By">The device that causes it; null only if nothing holds the event.</param>
public readonly record struct Hold(HoldReason Reason, Device? By)
{
    /// <summary>True if something holds the event.</summary>
    public bool IsSet => Reason != HoldReason.None;

    /// <summary>What ends the hold, for people.</summary>
    public string Until => Reason switch
    {
        HoldReason.Ancestor => "its add is delivered, held or dropped",
        HoldReason.Move => "its move is delivered",
        HoldReason.KeyOwner => "its remove or move is delivered, or this event's time is over",
        HoldReason.Leader => "it is announced, or its group is ready, or the group's time is over",
        HoldReason.Replacement => "the other instance there has been announced",
        _ => "",
    };

    /// <summary>The hold as text that completes "waits for …".</summary>
    public string Text => Reason switch
    {
        HoldReason.Ancestor => $"the add of {By!.DevPath}",
        HoldReason.Move => $"the move of {By!.DevPath}",
        HoldReason.KeyOwner => $"the remove or move of {By!.DevPath}, which is announced with its name or number",
        HoldReason.Leader => By!.Group is null ? $"the add of {By.DevPath}, the leader of its group" : $"the group of {By.DevPath}",
        HoldReason.Replacement => $"another instance at {By!.DevPath}",
        _ => "",
    };
}
