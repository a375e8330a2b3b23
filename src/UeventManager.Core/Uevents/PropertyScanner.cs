using System.Numerics;
using System.Runtime.Intrinsics;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Scans a block of properties, <c>KEY=VALUE\0…</c>, for the ends of entries and keys. Every event of a storm passes here, so one pass over the bytes
/// finds both, sixty-four bytes at a time.
/// </summary>
/// <param name="block">The block; its last entry may lack its NUL.</param>
public ref struct PropertyScanner(ReadOnlySpan<byte> block)
{
    private const int Window = 64;
    private readonly ReadOnlySpan<byte> _block = block;

    // One bit for each NUL, and for each '=', of the window, from the next entry on.
    private ulong _nuls;
    private ulong _equals;
    private int _window = -Window;
    private bool _isOdd;

    /// <summary>The start of the entry.</summary>
    public int Start { get; private set; }

    /// <summary>The place of its first <c>=</c>; -1 if there is none.</summary>
    public int Equal { get; private set; }

    /// <summary>The end of the entry: its NUL, or the end of the block.</summary>
    public int End { get; private set; } = -1;

    /// <summary>The key; the whole entry if it has no <c>=</c>.</summary>
    public readonly ReadOnlySpan<byte> Key => _block[Start..(Equal < 0 ? End : Equal)];

    /// <summary>The value. Only for an entry with a <c>=</c>.</summary>
    public readonly ReadOnlySpan<byte> Value => _block[(Equal + 1)..End];

    /// <summary>
    /// After the whole block is scanned: true if it is printable ASCII without quotes and backslashes, which JSON needs no escapes for.
    /// </summary>
    public readonly bool IsPlain => !_isOdd;

    /// <summary>Goes on to the next entry.</summary>
    public bool MoveNext()
    {
        Start = End + 1;
        Equal = -1;
        if (Start >= _block.Length)
            return false;
        while (true)
        {
            // Without a set bit this is 64: beyond the window.
            var nul = BitOperations.TrailingZeroCount(_nuls);
            if (Equal < 0 && BitOperations.TrailingZeroCount(_equals) is var equal && equal < nul)
                Equal = _window + equal;
            if (nul < Window)
            {
                End = _window + nul;
                _nuls &= _nuls - 1;
                _equals &= ~1ul << nul;
                return true;
            }
            _window += Window;
            if (_window >= _block.Length)
            {
                End = _block.Length;
                return true;
            }
            Read();
        }
    }

    private void Read()
    {
        var rest = _block[_window..];
        (_nuls, _equals) = (0, 0);
        var at = 0;
        for (; at < Window && rest.Length - at >= Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(rest.Slice(at, Vector128<byte>.Count));
            var nul = Vector128.Equals(bytes, Vector128<byte>.Zero);
            _isOdd |= (~nul & PlainText.Odd(bytes)) != Vector128<byte>.Zero;
            _nuls |= (ulong)nul.ExtractMostSignificantBits() << at;
            _equals |= (ulong)Vector128.Equals(bytes, Vector128.Create((byte)'=')).ExtractMostSignificantBits() << at;
        }
        if (at == Window || at == rest.Length)
            return;
        if (_block.Length >= Vector128<byte>.Count)
        {
            // Read the last sixteen bytes of the block, and shift out those that were read already.
            var bytes = Vector128.Create(_block[^Vector128<byte>.Count..]);
            var seen = Vector128<byte>.Count - (rest.Length - at);
            var nul = Vector128.Equals(bytes, Vector128<byte>.Zero);
            _isOdd |= (~nul & PlainText.Odd(bytes)) != Vector128<byte>.Zero;
            _nuls |= (ulong)(nul.ExtractMostSignificantBits() >> seen) << at;
            _equals |= (ulong)(Vector128.Equals(bytes, Vector128.Create((byte)'=')).ExtractMostSignificantBits() >> seen) << at;
            return;
        }
        for (; at < rest.Length; at++)
        {
            if (rest[at] == 0)
                _nuls |= 1ul << at;
            else if (rest[at] == '=')
                _equals |= 1ul << at;
            else
                _isOdd |= PlainText.IsOdd(rest[at]);
        }
    }
}
