using UeventManager.Core.Rules;

namespace UeventManager.Daemon.Edge;

/// <summary>One look at some devices for a client's own conditions.</summary>
/// <param name="Conditions">The conditions; all must hold for a device.</param>
/// <param name="Devices">The devices: devpath and subsystem.</param>
/// <param name="Uid">The user that the reads count for.</param>
/// <param name="MayReadAll">True if the client may know every value.</param>
internal sealed record ConditionJob(ConditionSet Conditions, IReadOnlyList<(string DevPath, string Subsystem)> Devices, uint Uid, bool MayReadAll)
{
    /// <summary>The devices for which all conditions hold. The reader writes it; it is read after the job is fetched.</summary>
    public List<string> Held { get; } = [];

    /// <summary>The conditions that do not hold, each with its device.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>True if the client may not read one of the values.</summary>
    public bool IsDenied { get; set; }

    /// <summary>The time that the look took, in microseconds.</summary>
    public long TookUsec { get; set; }
}
