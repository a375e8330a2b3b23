using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>One run of the program: for an event, for a difference found after a gap, or for the gap itself.</summary>
/// <param name="Action">The event's action, or <see cref="GapAction"/>.</param>
/// <param name="Event">The event; null for a gap.</param>
/// <param name="Gap">The gap, or the gap before this difference.</param>
/// <param name="Cursor">The cursor after it.</param>
/// <param name="IsInitial">True for a device that existed before.</param>
internal sealed record ActionRequest(string Action, UeventEvent? Event, UeventGap? Gap, string? Cursor, bool IsInitial)
{
    /// <summary>The action of a gap, which no event has.</summary>
    public const string GapAction = "gap";

    /// <summary>The event as received, if this run shows it differently: its devpaths decide the order of runs.</summary>
    public UeventEvent? Origin { get; init; }

    /// <summary>For the log: <c>add of /devices/…</c>.</summary>
    public override string ToString() => Event is { } one ? $"{Action} of {one.Device.DevPath}" : $"{Action} ({Gap?.Reason})";
}
