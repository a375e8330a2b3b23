using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Tmds.Linux;
using UeventManager.Udev;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// Answers udevd's workers that wait at a gate. Each asks with the SEQNUM of its event and gets an answer once the daemon has announced that event,
/// or after <see cref="Longest"/>. Only a limited number may wait, because a waiting worker processes no other event.
/// </summary>
internal sealed class BlockedWorkers : IDisposable
{
    /// <summary>The longest time that a worker waits.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>The answer for a complete device.</summary>
    public const string Complete = "settled";

    private const int LineBytes = 64;
    private const int Backlog = 64;

    private readonly Socket _listener;
    private readonly Dictionary<long, OneEvent> _waiting = [];
    private readonly Func<long, bool?> _isSettled;
    private readonly int _most;
    private readonly TimeSpan _longest;
    private readonly Lock _gate;
    private int _workers;
    private bool _isOpen;

    /// <summary>Starts to listen.</summary>
    /// <param name="path">The path of the socket.</param>
    /// <param name="most">The number of workers that may wait at once.</param>
    /// <param name="gate">The lock that is held during <paramref name="isSettled"/> and <see cref="Tell"/>.</param>
    /// <param name="isSettled">Tells whether an event was announced settled; null if it has not been announced.</param>
    /// <param name="longest">The longest wait; null for <see cref="Longest"/>.</param>
    /// <exception cref="IOException">The socket cannot be created.</exception>
    public BlockedWorkers(string path, int most, Lock gate, Func<long, bool?> isSettled, TimeSpan? longest = null)
    {
        (_most, _gate, _isSettled, _longest) = (most, gate, isSettled, longest ?? Longest);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new IOException($"{Path.GetDirectoryName(path)}: no such directory (systemctl start uevent-manager creates it; or use mkdir, or name another --gate)");
        _listener = UdevControl.ListenAt(path, LibC.SOCK_STREAM, Backlog);
    }

    /// <summary>The number of workers that wait now.</summary>
    public int Waiting => Volatile.Read(ref _workers);

    /// <summary>The number of workers that were let through, after the longest wait or beyond the limit.</summary>
    public long GaveUp { get; private set; }

    /// <summary>The number of workers that waited until their device was complete.</summary>
    public long Held { get; private set; }

    /// <summary>The number of workers that may wait: a third of udevd's default limit (<c>children_max</c>, udevd.conf(5)).</summary>
    /// <param name="processors">The machine's processors.</param>
    /// <param name="memoryBytes">The machine's memory, without limits of this process.</param>
    public static int Most(int processors, long memoryBytes) => (int)Math.Max(1, Math.Min((2 * processors) + 16, memoryBytes / (128L << 20)) / 3);

    /// <summary>Sets whether workers may wait; they may not without a daemon.</summary>
    public void Open(bool isOpen)
    {
        lock (_gate)
        {
            _isOpen = isOpen;
            if (isOpen)
                return;
            foreach (OneEvent one in _waiting.Values)
                one.Answer.TrySetResult(false);
        }
    }

    /// <summary>Answers the workers that wait for an event which the daemon has announced.</summary>
    public void Tell(long seqnum, bool isSettled)
    {
        if (_waiting.TryGetValue(seqnum, out OneEvent? one))
            one.Answer.TrySetResult(isSettled);
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task ServeAsync(CancellationToken cancel)
    {
        while (true)
        {
            Socket worker = await UdevControl.AcceptAsync(_listener, cancel).ConfigureAwait(false);
            _ = AnswerAsync(worker, cancel);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task AnswerAsync(Socket worker, CancellationToken cancel)
    {
        using (worker)
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                patience.CancelAfter(_longest);
                var line = new byte[LineBytes];
                int length = await worker.ReceiveAsync(line, patience.Token).ConfigureAwait(false);
                bool isSettled = long.TryParse(line.AsSpan(0, length).TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out long seqnum)
                    && await WaitAsync(seqnum, patience.Token).ConfigureAwait(false);
                await worker.SendAsync(Encoding.ASCII.GetBytes(isSettled ? Complete : "open"), cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The worker gets no answer and continues.
            }
        }
    }

    private async Task<bool> WaitAsync(long seqnum, CancellationToken cancel)
    {
        OneEvent? one;
        lock (_gate)
        {
            if (_isSettled(seqnum) is { } known)
                return known;
            if (!_isOpen || _workers >= _most)
            {
                GaveUp++;
                return false;
            }
            if (!_waiting.TryGetValue(seqnum, out one))
                _waiting[seqnum] = one = new OneEvent();
            one.Workers++;
            _workers++;
        }
        bool isSettled = false;
        try
        {
            return isSettled = await one.Answer.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            lock (_gate)
            {
                _workers--;
                if (--one.Workers == 0)
                    _waiting.Remove(seqnum);
                (Held, GaveUp) = isSettled ? (Held + 1, GaveUp) : (Held, GaveUp + 1);
            }
        }
    }

    // Several workers may ask for one event, because an administrator's rule may run the program too.
    private sealed class OneEvent
    {
        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Workers { get; set; }
    }
}
