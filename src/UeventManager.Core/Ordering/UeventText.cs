namespace UeventManager.Core.Ordering;

/// <summary>What a look read of a device's properties, to be laid over what a datagram says: the look came later.</summary>
/// <param name="Lines">Lines of <c>KEY=VALUE</c>, those of udev's entry among them that are wanted.</param>
/// <param name="IsWhole">True if they have the whole <c>uevent</c> file: a driver that it does not name is not bound any more (dev_uevent()).</param>
internal readonly record struct UeventText(string Lines, bool IsWhole);
