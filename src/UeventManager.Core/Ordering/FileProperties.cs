using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// What a device's <c>uevent</c> file says, as far as events and looks have told. A <c>change</c> may carry variables of one
/// shot besides (the envp_ext of kobject_uevent_env()); whether a device belongs to a filter must not depend on them.
/// </summary>
internal static class FileProperties
{
    /// <summary>True for keys of the event and not of the device.</summary>
    public static bool IsOfEvent(ReadOnlySpan<byte> key) =>
        !key.IsEmpty && key[0] switch
        {
            (byte)'A' => key.SequenceEqual("ACTION"u8),
            (byte)'D' => key.SequenceEqual("DEVPATH"u8) || key.SequenceEqual("DEVPATH_OLD"u8),
            (byte)'S' => key.SequenceEqual("SEQNUM"u8) || key.SequenceEqual("SUBSYSTEM"u8) || key.StartsWith("SYNTH_"u8),
            _ => false,
        };

    /// <summary>A number that tells sets of keys apart, whatever their order.</summary>
    public static long KeysOf(ReadOnlySpan<byte> block)
    {
        long sum = 0;
        foreach (var entry in PropertyBlock.Entries(block))
        {
            var key = entry[..Math.Max(0, entry.IndexOf((byte)'='))];
            if (IsOfEvent(key))
                continue;
            var hash = new HashCode();
            hash.AddBytes(key);
            sum += hash.ToHashCode();
        }
        return sum;
    }

    /// <summary>Takes note of an event before its properties become the device's.</summary>
    public static void Remember(Device device, PendingEvent released)
    {
        if (released.Action != UeventAction.Change)
        {
            (device.FileKeys, device.OwnProperties) = (KeysOf(released.Properties.Span), null);
            return;
        }
        if (released.File is { } file)
        {
            var own = device.OwnProperties ??= new PropertyBuffer();
            own.Set(default);
            own.OverlayFile(file);
            device.FileKeys = KeysOf(own.Span);
        }
        else if (device.OwnProperties is { } known)
        {
            if (!Renew(known, released.Properties.Span) && KeysOf(released.Properties.Span) == device.FileKeys)
                device.OwnProperties = null;
        }
        else if (!OwnPart(released.Properties.Span).SequenceEqual(OwnPart(device.Properties.Span)) && KeysOf(released.Properties.Span) != device.FileKeys)
        {
            var own = device.OwnProperties = new PropertyBuffer();
            own.Overlay(device.Properties.Span);
            Renew(own, released.Properties.Span);
        }
    }

    /// <summary>Forgets what the device's properties were before an event that left them as they were.</summary>
    public static void DropSame(PendingEvent released)
    {
        if (released.Before is { } before && OwnPart(before.Span).SequenceEqual(OwnPart((released.Own ?? released.Properties).Span)))
            released.DropBefore();
    }

    // The kernel writes what is the event's first and last (kobject_uevent_env()): between stands what is the device's, in an order that stays.
    private static ReadOnlySpan<byte> OwnPart(ReadOnlySpan<byte> block)
    {
        var start = 0;
        while (IsOfEvent(KeyOf(block[start..])))
            start += LengthOf(block[start..]);
        var end = block.Length;
        while (end > start)
        {
            var last = block[start..(end - 1)].LastIndexOf((byte)0) + 1 + start;
            if (!IsOfEvent(KeyOf(block[last..end])))
                break;
            end = last;
        }
        return block[start..end];
    }

    // With its NUL, which a last entry need not have.
    private static int LengthOf(ReadOnlySpan<byte> block) => block.IndexOf((byte)0) is >= 0 and var end ? end + 1 : block.Length;

    private static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> entry) => entry[..Math.Max(0, entry.IndexOf((byte)'='))];

    // The known keys with the newest values; what else the event says is its own. True if it says anything else.
    private static bool Renew(PropertyBuffer known, ReadOnlySpan<byte> newest)
    {
        var (at, more) = (0, false);
        foreach (var entry in PropertyBlock.Entries(newest))
        {
            var equals = entry.IndexOf((byte)'=');
            if (equals > 0 && !known.TryRenew(entry, equals, ref at))
                more |= !IsOfEvent(entry[..equals]);
        }
        return more;
    }
}
