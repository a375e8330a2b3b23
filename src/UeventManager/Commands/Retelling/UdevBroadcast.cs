using UeventManager.Core.Uevents;

namespace UeventManager.Commands.Retelling;

/// <summary>udevd's broadcast of a processed event.</summary>
/// <param name="Seqnum">The SEQNUM of the event.</param>
/// <param name="DevPath">The device's devpath at the event; it may have been renamed since.</param>
/// <param name="IsShut">Whether its gate is shut (UEVENT_SETTLED=0).</param>
/// <param name="IsRetold">Whether a retelling caused the event.</param>
/// <param name="HeardUsec">When it was received, CLOCK_MONOTONIC; rather too early than too late.</param>
internal sealed record UdevBroadcast(long Seqnum, string DevPath, bool IsShut, bool IsRetold, long HeardUsec)
{
    /// <summary>Reads a message; null for a remove, and for messages of our own <c>forward</c>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="heardUsec">When it was received.</param>
    public static UdevBroadcast? Of(in UdevMessage message, long heardUsec) => message.Action == UeventAction.Remove || message.IsForwarded ? null : new UdevBroadcast(
        message.Seqnum,
        KernelText.Decode(message.DevPath),
        PropertyBlock.TryGet(message.Properties, "UEVENT_SETTLED"u8, out var settled) && settled.SequenceEqual("0"u8),
        PropertyBlock.TryGet(message.Properties, Uevent.RetoldKey, out _),
        heardUsec);
}
