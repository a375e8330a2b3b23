using System.Buffers;

namespace UeventManager.Varlink;

/// <summary>
/// One copy of frames for all clients that have not taken them yet. A storm makes such a copy for nearly every reply, so the memory is reused when
/// the last client has taken it. Not thread-safe.
/// </summary>
internal sealed class KeptFrames
{
    private readonly bool _isRented;
    private int _holders = 1;

    /// <summary>Copies frames. The caller is the first holder.</summary>
    public KeptFrames(ReadOnlySpan<byte> frames)
    {
        (Bytes, Length, _isRented) = (ArrayPool<byte>.Shared.Rent(frames.Length), frames.Length, true);
        frames.CopyTo(Bytes);
    }

    /// <summary>Uses frames that stay in memory anyway. The caller is the first holder.</summary>
    public KeptFrames(byte[] frames) => (Bytes, Length) = (frames, frames.Length);

    /// <summary>The frames, possibly followed by unused bytes.</summary>
    public byte[] Bytes { get; }

    /// <summary>Length of the frames.</summary>
    public int Length { get; }

    /// <summary>One holder's share: the length divided by the number of holders.</summary>
    public int PartBytes => Length / Math.Max(1, _holders - 1);

    /// <summary>Adds a holder.</summary>
    public KeptFrames Hold()
    {
        _holders++;
        return this;
    }

    /// <summary>Removes a holder.</summary>
    public void Release()
    {
        if (--_holders == 0 && _isRented)
            ArrayPool<byte>.Shared.Return(Bytes);
    }
}
