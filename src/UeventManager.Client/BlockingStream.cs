using System.Net.Sockets;

namespace UeventManager.Client;

/// <summary>A Unix socket whose asynchronous reads and writes block: all in the calling thread.</summary>
internal sealed class BlockingStream : Stream
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private BlockingStream()
    {
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Connects to a Unix socket.</summary>
    /// <param name="path">The socket file.</param>
    /// <returns>The connected stream.</returns>
    /// <exception cref="DaemonUnreachableException">Nobody listens there, or one may not connect.</exception>
    public static BlockingStream Connect(string path)
    {
        var stream = new BlockingStream();
        try
        {
            stream._socket.Connect(new UnixDomainSocketEndPoint(path));
            return stream;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            stream.Dispose();
            throw DaemonUnreachableException.At(path, e);
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? count : throw Failure(error);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (cancellationToken.UnsafeRegister(static state => ((BlockingStream)state!).End(), this))
        {
            int count = Read(buffer.Span);
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(count);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = _socket.Send(buffer, SocketFlags.None, out SocketError error);
            buffer = error == SocketError.Success ? buffer[count..] : throw Failure(error);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (cancellationToken.UnsafeRegister(static state => ((BlockingStream)state!).End(), this))
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _socket.Dispose();
        base.Dispose(disposing);
    }

    private static IOException Failure(SocketError error)
    {
        var inner = new SocketException((int)error);
        return new IOException(inner.Message, inner);
    }

    // Wakes whoever is blocked in it: recv(2) returns 0, send(2) fails.
    private void End()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }
    }
}
