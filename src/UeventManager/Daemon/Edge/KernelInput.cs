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
    private ReceiveResult _taken;
    private long _looksBefore;
    private bool _congested;
    private long _stepped;
    private long _emptied;
    private long _markLooks = -1;
    private long _markStepped;

    /// <summary>Datagrams that the socket has lost, as far as subscribers were told.</summary>
    public uint Drops => _drops;

    /// <summary>Receives one batch and steps it. To be followed by <see cref="EndBatch"/>, once what it brought has been sent.</summary>
    public void BeginBatch()
    {
        _looksBefore = pipeline.Engine.EndedLooks;
        _taken = socket.Take();
        var now = Monotonic.NowUsec;
        for (var i = 0; i < _taken.Received; i++)
            StepOne(socket[i], now);
    }

    /// <summary>Draws the conclusions: whether the queue was emptied, and whether the kernel has dropped anything.</summary>
    /// <returns>True if there may be more to receive at once.</returns>
    public bool EndBatch()
    {
        var engine = pipeline.Engine;
        var result = socket.Complete(_taken);
        _congested |= result.Overrun;
        if (result.SawEmpty)
            _emptied++;
        if (result.SawEmpty && _congested)
            Overrun();
        else if (result.SawEmpty)
            Drained(_looksBefore);
        else if (engine.NeedsDrain && !_congested)
            DrainedByCount();
        return !result.SawEmpty;
    }

    /// <summary>True if less than three quarters of the receive buffer are used, and so many bytes of these are free.</summary>
    public bool HasRoom(int bytes)
    {
        var memory = socket.ReadMemInfo();
        return memory.QueuedBytes + (long)bytes <= memory.LimitBytes * 3L / 4;
    }

    /// <summary>A place in the stream of datagrams: everything that is queued now.</summary>
    public QueueMark MarkQueue()
    {
        var queued = socket.ReadMemInfo().MostQueued;
        return new QueueMark(_emptied, _stepped + queued, queued == 0 && !_congested);
    }

    /// <summary>
    /// Whether all of it has been stepped: the queue was seen empty since, or as many datagrams came as could have been queued.
    /// </summary>
    public bool IsPast(in QueueMark mark) => mark.WasEmpty || _emptied > mark.Emptied || (_stepped >= mark.Stepped && !_congested);

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
        _stepped++;
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

    // After ENOBUFS come the datagrams that were queued before it, and until the queue is empty the kernel drops every
    // new one (NETLINK_S_CONGESTED): only then is the number of the lost final, and only a scan from then on sees all.
    private void Overrun()
    {
        _congested = false;
        var drops = socket.ReadMemInfo().Drops;
        var lost = drops - _drops;
        _drops = drops;
        _markLooks = -1;
        pipeline.Overrun(lost);
    }

    private void Drained(long endedLooks)
    {
        _markLooks = -1;
        if (!pipeline.Engine.NeedsDrain)
            return;
        pipeline.Engine.Drained(endedLooks, Monotonic.NowUsec);
        pipeline.Run();
    }

    // In a storm the queue is never seen empty. Then a look is drained when as many datagrams came as could have been
    // queued when it ended: sk_rmem_alloc counts each with at least 512 bytes.
    private void DrainedByCount()
    {
        if (_markLooks < 0)
        {
            _markLooks = pipeline.Engine.EndedLooks;
            _markStepped = _stepped + socket.ReadMemInfo().MostQueued;
        }
        else if (_stepped >= _markStepped)
        {
            Drained(_markLooks);
        }
    }
}

/// <param name="Emptied">How often the queue had been seen empty.</param>
/// <param name="Stepped">How many datagrams will have been stepped when it is past.</param>
/// <param name="WasEmpty">True if nothing was queued.</param>
internal readonly record struct QueueMark(long Emptied, long Stepped, bool WasEmpty);
