using System.IO.Pipelines;

namespace UeventManager.Client.Testing;

/// <summary>One end of a connection in memory. It holds whatever the other end has not read.</summary>
internal sealed class DuplexStream : Stream
{
    private readonly Stream _input;
    private readonly PipeWriter _output;

    private DuplexStream(Pipe input, Pipe output) => (_input, _output) = (input.Reader.AsStream(), output.Writer);

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
        // No pause: a write never waits, so it may be made under a lock.
        var options = new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false);
        Pipe there = new(options), back = new(options);
        return (new DuplexStream(back, there), new DuplexStream(there, back));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _input.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        FlushResult result = await _output.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (result.IsCompleted)
            throw new IOException("The other end is closed.");
    }

    /// <summary>The other end reads what was written, and then the end.</summary>
    public void EndOutput() => _output.Complete();

    public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

    /// <summary>Never blocks.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValueTask written = WriteAsync(buffer.AsMemory(offset, count));
        if (!written.IsCompletedSuccessfully)
            written.AsTask().GetAwaiter().GetResult();
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
            _output.Complete();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }
}
