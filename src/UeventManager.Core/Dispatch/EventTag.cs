using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>What a kept event is about, as far as some filters ask: so that a replay need not decode it.</summary>
/// <param name="Subsystem">SUBSYSTEM; null for a transaction, which has one for each of its events.</param>
/// <param name="DevType">DEVTYPE, or null.</param>
/// <param name="Action">The action.</param>
public readonly record struct EventTag(string? Subsystem, string? DevType, UeventAction Action);
