namespace UeventManager.Core.Uevents;

/// <summary>Reads datagrams. Trusts nothing: a datagram that is not exactly a uevent is rejected with its own reason.</summary>
public static class UeventParser
{
    /// <summary>UEVENT_NUM_ENVP (include/linux/kobject.h), not counting the SEQNUM that uevent_net_broadcast() appends.</summary>
    public const int MaxProperties = 64;

    /// <summary>Reads one datagram in place, without copying.</summary>
    /// <param name="datagram">The bytes as received.</param>
    /// <param name="uevent">The uevent; its spans point into <paramref name="datagram"/>.</param>
    /// <returns><see cref="UeventRejection.None"/>, or the reason of the rejection.</returns>
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
        var (synthetic, retold) = (false, false);
        var count = 0;
        var draft = new PropertyOutlineDraft(block);
        var entry = new PropertyScanner(block);
        while (entry.MoveNext())
        {
            if (entry.Equal <= entry.Start)
                return UeventRejection.BadProperty;
            var key = PropertyKeys.Of(entry.Key);
            draft.Add(entry, key);
            if (key == PropertyKey.Seqnum)
            {
                if (!TryReadNumber(entry.Value, out seqnum))
                    return UeventRejection.BadSeqnum;
                continue;
            }
            if (++count > MaxProperties)
                return UeventRejection.TooManyProperties;
            if (key == PropertyKey.Other)
                continue;
            if (key == PropertyKey.Subsystem)
                subsystem = entry.Value;
            else if (key == PropertyKey.DevPath ? !entry.Value.SequenceEqual(devPath) : key == PropertyKey.Action && !entry.Value.SequenceEqual(action.Utf8()))
                return UeventRejection.HeaderMismatch;
            else if (key == PropertyKey.DevPathOld)
                old = entry.Value;
            else if (key == PropertyKey.Synthetic)
            {
                synthetic |= entry.Key.SequenceEqual("SYNTH_UUID"u8);
                retold |= entry.Key.SequenceEqual(Uevent.RetoldKey);
            }
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
            IsRetold = retold,
            Properties = block,
            Outline = draft.Outline(entry),
        };
        return UeventRejection.None;
    }

    // Only digits: the output of %llu in uevent_net_broadcast(), as far as it fits.
    internal static bool TryReadNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.IsEmpty)
            return false;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9' || number > (long.MaxValue - 9) / 10)
                return false;
            number = number * 10 + (digit - '0');
        }
        return true;
    }
}
