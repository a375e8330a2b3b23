using System.Buffers.Binary;
using System.Numerics;

namespace UeventManager.Core.Recording;

/// <summary>
/// SipHash-2-4 (Aumasson and Bernstein, 2012): without its key of 16 bytes nobody can compute it, or tell it from random numbers. The runtime's own
/// keyed hashes need OpenSSL, which small machines and containers lack.
/// </summary>
public static class KeyedHash
{
    /// <summary>The length of a key, in bytes.</summary>
    public const int KeyBytes = 16;

    /// <summary>Computes the hash of some bytes.</summary>
    /// <param name="key">The key, <see cref="KeyBytes"/> bytes.</param>
    /// <param name="data">The bytes.</param>
    public static ulong Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var (k0, k1) = (BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
        var state = new State { A = k0 ^ 0x736f6d6570736575, B = k1 ^ 0x646f72616e646f6d, C = k0 ^ 0x6c7967656e657261, D = k1 ^ 0x7465646279746573 };
        var last = (ulong)(byte)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
            state.Take(BinaryPrimitives.ReadUInt64LittleEndian(data));
        for (var i = 0; i < data.Length; i++)
            last |= (ulong)data[i] << (8 * i);
        state.Take(last);
        state.C ^= 0xff;
        for (var i = 0; i < 4; i++)
            state.Round();
        return state.A ^ state.B ^ state.C ^ state.D;
    }

    private struct State
    {
        public ulong A, B, C, D;

        public void Take(ulong word)
        {
            D ^= word;
            Round();
            Round();
            A ^= word;
        }

        public void Round()
        {
            A += B;
            C += D;
            B = BitOperations.RotateLeft(B, 13) ^ A;
            D = BitOperations.RotateLeft(D, 16) ^ C;
            A = BitOperations.RotateLeft(A, 32);
            C += B;
            A += D;
            B = BitOperations.RotateLeft(B, 17) ^ C;
            D = BitOperations.RotateLeft(D, 21) ^ A;
            C = BitOperations.RotateLeft(C, 32);
        }
    }
}
