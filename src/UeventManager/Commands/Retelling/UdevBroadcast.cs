using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace UeventManager.Commands.Retelling;

/// <summary>What udevd told every program of one event, once it was done with it.</summary>
/// <param name="Seqnum">The kernel's number of the event.</param>
/// <param name="Devpath">The device, as udevd knew it; it may have been renamed since.</param>
/// <param name="IsShut">Whether its gate is shut (UEVENT_SETTLED=0).</param>
/// <param name="IsRetold">Whether it is of an event that a retelling caused.</param>
/// <param name="HeardUsec">When it came, CLOCK_MONOTONIC; rather too early than too late.</param>
internal sealed record UdevBroadcast(long Seqnum, string Devpath, bool IsShut, bool IsRetold, long HeardUsec)
{
    private const int OffsetOfProperties = 16;

    /// <summary>Reads a message of libudev's format; null for anything else, for a remove, and for what our own <c>forward</c> sends.</summary>
    /// <param name="message">The datagram.</param>
    /// <param name="heardUsec">When it came.</param>
    public static UdevBroadcast? Parse(ReadOnlySpan<byte> message, long heardUsec)
    {
        if (message.Length < 40 || !message.StartsWith("libudev\0"u8))
            return null;
        int offset = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadInt32LittleEndian(message[OffsetOfProperties..])
            : BinaryPrimitives.ReadInt32BigEndian(message[OffsetOfProperties..]);
        if (offset < 32 || offset > message.Length)
            return null;
        long seqnum = 0;
        string? devpath = null;
        var (shut, retold) = (false, false);
        foreach (Range part in message[offset..].Split((byte)0))
        {
            ReadOnlySpan<byte> entry = message[offset..][part];
            if (entry.StartsWith("SEQNUM="u8))
                _ = long.TryParse(entry[7..], NumberStyles.None, CultureInfo.InvariantCulture, out seqnum);
            else if (entry.StartsWith("DEVPATH="u8))
                devpath = Encoding.UTF8.GetString(entry[8..]);
            else if (entry.SequenceEqual("ACTION=remove"u8) || entry.SequenceEqual("UEVENT_MANAGER=1"u8))
                return null;
            else if (entry.SequenceEqual("UEVENT_SETTLED=0"u8))
                shut = true;
            else if (entry.StartsWith("SYNTH_ARG_UEVENTMANAGER="u8))
                retold = true;
        }
        return devpath is null || seqnum == 0 ? null : new UdevBroadcast(seqnum, devpath, shut, retold, heardUsec);
    }
}
