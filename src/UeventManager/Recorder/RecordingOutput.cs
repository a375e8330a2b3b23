using System.Collections.Concurrent;
using UeventManager.Core.Recording;
using UeventManager.Daemon;

namespace UeventManager.Recorder;

/// <summary>
/// Writes lines on a thread of its own, so that a slow disk delays no look. Complete lines are written as soon as there are any, so the file of a
/// killed recorder is readable up to its last line. At most <see cref="MaxQueued"/> lines are queued; then adding a line blocks.
/// </summary>
internal sealed class RecordingOutput : IDisposable
{
    /// <summary>The most lines in the queue.</summary>
    public const int MaxQueued = 65_536;

    private const int MaxAtOnce = 256 * 1024;

    private readonly BlockingCollection<RecordedLine> _queue = new(MaxQueued);
    private readonly RecordingWriter _writer;
    private readonly Stream _stream;
    private readonly Thread _thread;
    private readonly Action _failed;
    private long _bytes;

    /// <param name="stream">The output; it is not closed.</param>
    /// <param name="pseudonyms">Replaces identifiers; null to replace nothing.</param>
    /// <param name="header">The header.</param>
    /// <param name="failed">Called on the writing thread when writing fails.</param>
    public RecordingOutput(Stream stream, Pseudonyms? pseudonyms, RecordingHeader header, Action failed)
    {
        (_stream, _writer, _failed) = (stream, new RecordingWriter(pseudonyms), failed);
        var first = _writer.Header(header).ToArray();
        _thread = new Thread(() => Run(first)) { IsBackground = true, Name = "recording" };
        _thread.Start();
    }

    /// <summary>The number of bytes written.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The error that ended writing; null if there is none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Adds a line.</summary>
    public void Add(RecordedLine line)
    {
        if (Failure is null)
            _queue.Add(line);
    }

    /// <summary>Writes the queued lines.</summary>
    public void Finish()
    {
        _queue.CompleteAdding();
        _thread.Join();
    }

    public void Dispose() => _queue.Dispose();

    private void Run(byte[] first)
    {
        using var buffer = new MemoryStream();
        buffer.Write(first);
        try
        {
            Write(buffer);
            foreach (var line in _queue.GetConsumingEnumerable())
            {
                _writer.RealtimeAheadUsec = Realtime.NowUsec - Monotonic.NowUsec;
                buffer.Write(_writer.Line(line));
                if (_queue.Count == 0 || buffer.Length >= MaxAtOnce)
                    Write(buffer);
            }
            Write(buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Failure = e;
            _failed();
            // Keep emptying the queue, because a blocked Add would wait for ever.
            foreach (var _ in _queue.GetConsumingEnumerable())
            {
            }
        }
    }

    private void Write(MemoryStream buffer)
    {
        if (buffer.Length == 0)
            return;
        _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        _stream.Flush();
        Interlocked.Add(ref _bytes, buffer.Length);
        buffer.SetLength(0);
    }
}
