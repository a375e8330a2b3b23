using System.Threading.Channels;

namespace UeventManager.Client.Testing;

/// <summary>One end of a connection in memory. It holds whatever the other end has not read.</summary>
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

    /// <summary>Two ends of one connection.</summary>
    public static (DuplexStream One, DuplexStream Other) Pair()
    {
        // Without a bound: a write never waits, so it may be made under a lock. What reads goes on elsewhere for the same reason.
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

    /// <summary>The other end reads what was written, and then the end.</summary>
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
            // A write to an end that is closed fails.
            _input.Writer.TryComplete();
        }
        base.Dispose(disposing);
    }
}
