namespace UeventManager.Commands.Terminal;

/// <summary>
/// A file that is emptied at the first write, so that an earlier failure keeps the old content. A new file to which nothing was written is removed
/// again.
/// </summary>
internal sealed class FreshFile(FileStream file, string path, bool isRegular, bool wasThere) : Stream
{
    private bool _isBegun;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // Only a regular file has content to empty.
        if (!_isBegun && isRegular)
            file.SetLength(0);
        _isBegun = true;
        file.Write(buffer);
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() => file.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            if (!_isBegun && !wasThere)
                File.Delete(path);
        }
        base.Dispose(disposing);
    }
}
