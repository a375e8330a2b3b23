using System.Buffers;

namespace UeventManager.Varlink;

/// <summary>
/// Frames that go to several connections: those whose client does not take them at once keep one copy between them, not one each.
/// </summary>
public sealed class SharedFrames
{
    private readonly ArrayBufferWriter<byte> _writer = new(128 * 1024);
    private byte[]? _kept;

    /// <summary>The frames.</summary>
    public ReadOnlySpan<byte> Span => _kept ?? _writer.WrittenSpan;

    /// <summary>Begins anew.</summary>
    /// <returns>Where to write the frames.</returns>
    public IBufferWriter<byte> Begin()
    {
        _writer.ResetWrittenCount();
        _kept = null;
        return _writer;
    }

    /// <summary>Takes frames that are whole already; they are not copied.</summary>
    public void Set(byte[] frames) => _kept = frames;

    /// <summary>The frames as an array that nobody writes to any more.</summary>
    internal byte[] Keep() => _kept ??= _writer.WrittenSpan.ToArray();
}
