using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Tmds.Linux;
using UeventManager.Udev;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// Answers the workers of udevd that wait at a gate: each asks by the number of its event, and is told once the daemon has announced that, or after
/// <see cref="Longest"/>. Only so many may wait, because no other event is worked on by a worker that does.
/// </summary>
internal sealed class BlockedWorkers : IDisposable
{
    /// <summary>How long a worker waits at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>What says that the device is complete.</summary>
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

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The socket's.</param>
    /// <param name="most">Workers that may wait at once.</param>
    /// <param name="gate">Held while <paramref name="isSettled"/> is called and while <see cref="Tell"/> is.</param>
    /// <param name="isSettled">Whether an event was announced already, and complete.</param>
    /// <param name="longest">How long one waits; null for <see cref="Longest"/>.</param>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public BlockedWorkers(string path, int most, Lock gate, Func<long, bool?> isSettled, TimeSpan? longest = null)
    {
        (_most, _gate, _isSettled, _longest) = (most, gate, isSettled, longest ?? Longest);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new IOException($"{Path.GetDirectoryName(path)}: no such directory (systemctl start uevent-manager makes it, or: mkdir, or name another --gate)");
        _listener = UdevControl.ListenAt(path, LibC.SOCK_STREAM, Backlog);
    }

    /// <summary>Workers that wait now.</summary>
    public int Waiting => Volatile.Read(ref _workers);

    /// <summary>Workers that were let through because they had waited long enough, or too many waited.</summary>
    public long GaveUp { get; private set; }

    /// <summary>Workers that waited until their device was complete.</summary>
    public long Held { get; private set; }

    /// <summary>How many may wait: a third of the workers that udevd has at most (<c>children_max</c>, udevd.conf(5)).</summary>
    /// <param name="processors">The machine's processors.</param>
    /// <param name="memoryBytes">The machine's memory, whatever this process may use of it.</param>
    public static int Most(int processors, long memoryBytes) => (int)Math.Max(1, Math.Min((2 * processors) + 16, memoryBytes / (128L << 20)) / 3);

    /// <summary>Whether workers may wait: without a daemon none may.</summary>
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

    /// <summary>The daemon has announced an event.</summary>
    public void Tell(long seqnum, bool isSettled)
    {
        if (_waiting.TryGetValue(seqnum, out OneEvent? one))
            one.Answer.TrySetResult(isSettled);
    }

    /// <summary>Serves until it is cancelled.</summary>
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
                // It gets no answer, and goes on.
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

    // More than one worker may ask for it: a rule of an administrator's may run the program too.
    private sealed class OneEvent
    {
        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Workers { get; set; }
    }
}
