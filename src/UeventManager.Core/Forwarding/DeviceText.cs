using System.Buffers.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>Writes a device's properties and its database entry as udevd does.</summary>
public static class DeviceText
{
    /// <summary>Writes <c>KEY=VALUE\0</c>.</summary>
    public static void Pair(ByteBuffer to, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Append(key);
        to.Append((byte)'=');
        to.Append(value);
        to.Append((byte)0);
    }

    /// <summary>Writes <c>KEY=VALUE\0</c> with a number.</summary>
    public static void Pair(ByteBuffer to, ReadOnlySpan<byte> key, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int length);
        Pair(to, key, digits[..length]);
    }

    /// <summary>Writes an entry of a property block and its NUL.</summary>
    public static void Entry(ByteBuffer to, ReadOnlySpan<byte> entry)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Append(entry);
        to.Append((byte)0);
    }

    /// <summary>Writes the properties that all events of a device have.</summary>
    /// <param name="to">The output.</param>
    /// <param name="path">Its devpath.</param>
    /// <param name="said">The event from the daemon.</param>
    /// <param name="derived">Properties that the event lacks and udevd's builtins would have read.</param>
    public static void Compose(ByteBuffer to, ReadOnlySpan<byte> path, ForwardedEvent said, ReadOnlySpan<byte> derived)
    {
        ArgumentNullException.ThrowIfNull(said);
        Pair(to, "DEVPATH"u8, path);
        Pair(to, "SUBSYSTEM"u8, said.Subsystem);
        foreach (var entry in PropertyBlock.Entries(derived))
        {
            if (!PropertyBlock.IsOverridden(entry, said.Properties))
                Entry(to, entry);
        }
        var properties = new PropertyScanner(said.Properties);
        while (properties.MoveNext())
        {
            if (IsOfDevice(properties.Key, said))
                Entry(to, said.Properties[properties.Start..properties.End]);
        }
        if (!said.DevType.IsEmpty)
            Pair(to, "DEVTYPE"u8, said.DevType);
        // udevd names nodes absolutely, the kernel relative to /dev.
        if (!said.DevNode.IsEmpty)
            Pair(to, "DEVNAME"u8, said.DevNode);
        // libvirt ignores bind, so the driver must be in the add.
        if (!said.Driver.IsEmpty)
            Pair(to, "DRIVER"u8, said.Driver);
    }

    /// <summary>Writes all properties of an event.</summary>
    /// <param name="to">The output.</param>
    /// <param name="action">The action.</param>
    /// <param name="block">The properties that all events of the device have.</param>
    /// <param name="said">The event; null for a device of a state.</param>
    /// <param name="seqnum">The SEQNUM; not 0, which clients reject.</param>
    /// <param name="initializedUsec">When the device was first forwarded, CLOCK_MONOTONIC; 0 for a kobject that is not a device.</param>
    /// <param name="all">The tags that it ever had.</param>
    /// <param name="current">The tags that it has now.</param>
    public static void Event(
        ByteBuffer to, ReadOnlySpan<byte> action, ReadOnlySpan<byte> block, ForwardedEvent? said, long seqnum, long initializedUsec, TagSet all, TagSet current)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(current);
        Pair(to, "ACTION"u8, action);
        to.Append(block);
        if (said is not null)
            AppendOfEvent(to, said);
        if (said is { OldDevPath.IsEmpty: false } && action.SequenceEqual(said.Action))
            Pair(to, "DEVPATH_OLD"u8, said.OldDevPath);
        Pair(to, "SEQNUM"u8, seqnum);
        if (initializedUsec > 0)
            Pair(to, "USEC_INITIALIZED"u8, initializedUsec);
        if (!all.Property.IsEmpty)
            Pair(to, "TAGS"u8, all.Property.Span);
        if (!current.Property.IsEmpty)
            Pair(to, "CURRENT_TAGS"u8, current.Property.Span);
        Pair(to, "UDEV_DATABASE_VERSION"u8, 1);
        // Distinguishes this message from udevd's, for the daemon and other forwarders.
        Pair(to, "UEVENT_MANAGER"u8, 1);
    }

    /// <summary>Writes the name of a device's database entry, as sd_device_get_device_id() does; nothing if the device can have none.</summary>
    /// <param name="to">The output.</param>
    /// <param name="block">Its properties.</param>
    public static void Id(ByteBuffer to, ReadOnlySpan<byte> block)
    {
        ArgumentNullException.ThrowIfNull(to);
        PropertyBlock.TryGet(block, "SUBSYSTEM"u8, out var subsystem);
        PropertyBlock.TryGet(block, "DEVPATH"u8, out var path);
        if (Number(block, "MAJOR"u8) is { } major and > 0 && Number(block, "MINOR"u8) is { } minor)
        {
            to.Append(subsystem.SequenceEqual("block"u8) ? (byte)'b' : (byte)'c');
            Number(to, major);
            to.Append((byte)':');
            Number(to, minor);
            return;
        }
        if (subsystem.SequenceEqual("net"u8) && Number(block, "IFINDEX"u8) is { } index and > 0)
        {
            to.Append((byte)'n');
            Number(to, index);
            return;
        }
        var name = DevPaths.SysName(path);
        // A kobject that belongs to a device, such as a queue, has no uevent file and so no entry.
        if (subsystem.IsEmpty || name.IsEmpty || subsystem.SequenceEqual("queues"u8))
            return;
        var bus = default(ReadOnlySpan<byte>);
        // /bus/pci/drivers/vfio-pci: drivers on two buses may have the same name.
        if (subsystem.SequenceEqual("drivers"u8) && (bus = BusOf(path)).IsEmpty)
            return;
        to.Append((byte)'+');
        to.Append(subsystem);
        to.Append((byte)':');
        if (!bus.IsEmpty)
        {
            to.Append(bus);
            to.Append((byte)':');
        }
        to.Append(name);
        // sysfs writes the '/' of a name as '!'.
        to.At(0).Replace((byte)'/', (byte)'!');
    }

    /// <summary>Writes a device's database entry: the properties that its uevent file lacks.</summary>
    /// <param name="to">The output.</param>
    /// <param name="block">Its properties.</param>
    /// <param name="all">The tags that it ever had.</param>
    /// <param name="current">The tags that it has now.</param>
    /// <param name="initializedUsec">When the device was first forwarded, CLOCK_MONOTONIC.</param>
    public static void DatabaseEntry(ByteBuffer to, ReadOnlySpan<byte> block, TagSet all, TagSet current, long initializedUsec)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(current);
        to.Append("I:"u8);
        Number(to, initializedUsec);
        to.Append((byte)'\n');
        foreach (var entry in PropertyBlock.Entries(block))
        {
            if (IsStored(entry) && entry.IndexOf((byte)'\n') < 0)
            {
                to.Append("E:"u8);
                to.Append(entry);
                to.Append((byte)'\n');
            }
        }
        to.Append("E:UEVENT_MANAGER=1\n"u8);
        to.Append(all.EverLines);
        to.Append(current.CurrentLines);
        to.Append("V:1\n"u8);
    }

    // Properties that belong to the event itself.
    private static void AppendOfEvent(ByteBuffer to, ForwardedEvent said)
    {
        var properties = new PropertyScanner(said.Properties);
        while (properties.MoveNext())
        {
            if (PropertyKeys.Of(properties.Key) == PropertyKey.Synthetic)
                Entry(to, said.Properties[properties.Start..properties.End]);
        }
    }

    private static bool IsStored(ReadOnlySpan<byte> entry) =>
        entry.StartsWith("ID_"u8) || entry.StartsWith("SOUND_"u8) || entry.StartsWith("SYSTEMD_"u8) || entry.StartsWith("UEVENT_SETTLED="u8);

    // Properties of the device that are not written separately.
    private static bool IsOfDevice(ReadOnlySpan<byte> key, ForwardedEvent said) => PropertyKeys.Of(key) switch
    {
        PropertyKey.DevType => said.DevType.IsEmpty,
        PropertyKey.DevName => said.DevNode.IsEmpty,
        PropertyKey.Driver => said.Driver.IsEmpty,
        PropertyKey.Other => !IsForwarders(key),
        var one => !one.IsOfEvent(),
    };

    private static bool IsForwarders(ReadOnlySpan<byte> key) => key[0] switch
    {
        (byte)'T' => key.SequenceEqual("TAGS"u8),
        (byte)'C' => key.SequenceEqual("CURRENT_TAGS"u8),
        (byte)'U' => key.SequenceEqual("USEC_INITIALIZED"u8) || key.SequenceEqual("UDEV_DATABASE_VERSION"u8) || key.SequenceEqual("UEVENT_MANAGER"u8),
        _ => false,
    };

    private static ReadOnlySpan<byte> BusOf(ReadOnlySpan<byte> path)
    {
        if (!path.StartsWith("/bus/"u8))
            return default;
        var bus = path["/bus/"u8.Length..];
        int end = bus.IndexOf((byte)'/');
        return end > 0 && bus[end..].StartsWith("/drivers/"u8) ? bus[..end] : default;
    }

    private static uint? Number(ReadOnlySpan<byte> block, ReadOnlySpan<byte> key) =>
        PropertyBlock.TryGet(block, key, out var text) && Utf8Parser.TryParse(text, out uint number, out int length) && length == text.Length ? number : null;

    private static void Number(ByteBuffer to, long number)
    {
        Utf8Formatter.TryFormat(number, to.Room(20), out int length);
        to.Advance(length);
    }
}
