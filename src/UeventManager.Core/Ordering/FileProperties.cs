using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// What a device's <c>uevent</c> file says, as far as events and looks have told. A <c>change</c> may carry variables of one
/// shot besides (the envp_ext of kobject_uevent_env()); whether a device belongs to a filter must not depend on them.
/// </summary>
internal static class FileProperties
{
    // A number that tells sets of keys apart, whatever their order.
    private static long KeysOf(ReadOnlySpan<byte> block)
    {
        long sum = 0;
        var entries = new PropertyScanner(block);
        while (entries.MoveNext())
        {
            if (entries.Equal < 0 || PropertyKeys.Of(entries.Key).IsOfEvent())
                continue;
            var hash = new HashCode();
            hash.AddBytes(entries.Key);
            sum += hash.ToHashCode();
        }
        return sum;
    }

    /// <summary>Takes note of an event before its properties become the device's, and keeps with it what they were where they change.</summary>
    /// <param name="device">The device.</param>
    /// <param name="released">The event.</param>
    /// <param name="first">True if nothing of the device was announced before.</param>
    public static void Remember(Device device, PendingEvent released, bool first)
    {
        if (!first && released is { Action: UeventAction.Change, File: null } && TellsNothingNew(device, released))
            return;
        if (!first)
            released.KeepBefore(device.OwnProperties ?? device.Properties);
        Renew(device, released);
        released.KeepOwn(device.OwnProperties);
        DropSame(released);
    }

    /// <summary>Forgets what the device's properties were before an event that left them as they were.</summary>
    public static void DropSame(PendingEvent released)
    {
        if (released.Before is { } before && before.OwnPart.SequenceEqual((released.Own ?? released.Properties).OwnPart))
            released.DropBefore();
    }

    // Nearly every change says of the device what is known, and at most something of its own behind it.
    private static bool TellsNothingNew(Device device, PendingEvent released)
    {
        if (device.OwnProperties is not { } known)
            return released.Properties.OwnPart.SequenceEqual(device.Properties.OwnPart);
        var told = released.Properties.OwnPart;
        if (released.Properties.Outline.Repeats || told.Length <= known.OwnPart.Length || !told.StartsWith(known.OwnPart))
            return false;
        released.KeepOwn(known);
        return true;
    }

    private static void Renew(Device device, PendingEvent released)
    {
        if (released.Action != UeventAction.Change)
        {
            device.OwnProperties = null;
            return;
        }
        if (released.File is { } file)
        {
            var own = device.OwnProperties ??= new PropertyBuffer();
            own.Set(default);
            own.OverlayFile(file);
        }
        else if (device.OwnProperties is { } known)
        {
            if (!Renew(known, released.Properties.Span) && HasKeysOf(device, released))
                device.OwnProperties = null;
        }
        else if (!released.Properties.OwnPart.SequenceEqual(device.Properties.OwnPart) && !HasKeysOf(device, released))
        {
            var own = device.OwnProperties = new PropertyBuffer();
            own.Overlay(device.Properties.Span);
            Renew(own, released.Properties.Span);
        }
    }

    private static bool HasKeysOf(Device device, PendingEvent released) => KeysOf(released.Properties.Span) == KeysOf((device.OwnProperties ?? device.Properties).Span);

    // The known keys with the newest values; what else the event says is its own. True if it says anything else.
    private static bool Renew(PropertyBuffer known, ReadOnlySpan<byte> newest)
    {
        var (at, more) = (0, false);
        foreach (var entry in PropertyBlock.Entries(newest))
        {
            var equals = entry.IndexOf((byte)'=');
            if (equals > 0 && !known.TryRenew(entry, equals, ref at))
                more |= !PropertyKeys.Of(entry[..equals]).IsOfEvent();
        }
        return more;
    }
}
