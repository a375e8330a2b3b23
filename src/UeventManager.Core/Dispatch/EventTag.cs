using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>The parts of an event that simple filters need, so that a replay need not parse the event.</summary>
/// <param name="Subsystem">SUBSYSTEM; null for a transaction, whose events may have several.</param>
/// <param name="DevType">DEVTYPE, or null.</param>
/// <param name="Action">The action.</param>
public readonly record struct EventTag(string? Subsystem, string? DevType, UeventAction Action);
