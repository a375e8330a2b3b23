using UeventManager.Core.Driving;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Daemon.Edge;

/// <summary>Passes the kernel's datagrams to the engine: parses them, counts rejected ones, and knows when the queue was drained.</summary>
/// <param name="socket">The kernel's socket.</param>
/// <param name="judge">Tells which datagrams belong to devices.</param>
/// <param name="pipeline">Receives the uevents.</param>
/// <param name="knownDrops">The socket's drops when the previous run stopped listening; null if there was none.</param>
internal sealed class KernelInput(UeventSocket socket, EventJudge judge, Pipeline pipeline, uint? knownDrops = null)
{
    private readonly long[] _unbelieved = new long[Enum.GetValues<DatagramRejection>().Length];
    private readonly long[] _malformed = new long[Enum.GetValues<UeventRejection>().Length];
    // A new socket begins at 0: a greater number belongs to another socket.
    private uint _drops = Math.Min(socket.ReadMemInfo().Drops, knownDrops ?? uint.MaxValue);
    private readonly DrainRule _drain = new(() => socket.ReadMemInfo().MostQueued);
    private ReceiveResult _taken;
    // Datagrams queued before the start may have any age.
    private long _emptyUsec = 1;
    private long _wokenUsec;

    /// <summary>The number of lost datagrams that subscribers were told of.</summary>
    public uint Drops => _drops;

    /// <summary>Receives one batch and steps it. <see cref="EndBatch"/> must follow, after the results have been sent.</summary>
    public void BeginBatch()
    {
        _drain.BeginBatch(pipeline.Engine.EndedLooks);
        var beganUsec = Monotonic.NowUsec;
        _taken = socket.Take();
        var now = Monotonic.NowUsec;
        var sawEmptyUsec = _taken.SawEmpty ? beganUsec : _emptyUsec;
        // If this thread was woken, the event is new. If it was busy, the event has waited in the queue, at most since the queue was empty.
        pipeline.Engine.SentSince(_wokenUsec > 0 ? _wokenUsec : _emptyUsec, _emptyUsec);
        for (var i = 0; i < _taken.Received; i++)
            StepOne(socket[i], now);
        (_emptyUsec, _wokenUsec) = (sawEmptyUsec, 0);
    }

    /// <summary>Called before this thread waits, with nothing known to be queued.</summary>
    /// <returns>True if nothing is queued: the next datagram will wake the thread.</returns>
    public bool Waits(long nowUsec)
    {
        if (socket.ReadMemInfo().QueuedBytes > 0)
            return false;
        _emptyUsec = nowUsec;
        return true;
    }

    /// <summary>Notes that the thread was woken.</summary>
    public void Woken(long nowUsec) => _wokenUsec = nowUsec;

    /// <summary>Ends a batch: checks whether the queue was emptied, and whether the kernel has dropped datagrams.</summary>
    /// <returns>True if there may be more to receive at once.</returns>
    public bool EndBatch()
    {
        var engine = pipeline.Engine;
        var result = socket.Complete(_taken);
        switch (_drain.EndBatch(result.SawEmpty, result.Overrun, engine.NeedsDrain, engine.EndedLooks))
        {
            case BatchEnd.Overrun:
                Overrun();
                break;
            case BatchEnd.Drained:
                engine.Drained(_drain.DrainedLooks, Monotonic.NowUsec);
                pipeline.Run();
                break;
        }
        return !result.SawEmpty;
    }

    /// <summary>True if less than three quarters of the receive buffer are used, and this many bytes of them are free.</summary>
    public bool HasRoom(int bytes)
    {
        var memory = socket.ReadMemInfo();
        return memory.QueuedBytes + (long)bytes <= memory.LimitBytes * 3L / 4;
    }

    /// <summary>A place in the stream of datagrams: behind everything that is queued now.</summary>
    public DrainMark MarkQueue() => _drain.Mark();

    /// <summary>Whether everything before a place has been stepped.</summary>
    public bool IsPast(in DrainMark mark) => _drain.IsPast(mark);

    /// <summary>The number of datagrams rejected or not understood, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Rejections()
    {
        for (var i = 1; i < _unbelieved.Length; i++)
            yield return new($"rejected{(DatagramRejection)i}", _unbelieved[i]);
        for (var i = 1; i < _malformed.Length; i++)
            yield return new($"rejected{(UeventRejection)i}", _malformed[i]);
    }

    private void StepOne(Datagram datagram, long now)
    {
        _drain.Step();
        if (datagram.Rejection != DatagramRejection.None)
        {
            _unbelieved[(int)datagram.Rejection]++;
            return;
        }
        var rejection = UeventParser.TryParse(datagram.Data, out var uevent);
        if (rejection != UeventRejection.None)
        {
            _malformed[(int)rejection]++;
            return;
        }
        var verdict = judge.Judge(ref uevent);
        if (verdict.IsDoubtful || verdict.HasAppeared)
            pipeline.Engine.RescanSoon(now);
        pipeline.Trace(uevent, verdict.IsDevice);
        pipeline.Engine.Step(uevent, verdict.IsDevice, now, verdict.IsBus, verdict.IsContested);
        pipeline.Run();
    }

    private void Overrun()
    {
        var drops = socket.ReadMemInfo().Drops;
        var lost = drops - _drops;
        _drops = drops;
        pipeline.Overrun(lost);
    }
}
