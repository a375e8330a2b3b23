using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>What a device's JSON says of its properties by other names, found in one pass; and whether a key may be there twice.</summary>
internal readonly ref struct KnownProperties
{
    // More entries than a datagram has (UeventParser.MaxProperties); beyond it keys may repeat.
    private const int MaxMarks = 80;

    /// <summary>Reads a block.</summary>
    public KnownProperties(ReadOnlySpan<byte> block)
    {
        Span<uint> marks = stackalloc uint[MaxMarks];
        var count = 0;
        foreach (var entry in PropertyBlock.Entries(block))
        {
            var equals = entry.IndexOf((byte)'=');
            if (equals <= 0)
                continue;
            var mark = Mark(entry[..equals]);
            MayRepeat |= count == MaxMarks || marks[..count].Contains(mark);
            if (count < MaxMarks)
                marks[count++] = mark;
            if (entry[0] != 'D')
                continue;
            if (entry.StartsWith("DEVTYPE="u8))
            {
                HasDevType = true;
                DevType = entry["DEVTYPE=".Length..];
            }
            else if (entry.StartsWith("DEVNAME="u8))
            {
                HasDevName = true;
                DevName = entry["DEVNAME=".Length..];
            }
            else if (entry.StartsWith("DRIVER="u8))
            {
                HasDriver = true;
                Driver = entry["DRIVER=".Length..];
            }
        }
    }

    public bool HasDevType { get; }

    public ReadOnlySpan<byte> DevType { get; }

    public bool HasDevName { get; }

    public ReadOnlySpan<byte> DevName { get; }

    public bool HasDriver { get; }

    public ReadOnlySpan<byte> Driver { get; }

    /// <summary>False if surely no key is there twice.</summary>
    public bool MayRepeat { get; }

    // The same key has the same mark; different ones nearly always have different marks.
    private static uint Mark(ReadOnlySpan<byte> key) =>
        (uint)((key.Length << 24) ^ (key[^1] << 16) ^ (key[key.Length / 2] << 8) ^ key[0]);
}
