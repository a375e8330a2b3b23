using System.Buffers;

namespace UeventManager.Varlink;

/// <summary>
/// Frames that some clients have not taken yet: one copy for all of them. In a storm there is one for nearly every reply, so its memory is used
/// again when the last of them has taken it. For one thread.
/// </summary>
internal sealed class KeptFrames
{
    private readonly bool _isRented;
    private int _holders = 1;

    /// <summary>Copies frames. Held by the caller.</summary>
    public KeptFrames(ReadOnlySpan<byte> frames)
    {
        (Bytes, Length, _isRented) = (ArrayPool<byte>.Shared.Rent(frames.Length), frames.Length, true);
        frames.CopyTo(Bytes);
    }

    /// <summary>Takes frames that are kept anyway. Held by the caller.</summary>
    public KeptFrames(byte[] frames) => (Bytes, Length) = (frames, frames.Length);

    /// <summary>The frames, and whatever is behind them.</summary>
    public byte[] Bytes { get; }

    /// <summary>Length of the frames.</summary>
    public int Length { get; }

    /// <summary>Their length divided by the number of holders: one holder's share.</summary>
    public int PartBytes => Length / Math.Max(1, _holders - 1);

    /// <summary>One more holds them.</summary>
    public KeptFrames Hold()
    {
        _holders++;
        return this;
    }

    /// <summary>One less holds them.</summary>
    public void Release()
    {
        if (--_holders == 0 && _isRented)
            ArrayPool<byte>.Shared.Return(Bytes);
    }
}
