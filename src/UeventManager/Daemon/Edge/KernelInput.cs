using UeventManager.Core.Driving;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Daemon.Edge;

/// <summary>Brings the kernel's datagrams into the engine: parses, counts what is rejected, and knows when the queue was drained.</summary>
/// <param name="socket">Where they come from.</param>
/// <param name="judge">Which of them are devices'.</param>
/// <param name="pipeline">Where they go.</param>
/// <param name="knownDrops">What the socket had lost when the run before stopped listening; null if there was none.</param>
internal sealed class KernelInput(UeventSocket socket, EventJudge judge, Pipeline pipeline, uint? knownDrops = null)
{
    private readonly long[] _unbelieved = new long[Enum.GetValues<DatagramRejection>().Length];
    private readonly long[] _malformed = new long[Enum.GetValues<UeventRejection>().Length];
    // A socket of our own begins at 0: a greater number is another socket's.
    private uint _drops = Math.Min(socket.ReadMemInfo().Drops, knownDrops ?? uint.MaxValue);
    private readonly DrainRule _drain = new(() => socket.ReadMemInfo().MostQueued);
    private ReceiveResult _taken;
    // What was queued before the start came at any time.
    private long _emptyUsec = 1;
    private long _wokenUsec;

    /// <summary>Datagrams that the socket has lost, as far as subscribers were told.</summary>
    public uint Drops => _drops;

    /// <summary>Receives one batch and steps it. To be followed by <see cref="EndBatch"/>, once what it brought has been sent.</summary>
    public void BeginBatch()
    {
        _drain.BeginBatch(pipeline.Engine.EndedLooks);
        var beganUsec = Monotonic.NowUsec;
        _taken = socket.Take();
        var now = Monotonic.NowUsec;
        var sawEmptyUsec = _taken.SawEmpty ? beganUsec : _emptyUsec;
        // If this thread was woken, the event has just come. If it was busy, the event has waited in the queue, at most since that was empty.
        pipeline.Engine.SentSince(_wokenUsec > 0 ? _wokenUsec : _emptyUsec, _emptyUsec);
        for (var i = 0; i < _taken.Received; i++)
            StepOne(socket[i], now);
        (_emptyUsec, _wokenUsec) = (sawEmptyUsec, 0);
    }

    /// <summary>Nothing is known to be queued, and this thread is about to wait.</summary>
    /// <returns>True if nothing is: what comes will wake it.</returns>
    public bool Waits(long nowUsec)
    {
        if (socket.ReadMemInfo().QueuedBytes > 0)
            return false;
        _emptyUsec = nowUsec;
        return true;
    }

    /// <summary>Something has woken it.</summary>
    public void Woken(long nowUsec) => _wokenUsec = nowUsec;

    /// <summary>Draws the conclusions: whether the queue was emptied, and whether the kernel has dropped anything.</summary>
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

    /// <summary>True if less than three quarters of the receive buffer are used, and so many bytes of these are free.</summary>
    public bool HasRoom(int bytes)
    {
        var memory = socket.ReadMemInfo();
        return memory.QueuedBytes + (long)bytes <= memory.LimitBytes * 3L / 4;
    }

    /// <summary>A place in the stream of datagrams: everything that is queued now.</summary>
    public DrainMark MarkQueue() => _drain.Mark();

    /// <summary>Whether all of it has been stepped.</summary>
    public bool IsPast(in DrainMark mark) => _drain.IsPast(mark);

    /// <summary>Datagrams that were not believed or not understood, by reason.</summary>
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
