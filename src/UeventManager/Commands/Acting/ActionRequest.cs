using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>One run of the program: for an event, for a difference that was found after a gap, or for the gap itself.</summary>
/// <param name="Action">The event's action, or <see cref="GapAction"/>.</param>
/// <param name="Event">The event; null of a gap.</param>
/// <param name="Gap">The gap, or the one after which this difference was found.</param>
/// <param name="Cursor">Where the stream resumes after it.</param>
/// <param name="IsInitial">True of a device that was there before.</param>
internal sealed record ActionRequest(string Action, UeventEvent? Event, UeventGap? Gap, string? Cursor, bool IsInitial)
{
    /// <summary>The action of a gap, which no event has.</summary>
    public const string GapAction = "gap";

    /// <summary>The event as it was told, if it is seen otherwise here: its devpaths decide what the run comes after.</summary>
    public UeventEvent? Origin { get; init; }

    /// <summary>For the log: <c>add of /devices/…</c>.</summary>
    public override string ToString() => Event is { } one ? $"{Action} of {one.Device.DevPath}" : $"{Action} ({Gap?.Reason})";
}
