using System.Buffers.Binary;
using System.Buffers.Text;

namespace UeventManager.Core.Recording;

/// <summary>
/// A number at the end of each line for all lines up to it, the header included: a line that was lost, added, changed or moved shows at once. A replay
/// alone would not see all of them: what changes no decision, as a uevent that passes, could be missing. Against accidents, not against forgery.
/// </summary>
public sealed class LineChain
{
    private const int Digits = 16;

    private readonly byte[] _key = "uevent-manager 1"u8.ToArray();

    private static ReadOnlySpan<byte> Before => ",\"chain\":\""u8;

    private static ReadOnlySpan<byte> After => "\"}"u8;

    /// <summary>How many bytes <see cref="Close"/> writes.</summary>
    public static int Length => Before.Length + Digits + After.Length;

    /// <summary>True if a line has such a number.</summary>
    /// <param name="line">The line, without its end.</param>
    public static bool IsIn(ReadOnlySpan<byte> line) => line.Length > Length && line[^Length..].StartsWith(Before) && line.EndsWith(After);

    /// <summary>Takes the first line.</summary>
    /// <param name="header">The line, without its end.</param>
    public void Begin(ReadOnlySpan<byte> header) => Add(header);

    /// <summary>Writes the number of a line, and its closing brace.</summary>
    /// <param name="line">The line without its closing brace.</param>
    /// <param name="to">Gets <see cref="Length"/> bytes.</param>
    public void Close(ReadOnlySpan<byte> line, Span<byte> to)
    {
        Before.CopyTo(to);
        _ = Utf8Formatter.TryFormat(Add(line), to[Before.Length..], out _, new('x', Digits));
        After.CopyTo(to[(Before.Length + Digits)..]);
    }

    /// <summary>Takes the next line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <returns>False if it is not what was written next.</returns>
    public bool Follows(ReadOnlySpan<byte> line)
    {
        if (!IsIn(line))
            return false;
        Span<byte> end = stackalloc byte[Length];
        Close(line[..^Length], end);
        return line.EndsWith(end);
    }

    private ulong Add(ReadOnlySpan<byte> line)
    {
        var number = KeyedHash.Of(_key, line);
        BinaryPrimitives.WriteUInt64LittleEndian(_key, number);
        return number;
    }
}
