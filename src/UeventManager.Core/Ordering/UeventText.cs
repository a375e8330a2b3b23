namespace UeventManager.Core.Ordering;

/// <summary>The properties that a look read; they replace those of the older datagram.</summary>
/// <param name="Lines">Lines of <c>KEY=VALUE</c>, including the wanted lines of udev's entry.</param>
/// <param name="IsWhole">True if the whole <c>uevent</c> file is included: if it names no driver, no driver is bound any more (dev_uevent()).</param>
internal readonly record struct UeventText(string Lines, bool IsWhole);
