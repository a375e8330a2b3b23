using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using UeventManager.Core.Snapshots;

namespace UeventManager.Handover;

/// <summary>
/// A hand-over in a seekable stream: a header of 512 bytes, then the snapshot. The header is written last, so that an unfinished hand-over is
/// invalid: magic (8 bytes), format (4), CRC-32C of everything after the first 16 bytes (4), length of the snapshot (8), place (UTF-8, up to a NUL).
/// Numbers are little-endian.
/// </summary>
internal static class HandoverFormat
{
    /// <summary>The format's version; any other is refused.</summary>
    public const int Version = 10;

    /// <summary>The start of the snapshot.</summary>
    public const int HeaderBytes = 512;

    /// <summary>The most bytes of a snapshot: 262,144 devices of 1.5 KiB each, a full ring, and the history.</summary>
    public const long MaxBytes = 512L << 20;

    private const int PlaceOffset = 24;
    private const int SumOffset = 16;

    private static ReadOnlySpan<byte> Magic => "UEVM\r\n\u001ah"u8;

    /// <summary>Writes a hand-over.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(Stream to, HandoverPlace place, Action<SnapshotWriter> save)
    {
        to.SetLength(0);
        to.Position = HeaderBytes;
        uint sum = 0;
        long length = 0;
        var writer = new SnapshotWriter(bytes =>
        {
            to.Write(bytes);
            sum = Add(sum, bytes);
            length += bytes.Length;
            if (length > MaxBytes)
                throw new IOException($"it would be longer than {MaxBytes >> 20} MiB");
        });
        save(writer);
        writer.Flush();
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(SumOffset), length);
        Encoding.UTF8.GetBytes(place.ToString(), header.AsSpan(PlaceOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Add(sum, header.AsSpan(SumOffset)));
        to.Position = 0;
        to.Write(header);
    }

    /// <summary>Opens a hand-over for reading after its checksum was verified.</summary>
    /// <returns>The reason not to use it, or null.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string? Read(Stream from, HandoverPlace place, out SnapshotReader? snapshot)
    {
        snapshot = null;
        var header = new byte[HeaderBytes];
        from.Position = 0;
        if (from.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.AsSpan().StartsWith(Magic))
            return "it is not a hand-over, or is incomplete";
        if (BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8)) is var version && version != Version)
            return $"its format is {version}, and this program's is {Version}";
        var length = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(SumOffset));
        if (length > MaxBytes)
            return $"it is longer than {MaxBytes >> 20} MiB";
        if (length != from.Length - HeaderBytes || Sum(from, header) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)))
            return "its checksum is wrong";
        var text = header.AsSpan(PlaceOffset);
        if (Difference(Encoding.UTF8.GetString(text[..Math.Max(0, text.IndexOf((byte)0))]).Split(' '), place) is { } difference)
            return difference;
        from.Position = HeaderBytes;
        snapshot = new SnapshotReader(from.Read);
        return null;
    }

    /// <summary>Makes it unusable for other holders of the descriptor, because it must be used only once.</summary>
    public static void Spoil(Stream stream)
    {
        stream.Position = 0;
        stream.Write(new byte[HeaderBytes]);
    }

    private static string? Difference(string[] theirs, HandoverPlace place) => theirs.Length != 3 || place.Boot.Length == 0 || theirs[0] != place.Boot ? "it belongs to another boot"
        : theirs[1] != place.Network ? "it belongs to another network namespace"
        : theirs[2] != place.Tree ? "it belongs to another sysfs"
        : null;

    private static uint Sum(Stream from, ReadOnlySpan<byte> header)
    {
        uint sum = 0;
        var buffer = new byte[64 * 1024];
        while (from.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var count and > 0)
            sum = Add(sum, buffer.AsSpan(0, count));
        return Add(sum, header[SumOffset..]);
    }

    private static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            sum = BitOperations.Crc32C(sum, one);
        return sum;
    }
}
