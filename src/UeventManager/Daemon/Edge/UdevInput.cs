using UeventManager.Core.Driving;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Passes udevd's broadcasts to the engine. The kernel sends an event before udevd does, on another socket: so a broadcast is stepped only after
/// everything that was queued on the kernel's socket at its receipt.
/// </summary>
/// <param name="socket">udevd's socket.</param>
/// <param name="kernel">The kernel's input.</param>
/// <param name="pipeline">Receives the broadcasts.</param>
internal sealed class UdevInput(UeventSocket socket, KernelInput kernel, Pipeline pipeline)
{
    private readonly long[] _unbelieved = new long[Enum.GetValues<DatagramRejection>().Length];
    private readonly long[] _malformed = new long[Enum.GetValues<UdevRejection>().Length];
    private ReceiveResult _taken;
    private DrainMark _mark;
    private bool _isCongested;

    /// <summary>The socket.</summary>
    public UeventSocket Socket => socket;

    /// <summary>True while received broadcasts are not stepped yet.</summary>
    public bool IsHolding { get; private set; }

    /// <summary>Receives one batch, unless one is held, and steps it as soon as possible.</summary>
    /// <returns>True if there may be more to receive at once.</returns>
    public bool Receive()
    {
        if (!IsHolding)
        {
            _taken = socket.Complete(socket.Take());
            if (_taken is { Received: 0, Overrun: false } && !_isCongested)
                return false;
            _mark = kernel.MarkQueue();
            IsHolding = true;
        }
        if (!kernel.IsPast(_mark))
            return false;
        IsHolding = false;
        Step();
        return !_taken.SawEmpty;
    }

    /// <summary>The number of datagrams rejected or not understood, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Rejections()
    {
        for (var i = 1; i < _unbelieved.Length; i++)
            yield return new($"udevRejected{(DatagramRejection)i}", _unbelieved[i]);
        for (var i = 1; i < _malformed.Length; i++)
            yield return new($"udevRejected{(UdevRejection)i}", _malformed[i]);
    }

    private void Step()
    {
        var now = Monotonic.NowUsec;
        var isCut = false;
        for (var i = 0; i < _taken.Received; i++)
            isCut |= !StepOne(socket[i], now);
        // Until the queue is empty the kernel drops every new broadcast (NETLINK_S_CONGESTED), so broadcasts about all events until then may be lost.
        var isOverrun = _taken.Overrun || (_isCongested && _taken.SawEmpty);
        _isCongested = _taken.Overrun || (_isCongested && !_taken.SawEmpty);
        if (isOverrun || isCut)
            pipeline.UdevLost(now, isOverrun);
    }

    // False for a broadcast of udevd that did not fit.
    private bool StepOne(Datagram datagram, long now)
    {
        if (datagram.Rejection != DatagramRejection.None)
        {
            _unbelieved[(int)datagram.Rejection]++;
            return datagram.Rejection != DatagramRejection.Truncated;
        }
        var rejection = UdevMessageParser.TryParse(datagram.Data, out var message);
        if (rejection != UdevRejection.None)
        {
            _malformed[(int)rejection]++;
            return true;
        }
        pipeline.UdevSaid(message, now);
        return true;
    }
}
