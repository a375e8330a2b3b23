using UeventManager.Core.Dispatch;

namespace UeventManager.Varlink;

/// <summary>
/// Frames that go to several connections: those whose client does not take them at once keep one copy between them, not one each.
/// </summary>
internal sealed class SharedFrames
{
    private readonly ByteBuffer _writer = new(128 * 1024);
    private KeptFrames? _kept;

    /// <summary>The frames.</summary>
    public ReadOnlySpan<byte> Span => _kept is { } kept ? kept.Bytes.AsSpan(0, kept.Length) : _writer.Written;

    /// <summary>Begins anew.</summary>
    /// <returns>Where to write the frames.</returns>
    public ByteBuffer Begin()
    {
        _kept?.Release();
        _kept = null;
        _writer.Clear();
        return _writer;
    }

    /// <summary>Takes frames that are whole already; they are not copied.</summary>
    public void Set(byte[] frames)
    {
        _kept?.Release();
        _kept = new KeptFrames(frames);
    }

    /// <summary>Complete frames, for connections that have not taken all of them.</summary>
    internal KeptFrames Keep() => _kept ??= new KeptFrames(_writer.Written);
}
