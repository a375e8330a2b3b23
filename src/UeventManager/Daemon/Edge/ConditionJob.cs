using UeventManager.Core.Rules;

namespace UeventManager.Daemon.Edge;

/// <summary>One look at some devices for a client that asks about conditions of its own.</summary>
/// <param name="Conditions">All must hold of a device.</param>
/// <param name="Devices">The devices: devpath and subsystem.</param>
/// <param name="Uid">Whose reads they are.</param>
/// <param name="MayReadAll">True if the client may be told everything.</param>
internal sealed record ConditionJob(ConditionSet Conditions, IReadOnlyList<(string DevPath, string Subsystem)> Devices, uint Uid, bool MayReadAll)
{
    /// <summary>Those of which all hold. Written by the reader, read once it is fetched.</summary>
    public List<string> Held { get; } = [];

    /// <summary>What does not hold, each with its device.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>True if something was asked that the client may not read.</summary>
    public bool IsDenied { get; set; }

    /// <summary>How long it took.</summary>
    public long TookUsec { get; set; }
}
