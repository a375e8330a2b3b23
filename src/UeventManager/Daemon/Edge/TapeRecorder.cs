using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using UeventManager.Core.Engine;
using UeventManager.Core.Recording;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Sends the engine's inputs to the client that records them. On the engine's thread each input costs a copy of some hundred bytes; another thread
/// formats and sends the lines. The queue is bounded: beyond the limit the recording ends.
/// </summary>
internal sealed class TapeRecorder
{
    /// <summary>The most bytes that wait to be sent.</summary>
    public const long MaxQueuedBytes = 128L << 20;

    // The bytes that may wait while the engine is busy.
    private const long DeferredBytes = MaxQueuedBytes / 2;

    private const int BlockBytes = 256 << 10;
    private const int Blocks = (int)(DeferredBytes / BlockBytes);

    // The blocks that the kernel has given pages already: a page fault costs the engine's thread more than the copy of an input.
    private const int ReadyBlocks = 32;

    // A block with less room is left, because most inputs are shorter.
    private const int LeastBytes = 16 << 10;

    private const int FrameBytes = 256 << 10;
    private const int PatienceMsec = 100;
    private const int RestMsec = 5;
    private static readonly int PrefixBytes = "{\"parameters\":"u8.Length;

    private readonly TapeWriter _tape = new();
    // What was written, and the block that is free again behind it.
    private readonly BlockingCollection<(ArraySegment<byte> Written, ArraySegment<byte> Free)> _blocks = [];
    private readonly ConcurrentStack<ArraySegment<byte>> _spares = new();
    // One array: each new block might start a garbage collection, which stops the engine.
    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(Blocks * BlockBytes);
    private readonly ArrayBufferWriter<byte> _lines = new(FrameBytes * 2);
    private readonly SafeFileHandle _socket;
    private readonly byte[] _header;
    private readonly Action<ReadOnlyMemory<byte>> _ended;
    private volatile bool _rests = true;
    private volatile int _handOvers;
    private readonly long _mostBytes;
    private readonly Thread _thread;
    private volatile bool _isAbandoned;
    private volatile bool _isCutOff;
    private bool _isFirst;
    private ArraySegment<byte> _block;
    private int _given;
    private long _queuedBytes;
    private long _takenBytes;
    private UeventEngine? _engine;

    /// <param name="socket">The client's connected stream socket; closed at the end.</param>
    /// <param name="header">The first line.</param>
    /// <param name="mostBytes">The most bytes of inputs; beyond it the recording ends.</param>
    /// <param name="ended">Called on another thread with the parameters of the last reply after all others are sent; empty if the client does not
    /// read.</param>
    public TapeRecorder(SafeFileHandle socket, byte[] header, long mostBytes, Action<ReadOnlyMemory<byte>> ended)
    {
        (_socket, _header, _mostBytes, _ended) = (socket, header, mostBytes, ended);
        Tape = new EngineTape(_tape) { Beginning = Beginning };
        _thread = new Thread(Run) { IsBackground = true, Name = "recording" };
    }

    /// <summary>The tape that records the engine.</summary>
    public EngineTape Tape { get; }

    /// <summary>Begins to record.</summary>
    public void Begin(UeventEngine engine)
    {
        _engine = engine;
        engine.Tap = Tape;
        _thread.Start();
    }

    /// <summary>Sends the written inputs, which do not change any more. Call it between two steps.</summary>
    /// <param name="rests">True if the engine has nothing to do now. In a storm lines are formatted only afterwards, or when many wait: earlier it
    /// would take a CPU from the storm's sender and receiver.</param>
    public void Flush(bool rests)
    {
        if (_engine is null)
            return;
        if (_tape.Length > 0)
            HandOver();
        _rests = rests;
    }

    /// <summary>Ends the recording: everything written is sent.</summary>
    /// <param name="why">The reason, unless it is obvious.</param>
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

    /// <summary>
    /// Ends the recording because the daemon ends: no last reply will be sent, so everything goes in earlier replies. Waits for that, but not for
    /// long.
    /// </summary>
    /// <param name="why">The reason for the recording.</param>
    /// <param name="msec">The longest wait, in milliseconds.</param>
    public void CutOff(string why, int msec)
    {
        _isCutOff = true;
        End(why);
        if (_thread.IsAlive)
            _ = _thread.Join(msec);
        _isAbandoned = true;
    }

    /// <summary>Discards a recording that has not begun.</summary>
    public void Discard() => _socket.Dispose();

    /// <summary>Ends the recording because the client does not read any more.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        End(null);
    }

    // Everything before this frame is complete.
    private void Beginning()
    {
        if (_tape.Left < LeastBytes)
            HandOver();
        if (Interlocked.Read(ref _queuedBytes) > MaxQueuedBytes)
            End("the reader was too slow, so the recording ends here");
        else if (_takenBytes > _mostBytes)
            End("it has reached the requested number of bytes");
    }

    private void HandOver()
    {
        var length = _tape.Length;
        _handOvers++;
        _takenBytes += length;
        Interlocked.Add(ref _queuedBytes, length);
        if (_tape.Left >= LeastBytes)
        {
            _blocks.Add((_tape.Cut(), default));
            return;
        }
        var full = _block;
        _block = _spares.TryPop(out var spare) ? spare : new byte[BlockBytes];
        _blocks.Add((_tape.Take(_block), full));
    }

    private void ProvideSpares()
    {
        while (_spares.Count < ReadyBlocks && _given < Blocks)
        {
            var block = new ArraySegment<byte>(_memory, BlockBytes * _given++, BlockBytes);
            for (var at = 0; at < block.Count; at += Environment.SystemPageSize)
                block[at] = 0;
            _spares.Push(block);
        }
    }

    private void Run()
    {
        var lines = new TapeLines(_lines, _header.AsSpan().TrimEnd((byte)'\n')) { Beginning = Separate };
        ProvideSpares();
        Open();
        Separate();
        _lines.Write(_header);
        var seen = -1;
        foreach (var (written, free) in _blocks.GetConsumingEnumerable())
        {
            // Polls, because the engine's thread must not be delayed by waking this one.
            while (!HasRested(ref seen) && Interlocked.Read(ref _queuedBytes) < DeferredBytes && !_blocks.IsAddingCompleted)
            {
                ProvideSpares();
                Thread.Sleep(RestMsec);
            }
            if (!_isAbandoned)
                lines.Write(written);
            Interlocked.Add(ref _queuedBytes, -written.Count);
            if (free.Array == _memory)
                _spares.Push(free);
            // A lone event is sent at once; in a storm many lines are sent together. The last lines form the reply that ends the call.
            if ((_isCutOff || !_blocks.IsCompleted) && (_lines.WrittenCount >= FrameBytes || _blocks.Count == 0))
                Send();
        }
        _lines.Write("]}"u8);
        _socket.Dispose();
        _ended(_isAbandoned ? default : _lines.WrittenMemory[PrefixBytes..]);
    }

    // In a storm the engine rests again and again for less than a poll's time.
    private bool HasRested(ref int seen)
    {
        var before = seen;
        seen = _handOvers;
        return _rests && seen == before;
    }

    private void Open()
    {
        _lines.ResetWrittenCount();
        _lines.Write("{\"parameters\":"u8);
        _lines.Write("{\"lines\":["u8);
        _isFirst = true;
    }

    // Each item of a frame is on a line of its own after its comma, so that a reader that only needs lines need not parse JSON.
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
