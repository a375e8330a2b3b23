using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace UeventManager.Core.Uevents;

/// <summary>MurmurHash2 in 32 bits with seed 0 (Austin Appleby, public domain), which clients of libudev use to filter messages.</summary>
public static class UdevHash
{
    private const uint Factor = 0x5bd1e995;

    /// <summary>The hash of a text. Words are read in the machine's order, as clients do (util_string_hash32()).</summary>
    public static uint Of(ReadOnlySpan<byte> text)
    {
        var hash = (uint)text.Length;
        for (; text.Length >= 4; text = text[4..])
        {
            var word = MemoryMarshal.Read<uint>(text) * Factor;
            hash = (hash * Factor) ^ ((word ^ (word >> 24)) * Factor);
        }
        if (!text.IsEmpty)
        {
            for (var i = text.Length - 1; i >= 0; i--)
                hash ^= (uint)text[i] << (8 * i);
            hash *= Factor;
        }
        hash = (hash ^ (hash >> 13)) * Factor;
        return hash ^ (hash >> 15);
    }

    /// <summary>Whether four bytes of a header, in network order, are the hash of a text.</summary>
    public static bool IsOf(ReadOnlySpan<byte> field, ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt32BigEndian(field) == Of(text);
}
