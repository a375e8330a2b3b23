using System.Threading.Channels;

namespace UeventManager.Client.Testing;

/// <summary>One end of a connection in memory. It buffers everything that the other end has not read.</summary>
internal sealed class DuplexStream : Stream
{
    private readonly Channel<ReadOnlyMemory<byte>> _input;
    private readonly Channel<ReadOnlyMemory<byte>> _output;
    private ReadOnlyMemory<byte> _unread;

    private DuplexStream(Channel<ReadOnlyMemory<byte>> input, Channel<ReadOnlyMemory<byte>> output) => (_input, _output) = (input, output);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Creates both ends of a connection.</summary>
    public static (DuplexStream One, DuplexStream Other) Pair()
    {
        // Unbounded, so that a write never waits and may be made under a lock. For the same reason readers continue on another thread.
        var options = new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false };
        var there = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(options);
        var back = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(options);
        return (new DuplexStream(back, there), new DuplexStream(there, back));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty && !_input.Reader.TryRead(out _unread))
        {
            if (!await _input.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return 0;
        }
        int count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the output: the other end reads everything written before, and then the end of the stream.</summary>
    public void EndOutput() => _output.Writer.TryComplete();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <summary>Never blocks.</summary>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Never blocks.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!buffer.IsEmpty && !_output.Writer.TryWrite(buffer.ToArray()))
            throw new IOException("The other end is closed.");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _output.Writer.TryComplete();
            // A write to a closed end fails.
            _input.Writer.TryComplete();
        }
        base.Dispose(disposing);
    }
}
