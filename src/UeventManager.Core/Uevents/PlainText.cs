using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace UeventManager.Core.Uevents;

/// <summary>Bytes that need no escape in JSON: printable ASCII without <c>"</c> and <c>\</c>. Nearly all text from the kernel is plain.</summary>
internal static class PlainText
{
    /// <summary>True for a byte that is not plain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOdd(byte one) => one is < 0x20 or > 0x7E or (byte)'"' or (byte)'\\';

    /// <summary>Sets all bits of each byte that is not plain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Odd(Vector128<byte> bytes) =>
        Vector128.GreaterThan(bytes - Vector128.Create((byte)0x20), Vector128.Create((byte)0x5E))
        | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
        | Vector128.Equals(bytes, Vector128.Create((byte)'\\'));

    /// <summary>Copies bytes up to the first one that is not plain.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="to">At least as long; its content after the copied bytes is undefined.</param>
    /// <returns>The number of copied bytes.</returns>
    public static int Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var i = 0;
        while (from.Length - i >= Vector128<byte>.Count && TryCopy(from, to, i))
            i += Vector128<byte>.Count;
        // The last sixteen bytes once more, overlapping, if there are that many.
        if (i > 0 && from.Length - i < Vector128<byte>.Count && TryCopy(from, to, from.Length - Vector128<byte>.Count))
            return from.Length;
        for (; i < from.Length && !IsOdd(from[i]); i++)
            to[i] = from[i];
        return i;
    }

    private static bool TryCopy(ReadOnlySpan<byte> from, Span<byte> to, int at)
    {
        var bytes = Vector128.Create(from.Slice(at, Vector128<byte>.Count));
        if (Odd(bytes) != Vector128<byte>.Zero)
            return false;
        bytes.CopyTo(to[at..]);
        return true;
    }
}
