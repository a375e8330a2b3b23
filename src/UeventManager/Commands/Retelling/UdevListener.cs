using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Netlink;

namespace UeventManager.Commands.Retelling;

/// <summary>Receives udevd's broadcasts on a thread of its own, because the time of arrival matters.</summary>
internal sealed class UdevListener : IDisposable
{
    private const int PatienceMsec = 200;

    private readonly UeventSocket _socket = UeventSocket.Open(UeventGroup.Udev, UeventGroup.Udev.ReceiveBuffer);
    private readonly Thread _thread;
    private volatile bool _ended;

    /// <summary>Starts to listen.</summary>
    /// <param name="heard">Called on its thread with each broadcast.</param>
    /// <param name="lost">Called on its thread when broadcasts were lost or unreadable.</param>
    /// <param name="failed">Called on its thread when it cannot go on.</param>
    public UdevListener(Action<UdevBroadcast> heard, Action lost, Action<Exception> failed)
    {
        _thread = new Thread(() =>
        {
            try
            {
                Run(heard, lost);
            }
            catch (SystemCallException e)
            {
                failed(e);
            }
        })
        { IsBackground = true, Name = "udev" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Run(Action<UdevBroadcast> heard, Action lost)
    {
        while (!_ended)
        {
            SocketWait.Readable(_socket.Descriptor, PatienceMsec);
            // Every message read before the queue is empty again may have arrived as early as now.
            long now = Monotonic.NowUsec;
            ReceiveResult taken;
            do
            {
                taken = _socket.Receive();
                bool isLost = taken.Overrun;
                for (int i = 0; i < taken.Received; i++)
                    isLost |= !Hear(_socket[i], now, heard);
                if (isLost)
                    lost();
            }
            while (!taken.SawEmpty && !_ended);
        }
    }

    // False if it was a truncated message of udevd's. Other senders are ignored.
    private static bool Hear(Datagram datagram, long now, Action<UdevBroadcast> heard)
    {
        if (datagram.Rejection != DatagramRejection.None)
            return datagram.Rejection != DatagramRejection.Truncated;
        if (UdevMessageParser.TryParse(datagram.Data, out UdevMessage message) == UdevRejection.None && UdevBroadcast.Of(message, now) is { } one)
            heard(one);
        return true;
    }
}
