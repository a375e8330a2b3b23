using System.Buffers.Binary;
using System.Globalization;

namespace UeventManager.Sysfs;

/// <summary>FNV-1a with 128 bits, to detect changes; not for secrets.</summary>
internal struct Fnv128
{
    private static readonly UInt128 s_prime = new(0x1000000, 0x13B);
    private UInt128 _hash = new(0x6C62272E07BB0142, 0x62B821756295C58D);

    public Fnv128()
    {
    }

    /// <summary>The hash so far, in hexadecimal.</summary>
    internal readonly string Text => _hash.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Adds bytes whose end is evident from themselves.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            _hash = (_hash ^ value) * s_prime;
    }

    /// <summary>Adds a number, and bytes with their length.</summary>
    internal void Add(int number, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(head, number);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], bytes.Length);
        Add(head);
        Add(bytes);
    }
}
