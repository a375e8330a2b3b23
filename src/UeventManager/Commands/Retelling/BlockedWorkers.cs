using System.Globalization;
using System.Net.Sockets;
using System.Text;

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
    private const int Waiting = 64;

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Dictionary<long, TaskCompletionSource<bool>> _waiting = [];
    private readonly Func<long, bool?> _isSettled;
    private readonly int _most;
    private readonly Lock _gate;
    private bool _isOpen;

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The socket's.</param>
    /// <param name="most">Workers that may wait at once.</param>
    /// <param name="gate">Held while <paramref name="isSettled"/> is called and while <see cref="Tell"/> is.</param>
    /// <param name="isSettled">Whether an event was announced already, and complete.</param>
    public BlockedWorkers(string path, int most, Lock gate, Func<long, bool?> isSettled)
    {
        (_most, _gate, _isSettled) = (most, gate, isSettled);
        File.Delete(path);
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e)
        {
            throw new IOException($"{path}: {e.Message} (its directory must be there, and root's to write)", e);
        }
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen(Waiting);
    }

    /// <summary>Workers that were let through because they had waited long enough, or too many waited.</summary>
    public long GaveUp { get; private set; }

    /// <summary>Workers that waited until their device was complete.</summary>
    public long Held { get; private set; }

    /// <summary>How many may wait: a third of the workers that udevd has at most (children_max of its manual).</summary>
    public static int Most()
    {
        long byMemory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (128L << 20);
        return (int)Math.Max(1, Math.Min((2 * Environment.ProcessorCount) + 16, byMemory) / 3);
    }

    /// <summary>Whether workers may wait: without a daemon none may.</summary>
    public void Open(bool isOpen)
    {
        lock (_gate)
        {
            _isOpen = isOpen;
            if (isOpen)
                return;
            foreach (TaskCompletionSource<bool> one in _waiting.Values)
                one.TrySetResult(false);
        }
    }

    /// <summary>The daemon has announced an event.</summary>
    public void Tell(long seqnum, bool isSettled)
    {
        if (_waiting.Remove(seqnum, out TaskCompletionSource<bool>? one))
            one.TrySetResult(isSettled);
    }

    /// <summary>Serves until it is cancelled.</summary>
    public async Task ServeAsync(CancellationToken cancel)
    {
        while (true)
        {
            Socket worker = await _listener.AcceptAsync(cancel).ConfigureAwait(false);
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
                patience.CancelAfter(Longest);
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
        TaskCompletionSource<bool> one;
        lock (_gate)
        {
            if (_isSettled(seqnum) is { } known)
                return known;
            if (!_isOpen || _waiting.Count >= _most)
            {
                GaveUp++;
                return false;
            }
            _waiting[seqnum] = one = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        try
        {
            bool isSettled = await one.Task.WaitAsync(cancel).ConfigureAwait(false);
            Held += isSettled ? 1 : 0;
            return isSettled;
        }
        catch (OperationCanceledException)
        {
            GaveUp++;
            return false;
        }
        finally
        {
            lock (_gate)
                _waiting.Remove(seqnum);
        }
    }
}
