using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Udev;

/// <summary>Compares udevd's broadcasts about a device with the announced properties.</summary>
internal static class UdevNews
{
    /// <summary>True if udevd's last broadcast about a device has other properties than were announced.</summary>
    /// <param name="report">What udev has reported about the device.</param>
    /// <param name="known">The announced properties.</param>
    /// <param name="wanted">The properties that matter.</param>
    public static bool Differs(in UdevReport report, PropertyBuffer known, IReadOnlyList<Glob> wanted) =>
        report is { Properties: { } said, WorkerFailed: false } && Differs(said, known, wanted);

    /// <summary>True if udev's properties of a device are others than were announced.</summary>
    /// <param name="said">udev's properties.</param>
    /// <param name="known">The announced properties.</param>
    /// <param name="wanted">The properties that matter.</param>
    public static bool Differs(ReadOnlySpan<byte> said, PropertyBuffer known, IReadOnlyList<Glob> wanted)
    {
        foreach (var entry in PropertyBlock.Entries(said))
        {
            if (IsWanted(entry, wanted, out var key) && !IsOfEntry(key) && !(known.TryGet(key, out var value) && IsSame(key, value, entry[(key.Length + 1)..])))
                return true;
        }
        foreach (var entry in PropertyBlock.Entries(known.Span))
        {
            if (IsWanted(entry, wanted, out var key) && !IsOfEntry(key) && !PropertyBlock.TryGet(said, key, out _))
                return true;
        }
        return false;
    }

    // For a device without an entry in its database, udevd makes up another USEC_INITIALIZED each time.
    private static bool IsOfEntry(ReadOnlySpan<byte> key) => key.SequenceEqual("USEC_INITIALIZED"u8);

    // The announced value is decoded and has no padding. udevd writes links and tags in no particular order.
    private static bool IsSame(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> said)
    {
        var (one, other) = (KernelText.Decode(value), KernelText.WithoutPadding(KernelText.Decode(said)));
        return one == other || (IsList(key) && Parts(one).SequenceEqual(Parts(other!)));
    }

    private static bool IsList(ReadOnlySpan<byte> key) => key.SequenceEqual("DEVLINKS"u8) || key.SequenceEqual("TAGS"u8) || key.SequenceEqual("CURRENT_TAGS"u8);

    private static IEnumerable<string> Parts(string list) => list.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    /// <summary>Properties without those that udev is asked for.</summary>
    public static byte[] Without(PropertyBuffer known, IReadOnlyList<Glob> wanted)
    {
        var others = new List<byte>();
        foreach (var entry in PropertyBlock.Entries(known.Span))
        {
            if (IsWanted(entry, wanted, out _))
                continue;
            others.AddRange(entry);
            others.Add(0);
        }
        return [.. others];
    }

    /// <summary>Whether a rule attaches a property. Keys that describe one event do not count.</summary>
    /// <param name="entry">The property as <c>KEY=VALUE</c>.</param>
    /// <param name="wanted">What the rule attaches.</param>
    /// <param name="key">The property's key.</param>
    public static bool IsWanted(ReadOnlySpan<byte> entry, IReadOnlyList<Glob> wanted, out ReadOnlySpan<byte> key)
    {
        key = entry[..Math.Max(0, entry.IndexOf((byte)'='))];
        if (key.IsEmpty || entry.Contains((byte)'\n') || PropertyKeys.Of(key) != PropertyKey.Other)
            return false;
        var name = KernelText.Decode(key);
        return wanted.Any(glob => glob.Matches(name));
    }
}
