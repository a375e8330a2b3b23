using System.Diagnostics;

namespace UeventManager.Varlink;

/// <summary>
/// Schedules the connections: those with work wait in a queue, and the thread serves them for a bounded time between other tasks. Uids take turns,
/// and so do the connections of a uid, so that many connections get no more time than one. Privileged clients come first, and get half of a turn if
/// others wait too. Not thread-safe.
/// </summary>
internal sealed class VarlinkTurns
{
    /// <summary>The time of a turn of all connections, in microseconds. The last step may exceed it.</summary>
    public const long TurnUsec = 1000;

    /// <summary>The time of a connection before the next one's turn, in microseconds.</summary>
    public const long StepUsec = 200;

    /// <summary>The calls of a connection that are answered before the next one's turn.</summary>
    public const int CallsPerTurn = 4;

    private readonly Func<PeerCredentials, bool> _isPrivileged;
    private readonly Dictionary<uint, Share> _shares = [];
    private readonly Queue<Share> _first = new();
    private readonly Queue<Share> _others = new();

    internal VarlinkTurns(Func<PeerCredentials, bool> isPrivileged) => _isPrivileged = isPrivileged;

    /// <summary>True while a connection waits for a turn: then call <see cref="Run"/> again without waiting for a socket.</summary>
    public bool HasWork => _first.Count + _others.Count > 0;

    /// <summary>The number of connections closed because serving them threw an exception.</summary>
    public long Failures { get; private set; }

    /// <summary>Called with an exception from serving a connection, and its client; null if the client is unknown.</summary>
    public Action<PeerCredentials?, Exception>? Failed { get; set; }

    internal static long NowUsec => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    /// <summary>Serves the waiting connections, for at most about <see cref="TurnUsec"/>.</summary>
    public void Run()
    {
        if (!HasWork)
            return;
        long now = NowUsec;
        long end = now + TurnUsec;
        Pay(_first, _others.Count > 0 ? TurnUsec / 2 : TurnUsec);
        Pay(_others, _first.Count > 0 ? TurnUsec / 2 : TurnUsec);
        now = Serve(_first, now, _others.Count > 0 ? now + (TurnUsec / 2) : end);
        now = Serve(_others, now, end);
        // Use the time that the others did not need.
        Serve(_first, now, end);
    }

    internal void Ask(VarlinkConnection connection)
    {
        uint uid = connection.Peer.Uid;
        if (!_shares.TryGetValue(uid, out Share? share))
        {
            Queue<Share> queue = _isPrivileged(connection.Peer) ? _first : _others;
            _shares[uid] = share = new Share(uid);
            queue.Enqueue(share);
        }
        share.Connections.Enqueue(connection);
    }

    internal void CountFailure(PeerCredentials? peer, Exception e)
    {
        Failures++;
        Failed?.Invoke(peer, e);
    }

    // A step that took too long reduces the time of the following turns.
    private static void Pay(Queue<Share> queue, long usec)
    {
        foreach (Share share in queue)
            share.CreditUsec = Math.Min(TurnUsec, share.CreditUsec + Math.Max(1, usec / queue.Count));
    }

    private long Serve(Queue<Share> queue, long now, long end)
    {
        for (int poor = 0; queue.Count > poor && now < end;)
        {
            Share share = queue.Dequeue();
            if (share.CreditUsec <= 0)
            {
                poor++;
                queue.Enqueue(share);
                continue;
            }
            poor = 0;
            VarlinkConnection connection = share.Connections.Dequeue();
            if (connection.TakeTurn(now + StepUsec))
                share.Connections.Enqueue(connection);
            long before = now;
            now = NowUsec;
            share.CreditUsec -= now - before;
            if (share.Connections.Count > 0)
                queue.Enqueue(share);
            else
                _shares.Remove(share.Uid);
        }
        return now;
    }

    private sealed class Share(uint uid)
    {
        public uint Uid { get; } = uid;

        public Queue<VarlinkConnection> Connections { get; } = new();

        public long CreditUsec { get; set; } = 1;
    }
}
