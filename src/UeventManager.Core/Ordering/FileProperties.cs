using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Ordering;

/// <summary>
/// The content of a device's <c>uevent</c> file, as far as events and looks show it. A <c>change</c> may carry further variables of that one event
/// (the envp_ext of kobject_uevent_env()); filters must not depend on these.
/// </summary>
internal static class FileProperties
{
    // A number that distinguishes sets of keys, independent of their order.
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

    /// <summary>
    /// Updates the device's own properties before it takes those of an event, and stores the old ones with the event if they change.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="released">The event.</param>
    /// <param name="first">True if the device was not announced before.</param>
    public static void Remember(Device device, PendingEvent released, bool first)
    {
        if (!first && released is { Action: UeventAction.Change, File: null } && RepeatsTheKnown(device, released))
            return;
        if (!first)
            released.KeepBefore(device.OwnProperties ?? device.Properties);
        Renew(device, released);
        released.KeepOwn(device.OwnProperties);
        DropSame(released);
    }

    /// <summary>Sets the properties of an event of ours: the device's own, without what belongs to the event that brought them.</summary>
    public static void CopyOwn(Device device, PropertyBuffer to, UeventAction action)
    {
        to.Set(default);
        foreach (var entry in PropertyBlock.Entries((device.OwnProperties ?? device.Properties).Span))
        {
            if (PropertyKeys.Of(entry[..Math.Max(0, entry.IndexOf((byte)'='))]) is not (PropertyKey.Seqnum or PropertyKey.Synthetic or PropertyKey.DevPathOld))
                to.Overlay(entry);
        }
        to.Overlay(Encoding.ASCII.GetBytes($"ACTION={action.Text()}"));
    }

    /// <summary>Drops the event's record of earlier properties if the event did not change them.</summary>
    public static void DropSame(PendingEvent released)
    {
        if (released.Before is { } before && before.OwnPart.SequenceEqual((released.Own ?? released.Properties).OwnPart))
            released.DropBefore();
    }

    // Nearly every change repeats the known properties, and at most appends variables of that one event.
    private static bool RepeatsTheKnown(Device device, PendingEvent released)
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

    // Updates the values of known keys; other keys belong to the event alone. Returns true if the event has such keys.
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
