using UeventManager.Core.Uevents;

namespace UeventManager.Commands.Retelling;

/// <summary>What udevd told every program of one event, once it was done with it.</summary>
/// <param name="Seqnum">The kernel's number of the event.</param>
/// <param name="DevPath">The device, as udevd knew it; it may have been renamed since.</param>
/// <param name="IsShut">Whether its gate is shut (UEVENT_SETTLED=0).</param>
/// <param name="IsRetold">Whether it is of an event that a retelling caused.</param>
/// <param name="HeardUsec">When it came, CLOCK_MONOTONIC; rather too early than too late.</param>
internal sealed record UdevBroadcast(long Seqnum, string DevPath, bool IsShut, bool IsRetold, long HeardUsec)
{
    /// <summary>Takes what matters of a message; null for a remove, and for what our own <c>forward</c> sends.</summary>
    /// <param name="message">The message.</param>
    /// <param name="heardUsec">When it came.</param>
    public static UdevBroadcast? Of(in UdevMessage message, long heardUsec) => message.Action == UeventAction.Remove || message.IsForwarded ? null : new UdevBroadcast(
        message.Seqnum,
        KernelText.Decode(message.DevPath),
        PropertyBlock.TryGet(message.Properties, "UEVENT_SETTLED"u8, out var settled) && settled.SequenceEqual("0"u8),
        PropertyBlock.TryGet(message.Properties, "SYNTH_ARG_UEVENTMANAGER"u8, out _),
        heardUsec);
}
