using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using UeventManager.Core.Engine;
using UeventManager.Core.Recording;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Sends the engine's inputs to the client that records them. On the engine's thread that is a copy of some hundred bytes for each input; lines are made of it,
/// and sent, by another thread. What waits for it is bounded: beyond that the recording ends.
/// </summary>
internal sealed class TapeRecorder
{
    /// <summary>Most bytes that wait to be sent.</summary>
    public const long MaxQueuedBytes = 128L << 20;

    // So many may wait while the engine has something to do.
    private const long DeferredBytes = MaxQueuedBytes / 2;

    private const int BlockBytes = 256 << 10;
    private const int SpareBlocks = 8;
    private const int FrameBytes = 256 << 10;
    private const int PatienceMsec = 100;
    private const int RestMsec = 5;
    private static readonly int PrefixBytes = "{\"parameters\":"u8.Length;

    private readonly TapeWriter _tape = new();
    private readonly BlockingCollection<(byte[] Bytes, int Length)> _blocks = [];
    private readonly ConcurrentStack<byte[]> _spares = new();
    private readonly ArrayBufferWriter<byte> _lines = new(FrameBytes * 2);
    private readonly SafeFileHandle _socket;
    private readonly byte[] _header;
    private readonly Action<ReadOnlyMemory<byte>> _ended;
    private volatile bool _rests = true;
    private readonly long _mostBytes;
    private readonly Thread _thread;
    private volatile bool _isAbandoned;
    private volatile bool _isCutOff;
    private bool _isFirst;
    private long _queuedBytes;
    private long _takenBytes;
    private UeventEngine? _engine;

    /// <param name="socket">Where to: a connected stream socket, which is closed at the end.</param>
    /// <param name="header">The first line.</param>
    /// <param name="mostBytes">After so many bytes of inputs the recording ends.</param>
    /// <param name="ended">Called on another thread with the parameters of the last reply, once all others are sent; with nothing if nobody takes them.</param>
    public TapeRecorder(SafeFileHandle socket, byte[] header, long mostBytes, Action<ReadOnlyMemory<byte>> ended)
    {
        (_socket, _header, _mostBytes, _ended) = (socket, header, mostBytes, ended);
        Tape = new EngineTape(_tape) { Beginning = Beginning };
        _thread = new Thread(Run) { IsBackground = true, Name = "recording" };
    }

    /// <summary>What the engine is to be listened to by.</summary>
    public EngineTape Tape { get; }

    /// <summary>Records from now on.</summary>
    public void Begin(UeventEngine engine)
    {
        _engine = engine;
        engine.Tap = Tape;
        _thread.Start();
    }

    /// <summary>Nothing that was written is changed any more: it may be sent. Between two steps.</summary>
    /// <param name="rests">
    /// True if the engine has nothing to do now. In a storm it is busy, and lines are made when the storm is over, or when much waits: making
    /// them would take a CPU from the storm's sender and receiver.
    /// </param>
    public void Flush(bool rests)
    {
        if (_engine is null)
            return;
        if (_tape.Length > 0)
            HandOver();
        _rests = rests;
    }

    /// <summary>Ends it: what was written is sent.</summary>
    /// <param name="why">The reason, if it is not obvious.</param>
    public void End(string? why)
    {
        if (_engine is not { } engine)
            return;
        (engine.Tap, _engine) = (null, null);
        Tape.Beginning = null;
        Tape.Finish(Monotonic.NowUsec, why);
        HandOver();
        _blocks.CompleteAdding();
    }

    /// <summary>Ends it because the daemon does: nobody will send a last reply, so that all goes in replies before it. Waits for that, not for long.</summary>
    /// <param name="why">What to say of it.</param>
    /// <param name="msec">How long at most.</param>
    public void CutOff(string why, int msec)
    {
        _isCutOff = true;
        End(why);
        if (_thread.IsAlive)
            _ = _thread.Join(msec);
        _isAbandoned = true;
    }

    /// <summary>It never begins.</summary>
    public void Discard() => _socket.Dispose();

    /// <summary>Ends it: nobody takes it any more.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        End(null);
    }

    // What is before this frame is whole.
    private void Beginning()
    {
        if (_tape.Length >= BlockBytes)
            HandOver();
        if (Interlocked.Read(ref _queuedBytes) > MaxQueuedBytes)
            End("more was told than could be sent: it ends here");
        else if (_takenBytes > _mostBytes)
            End("it has as many bytes as were asked for");
    }

    private void HandOver()
    {
        var length = _tape.Length;
        _ = _spares.TryPop(out var spare);
        _takenBytes += length;
        Interlocked.Add(ref _queuedBytes, length);
        _blocks.Add((_tape.Take(spare ?? GC.AllocateUninitializedArray<byte>(BlockBytes + (BlockBytes / 4))), length));
    }

    private void Run()
    {
        var lines = new TapeLines(_lines, _header.AsSpan().TrimEnd((byte)'\n')) { Beginning = Separate };
        Open();
        Separate();
        _lines.Write(_header);
        foreach (var (bytes, length) in _blocks.GetConsumingEnumerable())
        {
            // Polled now and then: the engine's thread, which would wake this one, must not be held up.
            while (!_rests && Interlocked.Read(ref _queuedBytes) < DeferredBytes && !_blocks.IsAddingCompleted)
                Thread.Sleep(RestMsec);
            if (!_isAbandoned)
                lines.Write(bytes.AsSpan(0, length));
            Interlocked.Add(ref _queuedBytes, -length);
            if (_spares.Count < SpareBlocks)
                _spares.Push(bytes);
            // A lone event is on its way at once; in a storm many lines go together. The last ones are the reply that ends the call.
            if ((_isCutOff || !_blocks.IsCompleted) && (_lines.WrittenCount >= FrameBytes || _blocks.Count == 0))
                Send();
        }
        _lines.Write("]}"u8);
        _socket.Dispose();
        _ended(_isAbandoned ? default : _lines.WrittenMemory[PrefixBytes..]);
    }

    private void Open()
    {
        _lines.ResetWrittenCount();
        _lines.Write("{\"parameters\":"u8);
        _lines.Write("{\"lines\":["u8);
        _isFirst = true;
    }

    // Each line of a frame stands in a line of its own, behind its comma: a reader that wants nothing but lines need not parse JSON.
    private void Separate()
    {
        _lines.Write(_isFirst ? "\n"u8 : ","u8);
        _isFirst = false;
    }

    private void Send()
    {
        _lines.Write("]},\"continues\":true}\0"u8);
        for (var rest = _lines.WrittenSpan; rest.Length > 0 && !_isAbandoned;)
        {
            var sent = SocketCalls.Send(_socket, rest);
            if (sent > 0)
                rest = rest[sent..];
            else if (sent < 0 && !SocketCalls.MaySend(_socket, PatienceMsec))
                _isAbandoned = true;
        }
        Open();
    }
}
