using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Reads udevd's messages (struct udev_monitor_netlink_header of libudev, the same since udev 173). Trusts nothing: a message that a client of
/// libudev would refuse is rejected with its own reason.
/// </summary>
public static class UdevMessageParser
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 40;

    private const uint Magic = 0xfeedcafe;
    private const int OffsetAt = 16;
    private const int LengthAt = 20;
    private const int SubsystemHashAt = 24;
    private const int DevTypeHashAt = 28;

    /// <summary>Reads one datagram in place, without copying.</summary>
    /// <param name="datagram">The bytes as received.</param>
    /// <param name="message">The message; its spans point into <paramref name="datagram"/>.</param>
    /// <returns><see cref="UdevRejection.None"/>, or the reason of the rejection.</returns>
    public static UdevRejection TryParse(ReadOnlySpan<byte> datagram, out UdevMessage message)
    {
        message = default;
        if (!datagram.StartsWith("libudev\0"u8))
            return datagram.Length < HeaderBytes ? UdevRejection.TooShort : UdevRejection.NotLibudev;
        if (datagram.Length < HeaderBytes)
            return UdevRejection.TooShort;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]) != Magic)
            return UdevRejection.BadMagic;
        var (offset, length) = (MemoryMarshal.Read<uint>(datagram[OffsetAt..]), MemoryMarshal.Read<uint>(datagram[LengthAt..]));
        // Clients parse to the end of the datagram, so any other length is refused.
        if (offset < HeaderBytes || offset > datagram.Length || length != datagram.Length - offset)
            return UdevRejection.BadLength;
        return ReadProperties(datagram, datagram[(int)offset..], out message);
    }

    private static UdevRejection ReadProperties(ReadOnlySpan<byte> header, ReadOnlySpan<byte> block, out UdevMessage message)
    {
        message = default;
        ReadOnlySpan<byte> action = default, devPath = default, subsystem = default, devType = default;
        long seqnum = 0;
        bool forwarded = false, failed = false;
        if (block.IsEmpty || block[^1] != 0)
            return UdevRejection.BadProperty;
        var entry = new PropertyScanner(block);
        while (entry.MoveNext())
        {
            if (entry.Equal <= entry.Start)
                return UdevRejection.BadProperty;
            var key = entry.Key;
            var value = entry.Value;
            if (key.SequenceEqual("ACTION"u8))
                action = value;
            else if (key.SequenceEqual("DEVPATH"u8))
                devPath = value;
            else if (key.SequenceEqual("SUBSYSTEM"u8))
                subsystem = value;
            else if (key.SequenceEqual("DEVTYPE"u8))
                devType = value;
            else if (key.SequenceEqual("SEQNUM"u8) && !UeventParser.TryReadNumber(value, out seqnum))
                return UdevRejection.Incomplete;
            else if (key.SequenceEqual("UEVENT_MANAGER"u8))
                forwarded = value.SequenceEqual("1"u8);
            else if (key.SequenceEqual("UDEV_WORKER_FAILED"u8))
                failed = value.SequenceEqual("1"u8);
        }
        if (!UeventActions.TryParse(action, out var what) || !DevPaths.IsValid(devPath) || subsystem.IsEmpty || seqnum == 0)
            return UdevRejection.Incomplete;
        var devTypeHash = header[DevTypeHashAt..];
        if (!UdevHash.IsOf(header[SubsystemHashAt..], subsystem)
            || (devType.IsEmpty ? BinaryPrimitives.ReadUInt32BigEndian(devTypeHash) != 0 : !UdevHash.IsOf(devTypeHash, devType)))
            return UdevRejection.BadHash;
        message = new UdevMessage
        {
            Action = what,
            DevPath = devPath,
            Subsystem = subsystem,
            Seqnum = seqnum,
            Properties = block,
            IsForwarded = forwarded,
            WorkerFailed = failed,
        };
        return UdevRejection.None;
    }
}
