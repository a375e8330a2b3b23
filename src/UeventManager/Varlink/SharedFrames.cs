using UeventManager.Core.Dispatch;

namespace UeventManager.Varlink;

/// <summary>Frames for several connections: connections whose clients do not take them at once share one copy.</summary>
internal sealed class SharedFrames
{
    private readonly ByteBuffer _writer = new(128 * 1024);
    private KeptFrames? _kept;

    /// <summary>The frames.</summary>
    public ReadOnlySpan<byte> Span => _kept is { } kept ? kept.Bytes.AsSpan(0, kept.Length) : _writer.Written;

    /// <summary>Empties the frames.</summary>
    /// <returns>The buffer to write frames to.</returns>
    public ByteBuffer Begin()
    {
        _kept?.Release();
        _kept = null;
        _writer.Clear();
        return _writer;
    }

    /// <summary>Uses complete frames without copying them.</summary>
    public void Set(byte[] frames)
    {
        _kept?.Release();
        _kept = new KeptFrames(frames);
    }

    /// <summary>Complete frames, for connections that have not taken all of them.</summary>
    internal KeptFrames Keep() => _kept ??= new KeptFrames(_writer.Written);
}
