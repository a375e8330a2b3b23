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
        key.SequenceEqual("ACTION"u8) || key.SequenceEqual("SEQNUM"u8) || key.SequenceEqual("DEVPATH"u8) || key.SequenceEqual("DEVPATH_OLD"u8)
        || key.SequenceEqual("SUBSYSTEM"u8) || key.StartsWith("SYNTH_"u8);

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
        else if (KeysOf(released.Properties.Span) == device.FileKeys)
        {
            device.OwnProperties = null;
        }
        else
        {
            if (device.OwnProperties is null)
                (device.OwnProperties = new PropertyBuffer()).Set(device.Properties.Span);
            Renew(device.OwnProperties, released.Properties.Span);
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
        var (start, end, at) = (0, 0, 0);
        foreach (var entry in PropertyBlock.Entries(block))
        {
            var next = Math.Min(at + entry.Length + 1, block.Length);
            if (!IsOfEvent(entry[..Math.Max(0, entry.IndexOf((byte)'='))]))
                end = next;
            else if (end == 0)
                start = next;
            at = next;
        }
        return end == 0 ? default : block[start..end];
    }

    // The known keys with the newest values; what else the event says is its own.
    private static void Renew(PropertyBuffer known, ReadOnlySpan<byte> newest)
    {
        foreach (var entry in PropertyBlock.Entries(newest))
        {
            var equals = entry.IndexOf((byte)'=');
            if (equals > 0 && known.TryGet(entry[..equals], out _))
                known.OverlayFile(entry);
        }
    }
}
