using System.Numerics;
using System.Runtime.InteropServices;

namespace UeventManager.Core.Recording;

/// <summary>
/// A 64-bit digest of numbers and bytes, for accidental differences: two sequences that differ collide with a chance of about 2^-64. It is not
/// cryptographic. Recordings contain its values, so a change of the function needs a new version of their format.
/// </summary>
public struct FastDigest
{
    // Odd numbers without a pattern: the fractions of the golden ratio and of the square root of two.
    private const ulong First = 0x9e3779b97f4a7c15;
    private const ulong Second = 0x6a09e667f3bcc909;

    private ulong _state;

    /// <summary>The digest of everything added until now.</summary>
    public readonly ulong Value
    {
        get
        {
            // The last numbers have changed only the high bits.
            var end = (_state ^ (_state >> 33)) * Second;
            return end ^ (end >> 29);
        }
    }

    /// <summary>Adds a number.</summary>
    public void Add(long value) => _state = BitOperations.RotateLeft(_state ^ (ulong)value ^ Second, 29) * First;

    /// <summary>Adds bytes and their number.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var at = 0;
        if (words.Length >= 4)
        {
            // Four sums at a time, because a multiplication takes several cycles. A product of 128 bits would be computed in software, because the
            // program is compiled for every x86-64 processor.
            var (a, b, c, d) = (_state, _state ^ First, _state ^ Second, ~_state);
            for (; at + 3 < words.Length; at += 4)
            {
                a = Mix(a, words[at]);
                b = Mix(b, words[at + 1]);
                c = Mix(c, words[at + 2]);
                d = Mix(d, words[at + 3]);
            }
            Add((long)a);
            Add((long)b);
            Add((long)c);
            Add((long)d);
        }
        for (; at < words.Length; at++)
            Add((long)words[at]);
        ulong last = 0;
        foreach (var one in bytes[(words.Length * 8)..])
            last = (last << 8) | one;
        Add((long)last);
    }

    private static ulong Mix(ulong sum, ulong word) => BitOperations.RotateLeft(sum + (word * Second), 31) * First;
}
