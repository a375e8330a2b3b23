using System.Buffers.Text;

namespace UeventManager.Core.Recording;

/// <summary>
/// Ends each line with a digest of all lines up to it, the header included, so that a lost, added, changed or moved line is found. A replay alone
/// would miss some, such as a uevent that changes no decision. This guards against accidents, not against forgery.
/// </summary>
public sealed class LineChain
{
    private const int Digits = 16;

    private FastDigest _digest;

    private static ReadOnlySpan<byte> Before => ",\"chain\":\""u8;

    private static ReadOnlySpan<byte> After => "\"}"u8;

    /// <summary>The number of bytes that <see cref="Close"/> writes.</summary>
    public static int Length => Before.Length + Digits + After.Length;

    /// <summary>True if a line ends with a digest.</summary>
    /// <param name="line">The line, without its line feed.</param>
    public static bool IsIn(ReadOnlySpan<byte> line) => line.Length > Length && line[^Length..].StartsWith(Before) && line.EndsWith(After);

    /// <summary>Starts the chain with the header.</summary>
    /// <param name="header">The line, without its line feed.</param>
    public void Begin(ReadOnlySpan<byte> header) => Add(header);

    /// <summary>Writes a line's digest and closing brace.</summary>
    /// <param name="line">The line without its closing brace.</param>
    /// <param name="to">Receives <see cref="Length"/> bytes.</param>
    public void Close(ReadOnlySpan<byte> line, Span<byte> to)
    {
        Before.CopyTo(to);
        _ = Utf8Formatter.TryFormat(Add(line), to[Before.Length..], out _, new('x', Digits));
        After.CopyTo(to[(Before.Length + Digits)..]);
    }

    /// <summary>Checks the next line.</summary>
    /// <param name="line">The line, without its line feed.</param>
    /// <returns>False if this is not the line that was written next.</returns>
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
        _digest.Add(line);
        return _digest.Value;
    }
}
