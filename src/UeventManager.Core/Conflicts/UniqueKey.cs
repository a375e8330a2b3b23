using System.Buffers.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Conflicts;

/// <summary>
/// A key that only one device can have at a time: a name on its bus (bus_add_device() creates a link with that name), a device number (sys/dev), an
/// ifindex, a node below <c>/dev</c>.
/// </summary>
/// <param name="Kind">The kind of key, also for display.</param>
/// <param name="Number">The device number or the ifindex.</param>
/// <param name="Name">The name on the bus, or the name of the node.</param>
/// <param name="Bus">The bus.</param>
internal readonly record struct UniqueKey(UniqueKind Kind, long Number = 0, string? Name = null, string? Bus = null)
{
    /// <summary>Adds a device's keys to a list. Makes one pass, and text only for names.</summary>
    public static void Collect(List<UniqueKey> keys, Device device, bool isOfBus, ReadOnlySpan<byte> properties)
    {
        keys.Clear();
        if (isOfBus)
            keys.Add(new UniqueKey(UniqueKind.BusName, Name: device.SysName, Bus: device.Subsystem));
        long major = -1, minor = -1;
        foreach (var entry in PropertyBlock.Entries(properties))
        {
            if (entry.IsEmpty)
                continue;
            if (entry[0] == 'M')
            {
                major = Parse(entry, "MAJOR="u8, major);
                minor = Parse(entry, "MINOR="u8, minor);
            }
            else if (entry[0] == 'I' && Parse(entry, "IFINDEX="u8, -1) is > 0 and var ifindex)
            {
                keys.Add(new UniqueKey(UniqueKind.Ifindex, ifindex));
            }
            else if (entry.StartsWith("DEVNAME="u8) && entry.Length > "DEVNAME=".Length)
            {
                keys.Add(new UniqueKey(UniqueKind.Node, Name: KernelText.Decode(entry["DEVNAME=".Length..])));
            }
        }
        // MKDEV() has 12 and 20 bits; block and character devices have separate numbers.
        if (major > 0 && minor >= 0)
            keys.Add(new UniqueKey(device.Subsystem == "block" ? UniqueKind.BlockNumber : UniqueKind.CharNumber, (major << 20) | minor));
    }

    private static long Parse(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> key, long otherwise) =>
        entry.StartsWith(key) && Utf8Parser.TryParse(entry[key.Length..], out long value, out var used) && used == entry.Length - key.Length
            ? value
            : otherwise;
}

/// <summary>The kinds of unique keys.</summary>
internal enum UniqueKind : byte
{
    BusName,
    BlockNumber,
    CharNumber,
    Ifindex,
    Node,
}
