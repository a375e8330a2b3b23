using System.Buffers.Text;

namespace UeventManager.Core.Uevents;

/// <summary>Reads datagrams. Believes nothing: what is not exactly a uevent is rejected with its own reason.</summary>
public static class UeventParser
{
    /// <summary>UEVENT_NUM_ENVP (include/linux/kobject.h), not counting the SEQNUM that uevent_net_broadcast() appends.</summary>
    public const int MaxProperties = 64;

    /// <summary>Reads one datagram in place, without copying.</summary>
    /// <param name="datagram">The bytes as received.</param>
    /// <param name="uevent">The uevent; its spans point into <paramref name="datagram"/>.</param>
    /// <returns><see cref="UeventRejection.None"/>, or why it is none.</returns>
    public static UeventRejection TryParse(ReadOnlySpan<byte> datagram, out Uevent uevent)
    {
        uevent = default;
        if (datagram.IsEmpty)
            return UeventRejection.Empty;
        if (datagram[^1] != 0)
            return UeventRejection.NoFinalNul;
        var headerEnd = datagram.IndexOf((byte)0);
        var header = datagram[..headerEnd];
        var at = header.IndexOf((byte)'@');
        if (at <= 0)
            return UeventRejection.NoHeader;
        if (!UeventActions.TryParse(header[..at], out var action))
            return UeventRejection.UnknownAction;
        var devPath = header[(at + 1)..];
        if (!DevPaths.IsValid(devPath))
            return UeventRejection.BadDevPath;
        return ReadProperties(datagram[(headerEnd + 1)..], action, devPath, out uevent);
    }

    private static UeventRejection ReadProperties(ReadOnlySpan<byte> block, UeventAction action, ReadOnlySpan<byte> devPath, out Uevent uevent)
    {
        uevent = default;
        ReadOnlySpan<byte> subsystem = default, old = default;
        long seqnum = 0;
        var synthetic = false;
        var count = 0;
        for (var rest = block; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)0);
            var entry = rest[..end];
            rest = rest[(end + 1)..];
            var equals = entry.IndexOf((byte)'=');
            if (equals <= 0)
                return UeventRejection.BadProperty;
            var key = entry[..equals];
            var value = entry[(equals + 1)..];
            if (key.SequenceEqual("SEQNUM"u8))
            {
                if (!Utf8Parser.TryParse(value, out seqnum, out var used) || used != value.Length || seqnum < 0)
                    return UeventRejection.BadSeqnum;
                continue;
            }
            if (++count > MaxProperties)
                return UeventRejection.TooManyProperties;
            if (key.SequenceEqual("SUBSYSTEM"u8))
                subsystem = value;
            else if (key.SequenceEqual("DEVPATH"u8) ? !value.SequenceEqual(devPath) : key.SequenceEqual("ACTION"u8) && !value.SequenceEqual(action.Utf8()))
                return UeventRejection.HeaderMismatch;
            else if (key.SequenceEqual("DEVPATH_OLD"u8))
                old = value;
            else if (key.SequenceEqual("SYNTH_UUID"u8))
                synthetic = true;
        }
        if (!old.IsEmpty && !DevPaths.IsValid(old))
            return UeventRejection.BadDevPath;
        uevent = new Uevent
        {
            Action = action,
            DevPath = devPath,
            DevPathOld = old,
            Subsystem = subsystem,
            Seqnum = seqnum,
            IsSynthetic = synthetic,
            Properties = block,
        };
        return UeventRejection.None;
    }
}
