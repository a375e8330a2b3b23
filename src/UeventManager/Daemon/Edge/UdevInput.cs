using UeventManager.Core.Driving;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Brings udevd's broadcasts into the engine. The kernel tells of an event before udevd does, on another socket: so what was received here is stepped only
/// when everything has been stepped that was queued there then.
/// </summary>
/// <param name="socket">Where they come from.</param>
/// <param name="kernel">Where the kernel's come from.</param>
/// <param name="pipeline">Where they go.</param>
internal sealed class UdevInput(UeventSocket socket, KernelInput kernel, Pipeline pipeline)
{
    private readonly long[] _unbelieved = new long[Enum.GetValues<DatagramRejection>().Length];
    private readonly long[] _malformed = new long[Enum.GetValues<UdevRejection>().Length];
    private ReceiveResult _taken;
    private DrainMark _mark;
    private bool _isCongested;

    /// <summary>The socket.</summary>
    public UeventSocket Socket => socket;

    /// <summary>True while something was received that is not stepped yet.</summary>
    public bool IsHolding { get; private set; }

    /// <summary>Receives one batch, unless one is held, and steps it as soon as it may be.</summary>
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

    /// <summary>Datagrams that were not believed or not understood, by reason.</summary>
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
        // Until the queue is empty the kernel drops every new one (NETLINK_S_CONGESTED): what was told of events until then may be lost.
        var isOverrun = _taken.Overrun || (_isCongested && _taken.SawEmpty);
        _isCongested = _taken.Overrun || (_isCongested && !_taken.SawEmpty);
        if (isOverrun || isCut)
            pipeline.UdevLost(now, isOverrun);
    }

    // False if it was one of udevd's that did not fit.
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
