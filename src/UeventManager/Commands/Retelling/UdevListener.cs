using Tmds.Linux;
using UeventManager.Daemon;
using UeventManager.Netlink;

namespace UeventManager.Commands.Retelling;

/// <summary>Hears what udevd tells every program, on a thread of its own: when something came matters.</summary>
internal sealed class UdevListener : IDisposable
{
    private const int ReceiveBytes = 16 << 20;
    private const int PatienceMsec = 200;

    private readonly BroadcastSocket _socket = BroadcastSocket.Open(BroadcastSocket.UdevGroups, ReceiveBytes);
    private readonly Thread _thread;
    private volatile bool _ended;

    /// <summary>Begins to listen.</summary>
    /// <param name="heard">Called on its thread with each broadcast.</param>
    /// <param name="lost">Called on its thread when some were lost.</param>
    public UdevListener(Action<UdevBroadcast> heard, Action lost)
    {
        _thread = new Thread(() => Run(heard, lost)) { IsBackground = true, Name = "udev" };
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
            _socket.Wait(PatienceMsec);
            // All that is read before the queue is empty again may have come as early as this.
            long now = Monotonic.NowUsec;
            while (_socket.TryReceive(out ReadOnlySpan<byte> message) is var error && error != LibC.EAGAIN && !_ended)
            {
                if (error == LibC.ENOBUFS)
                    lost();
                else if (error == 0 && UdevBroadcast.Parse(message, now) is { } one)
                    heard(one);
            }
        }
    }
}
